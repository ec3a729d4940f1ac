//! Where a request comes from, as every door hands it on.

use std::net::IpAddr;

/// A request's name and the address behind it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request's name in log and audit.
    pub request_id: String,
    /// Address of the client, proxies followed as far as they are trusted. None where they said nothing that can be
    /// read: an unknown address is in no network.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// The address as the audit has it; empty where it is unknown.
    pub fn place(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }
}
