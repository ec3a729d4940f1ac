//! Where a request comes from, as every door hands it on.

use std::net::IpAddr;

/// A request's name and the address behind it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request's name in log and audit.
    pub request_id: String,
    /// Address of the client, proxies followed as far as they are trusted.
    pub address: IpAddr,
}
