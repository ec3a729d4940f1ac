//! Addresses that people are sent on to, and the list of those that are allowed: compared part by
//! part, never as text. What a browser could read in another way is no address here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest address, in octets.
const MAX_OCTETS: usize = 1024;

/// The longest text that an application gets back as it gave it.
pub const MAX_STATE_CHARS: usize = 256;

/// The beginning of addresses that are allowed: scheme, host and port exactly, and the path up to the
/// end of one of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPrefix {
    text: String,
    place: Place,
}

/// An address that somebody asks to be sent on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo {
    text: String,
    place: Place,
}

/// Why a text is not such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReturnTo {
    /// A blank, a control character, anything beyond ASCII, `\` or `#`.
    #[error("a return address has no blanks, no backslash, no #, and nothing beyond ASCII")]
    Character,
    /// Not `https`, or `http` to another machine.
    #[error(
        "a return address begins with https://, or with http:// for this machine alone (localhost, 127.0.0.1, [::1])"
    )]
    Scheme,
    /// No host, or a name before it.
    #[error("a return address has a host name or an address and, if need be, a port, and no name before it")]
    Host,
    /// A path that browsers would shorten, or with a hidden slash.
    #[error("the path of a return address has no parts . or .., also not written as %2e, and no %2f or %5c")]
    Path,
    /// A question mark in the list.
    #[error("a return address in the list of a theme ends with its path: no ? in it")]
    Query,
    /// Longer than 1,024 octets.
    #[error("a return address has at most 1024 characters")]
    Length,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// `https://host:port`, the port always said.
    origin: String,
    /// Begins with a slash.
    path: String,
    query: Option<String>,
}

impl ReturnPrefix {
    /// Reads an entry of the list.
    pub fn parse(text: &str) -> Result<Self, InvalidReturnTo> {
        let place = Place::parse(text)?;
        if place.query.is_some() {
            return Err(InvalidReturnTo::Query);
        }
        Ok(Self { text: text.to_owned(), place })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether an address begins so. `/app` covers `/app` and `/app/x`, never `/apple`.
    pub(super) fn covers(&self, to: &ReturnTo) -> bool {
        let (own, path) = (self.place.path.as_str(), to.place.path.as_str());
        let is_below = |rest: &str| rest.is_empty() || own.ends_with('/') || rest.starts_with('/');
        self.place.origin == to.place.origin && path.strip_prefix(own).is_some_and(is_below)
    }
}

impl ReturnTo {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, InvalidReturnTo> {
        Ok(Self { text: text.to_owned(), place: Place::parse(text)? })
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, the port always said: `https://app.example.org:443`.
    pub fn origin(&self) -> &str {
        &self.place.origin
    }

    /// Host and port as they were given, to show to people.
    pub fn host(&self) -> &str {
        let rest = self.text.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
    }

    /// The address with further parameters at its end. Values are escaped.
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut between = if self.place.query.is_some() { '&' } else { '?' };
        let mut address = self.text.clone();
        for (name, value) in parameters {
            address.push(between);
            address.push_str(name);
            address.push('=');
            address.push_str(&encoded(value));
            between = '&';
        }
        address
    }
}

impl Place {
    fn parse(text: &str) -> Result<Self, InvalidReturnTo> {
        if text.len() > MAX_OCTETS {
            return Err(InvalidReturnTo::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['\\', '#']) {
            return Err(InvalidReturnTo::Character);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidReturnTo::Scheme)?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query.to_owned())));
        let (host, port) = split_authority(authority).ok_or(InvalidReturnTo::Host)?;
        let standard = match scheme {
            "https" => 443,
            "http" if is_this_machine(&host) => 80,
            _ => return Err(InvalidReturnTo::Scheme),
        };
        if !is_settled(path) {
            return Err(InvalidReturnTo::Path);
        }
        let path = if path.is_empty() { "/" } else { path };
        let origin = format!("{scheme}://{host}:{}", port.unwrap_or(standard));
        Ok(Self { origin, path: path.to_owned(), query })
    }
}

/// Host and port, the host in one form.
fn split_authority(authority: &str) -> Option<(String, Option<u16>)> {
    let port =
        |text: &str| text.parse().ok().filter(|port| *port > 0 && text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port = if rest.is_empty() { None } else { Some(port(rest.strip_prefix(':')?)?) };
        return Some((format!("[{address}]"), port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, number)) => (host, Some(port(number)?)),
        None => (authority, None),
    };
    let host = host.to_ascii_lowercase();
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_plain && !label.is_empty() && !label.starts_with('-')
    };
    host.split('.').all(is_label).then_some((host, port))
}

/// What is sent there in clear never leaves the machine.
fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}

/// Whether everybody reads the path alike.
fn is_settled(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".");
    !plain.contains("%2f") && !plain.contains("%5c") && !plain.split('/').any(|part| part == "." || part == "..")
}

/// A text as the value of a parameter in an address.
pub fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
