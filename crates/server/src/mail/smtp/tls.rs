//! The TLS side of a relay. Owns the connector, built once per relay.

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::mail::error::{MailError, Place};
use crate::mail::relay::Relay;
use crate::tls::peer::{Peer, TlsError, Trust};

/// A kept connector for one relay. Cloning shares it, and with it the session cache.
#[derive(Clone)]
pub struct Tls(Trust);

impl Tls {
    /// Trusts the system's authorities and those of the relay's `ca_file`. Reads files: call it
    /// when starting, not between two messages.
    pub fn new(relay: &Relay) -> Result<Self, MailError> {
        Ok(Self(Trust::new(relay.ca_file.as_deref())?))
    }

    /// Shakes hands within the relay's limit.
    pub(super) async fn shake_hands(
        &self,
        relay: &Relay,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, MailError> {
        let peer = Peer { host: relay.bare_host(), port: relay.port };
        Ok(self.0.shake_hands(peer, socket, relay.limits.tls).await?)
    }
}

impl From<TlsError> for MailError {
    fn from(error: TlsError) -> Self {
        let error = match error {
            TlsError::Lost(what) => Self::try_later(what),
            TlsError::Misconfigured(what) => Self::misconfigured(what),
        };
        error.at(Place::Tls)
    }
}
