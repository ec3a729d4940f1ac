//! One server of a directory, and how the way to it is protected.

use std::net::IpAddr;

use crate::host::is_host;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host name or address, without brackets. The certificate must carry exactly this name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the way there is protected.
    pub security: Security,
}

/// How the way to a server is protected. There is no "if offered".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first octet.
    Implicit,
    /// Nothing: to this machine, or with consent.
    Plaintext,
    /// StartTLS, required before anything else is said.
    StartTls,
}

impl Server {
    /// Reads `ldaps://host` or `ldap://host:port`.
    pub fn parse(url: &str, starts_tls: bool) -> Result<Self, String> {
        let wrong = || format!("ldaps://HOST[:PORT] or ldap://HOST[:PORT] is needed, got '{}'", url.escape_debug());
        let (scheme, rest) = url.trim().split_once("://").ok_or_else(wrong)?;
        let security = match (scheme.to_ascii_lowercase().as_str(), starts_tls) {
            ("ldaps", _) => Security::Implicit,
            ("ldap", true) => Security::StartTls,
            ("ldap", false) => Security::Plaintext,
            _ => return Err(wrong()),
        };
        let usual = if security == Security::Implicit { 636 } else { 389 };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(rest).ok_or_else(wrong)?;
        let port = match port {
            Some(text) => text.parse().ok().filter(|&port: &u16| port > 0).ok_or_else(wrong)?,
            None => usual,
        };
        if is_host(host) { Ok(Self { host: host.to_owned(), port, security }) } else { Err(wrong()) }
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        let address: Option<IpAddr> = self.host.parse().ok();
        self.host.eq_ignore_ascii_case("localhost") || address.is_some_and(|ip| ip.to_canonical().is_loopback())
    }
}

/// Host and port; an address of IPv6 stands in brackets.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest {
            "" => Some((host, None)),
            _ => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    match text.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((text, None)),
    }
}
