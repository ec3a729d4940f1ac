//! Who sends this, and is it to be believed? From a datagram to a verified request of a known client, or
//! to the reason why not.

use std::net::SocketAddr;
use std::sync::Arc;

use radius_wire::attribute;
use radius_wire::packet::{Code, Packet};
use radius_wire::signature::{self, Signature};

use super::clients::{Client, Clients};
use super::dropped::Dropped;

/// A request that may be worked on.
pub(super) struct Request {
    /// Whose it is.
    pub(super) client: Arc<Client>,
    /// The address it came from, an embedded IPv4 one taken out.
    pub(super) source: SocketAddr,
    /// What it says.
    pub(super) packet: Packet,
    /// False only for old gear that has never signed.
    pub(super) is_signed: bool,
}

/// Takes a datagram in.
pub(super) fn take(clients: &Clients, source: SocketAddr, datagram: &[u8]) -> Result<Request, Dropped> {
    let source = SocketAddr::new(source.ip().to_canonical(), source.port());
    let client = clients.find(source.ip()).ok_or(Dropped::UnknownSource)?;
    let packet = Packet::parse(datagram).map_err(Dropped::Malformed)?;
    if !matches!(packet.code, Code::AccessRequest | Code::StatusServer) {
        return Err(Dropped::NotARequest);
    }
    let is_signed = match signature::check(&packet, client.shared()) {
        Signature::Absent => false,
        Signature::Good => true,
        Signature::Wrong => return Err(Dropped::SecretDiffers),
    };
    if is_signed {
        client.has_signed();
    } else if must_be_signed(client, &packet) {
        return Err(Dropped::Unsigned);
    } else if packet.find(attribute::PROXY_STATE).is_some() {
        return Err(Dropped::ProxiedUnsigned);
    }
    Ok(Request { client: Arc::clone(client), source, packet, is_signed })
}

/// RFC 5997 3 and RFC 3579 3.1 leave no choice for Status-Server and EAP.
fn must_be_signed(client: &Client, packet: &Packet) -> bool {
    client.must_sign() || packet.code == Code::StatusServer || packet.find(attribute::EAP_MESSAGE).is_some()
}
