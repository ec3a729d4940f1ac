//! Owns the step from a value as written to a value of its real type. What it says about a bad value
//! is fixed text, so that no value can slip into an error.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use domain::secret::Secret;
use ipnet::IpNet;
use rustls::pki_types::DnsName;

use super::layers::{Entry, Raw};
use super::origin::Origin;

/// What is wrong with a value or with entries of a list, and where.
pub(super) type Complaints = Vec<(Origin, &'static str)>;

/// A type that a value may become.
pub(super) trait FromEntry: Sized {
    /// The value, or at least one complaint.
    fn from_entry(entry: &Entry, complaints: &mut Complaints) -> Option<Self>;
}

/// A type that is written as text.
pub(super) trait FromText: Sized {
    /// The value, or what is wrong with the text.
    fn from_text(text: &str) -> Result<Self, &'static str>;
}

impl<T: FromText> FromEntry for T {
    fn from_entry(entry: &Entry, complaints: &mut Complaints) -> Option<Self> {
        let parsed = match &entry.raw {
            Raw::Text(text) if text.is_empty() => Err("is empty"),
            Raw::Text(text) => T::from_text(text.expose()),
            _ => Err("must be text"),
        };
        note(parsed, entry, complaints)
    }
}

impl<T: FromText> FromEntry for Vec<T> {
    fn from_entry(entry: &Entry, complaints: &mut Complaints) -> Option<Self> {
        let Raw::List(items) = &entry.raw else {
            return note(Err("must be a list"), entry, complaints);
        };
        let before = complaints.len();
        let list = items.iter().filter_map(|item| T::from_entry(item, complaints)).collect();
        (complaints.len() == before).then_some(list)
    }
}

impl FromEntry for bool {
    fn from_entry(entry: &Entry, complaints: &mut Complaints) -> Option<Self> {
        match entry.raw {
            Raw::Bool(truth) => Some(truth),
            _ => note(Err("must be true or false, without quotes"), entry, complaints),
        }
    }
}

impl FromEntry for i64 {
    fn from_entry(entry: &Entry, complaints: &mut Complaints) -> Option<Self> {
        match entry.raw {
            Raw::Whole(number) => Some(number),
            _ => note(Err("must be a whole number, without quotes"), entry, complaints),
        }
    }
}

fn note<T>(parsed: Result<T, &'static str>, entry: &Entry, complaints: &mut Complaints) -> Option<T> {
    parsed.map_err(|complaint| complaints.push((entry.origin.clone(), complaint))).ok()
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| match text.parse::<IpAddr>() {
            Ok(_) => "lacks the port",
            Err(_) => "is no address with a port (host names are not looked up)",
        })
    }
}

impl FromText for IpNet {
    /// A bare address is the network of that address alone; bits beyond the prefix are cleared.
    fn from_text(text: &str) -> Result<Self, &'static str> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::from(address));
        }
        let network = text.parse::<Self>().map_err(|_| "is no network")?;
        Ok(network.trunc())
    }
}

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        plain(text).map(Self::from)
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        plain(text).map(Self::from)
    }
}

impl FromText for DnsName<'static> {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        Self::try_from(text.to_owned()).map_err(|_| "is no DNS name")
    }
}

impl FromText for Secret {
    fn from_text(text: &str) -> Result<Self, &'static str> {
        plain(text).map(Self::new)
    }
}

fn plain(text: &str) -> Result<&str, &'static str> {
    if text.chars().any(char::is_control) {
        return Err("holds control characters or more than one line");
    }
    Ok(text)
}
