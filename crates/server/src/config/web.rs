//! Owns host names and the public address.

use std::net::{IpAddr, Ipv6Addr};

use super::parse::FromText;

/// The address people type: scheme, host, port if need be, and a path that does not end in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
}

impl PublicUrl {
    /// The whole address, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, as browsers send it in `Origin`.
    pub fn origin(&self) -> &str {
        let host_at = self.text.find("://").map_or(0, |at| at + 3);
        let path_at = self.text.get(host_at..).and_then(|rest| rest.find('/'));
        path_at.and_then(|at| self.text.get(..host_at + at)).unwrap_or(&self.text)
    }

    /// The host without port, in lower case; IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether people come by HTTPS, so that cookies may insist on it.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }
}

impl FromText for PublicUrl {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("is no web address");
        };
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            _ => return Err("begins neither with http:// nor with https://"),
        };
        let path_at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        if authority.contains('@') {
            return Err("holds a user or a password");
        }
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte)) {
            return Err("holds characters that do not belong into an address, or a query");
        }
        let (host, port) = split_port(authority)?;
        let host = HostName::from_text(host)?.0;
        let port = match port {
            Some(port) if port != default_port => format!(":{port}"),
            _ => String::new(),
        };
        let text = format!("{scheme}://{host}{port}{}", path.trim_end_matches('/'));
        Ok(Self { text, host })
    }
}

/// A host as a Host header may name it: lower case, without port, IPv6 in brackets.
pub(super) struct HostName(pub(super) String);

impl FromText for HostName {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<Ipv6Addr>() {
            return Ok(Self(format!("[{address}]")));
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        let is_name = text.len() <= 253 && text.split('.').all(is_label);
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_name || (is_number && text.parse::<IpAddr>().is_err()) {
            return Err("is no host name and no address (no port here; names outside ASCII as xn--…)");
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Host and port of `host`, `host:port`, `[v6]` and `[v6]:port`.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), &'static str> {
    let port_at = authority.rfind(':').filter(|at| !authority.get(*at..).unwrap_or("").contains(']'));
    let Some((host, port)) = port_at.and_then(|at| authority.split_at_checked(at)) else {
        return Ok((authority, None));
    };
    let port = port.trim_start_matches(':');
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok((host, Some(port))),
        _ => Err("has no valid port"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, &'static str> {
        PublicUrl::from_text(text).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn an_address_is_kept_in_one_form() {
        assert_eq!(url("HTTPS://Otp.Example.org/").as_deref(), Ok("https://otp.example.org"));
        assert_eq!(url("https://otp.example.org:443/otp/").as_deref(), Ok("https://otp.example.org/otp"));
        assert_eq!(url("http://[::1]:8080").as_deref(), Ok("http://[::1]:8080"));
    }

    #[test]
    fn an_origin_holds_no_path() {
        let url = PublicUrl::from_text("https://otp.example.org:8443/otp").ok();
        let url = url.as_ref();
        assert_eq!(url.map(PublicUrl::origin), Some("https://otp.example.org:8443"));
        assert_eq!(url.map(PublicUrl::host), Some("otp.example.org"));
        assert_eq!(url.map(PublicUrl::is_https), Some(true));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "otp.example.org",
            "ftp://a",
            "https://",
            "https://a:0",
            "https://a:b",
            "https://u:p@a",
            "https://a/?q",
            "https://a/#f",
            "https://a b",
            "https://1.2.3",
            "https://::1",
            "https://-a",
        ] {
            assert!(url(text).is_err(), "{text}");
        }
    }
}
