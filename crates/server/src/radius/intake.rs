//! Is it to be believed? From octets of a known client to a verified request, or to the reason why not.

use std::net::SocketAddr;
use std::sync::Arc;

use radius_wire::attribute;
use radius_wire::packet::{Code, Packet};
use radius_wire::signature::{self, Signature};

use super::clients::Client;
use super::dropped::Dropped;
use super::shared::Arrival;

/// A request that may be worked on.
pub(super) struct Request {
    /// Whose it is.
    pub(super) client: Arc<Client>,
    /// The address it came from, an embedded IPv4 one taken out.
    pub(super) source: SocketAddr,
    /// `udp` or `tls`.
    pub(super) over: &'static str,
    /// What it says.
    pub(super) packet: Packet,
    /// False only for old gear that has never signed; what TLS protects counts as signed.
    pub(super) is_signed: bool,
}

impl Request {
    pub(super) fn arrival(&self) -> Arrival<'_> {
        Arrival { source: self.source, over: self.over, octets: self.packet.octets() }
    }
}

/// Takes in what came from a client.
pub(super) fn take(client: &Arc<Client>, arrival: Arrival<'_>) -> Result<Request, Dropped> {
    let packet = Packet::parse(arrival.octets).map_err(Dropped::Malformed)?;
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
    } else if packet.find(attribute::PROXY_STATE).is_some() && !client.is_certified() {
        return Err(Dropped::ProxiedUnsigned);
    }
    let is_signed = is_signed || client.is_certified();
    let Arrival { source, over, .. } = arrival;
    Ok(Request { client: Arc::clone(client), source, over, packet, is_signed })
}

/// RFC 5997 3 and RFC 3579 3.1 leave no choice for Status-Server and EAP.
fn must_be_signed(client: &Client, packet: &Packet) -> bool {
    client.must_sign() || packet.code == Code::StatusServer || packet.find(attribute::EAP_MESSAGE).is_some()
}
