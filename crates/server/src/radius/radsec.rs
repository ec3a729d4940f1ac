//! RADIUS over TLS (RFC 6614): whoever holds the certificate of a client speaks for that client.
//!
//! Strangers get as far as the handshake, which is short and has places of its own, so that they cannot
//! take those of clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use super::clients::Client;
use super::connection::{Connection, OVER};
use super::dropped::Dropped;
use super::shared::{Arrival, Shared, report};
use crate::stop::Stop;
use crate::tls::door::Credentials;

/// One port.
pub(super) struct Port {
    shared: Arc<Shared>,
    listener: TcpListener,
    door: Door,
}

/// Who gets in.
#[derive(Clone)]
struct Door {
    tls: Arc<Credentials>,
    handshakes: Arc<Semaphore>,
}

/// Somebody who got in.
struct Guest {
    client: Arc<Client>,
    stream: TlsStream<TcpStream>,
    _place: OwnedSemaphorePermit,
}

impl Port {
    pub(super) fn new(shared: Arc<Shared>, listener: TcpListener, tls: Arc<Credentials>) -> Self {
        Self { shared, listener, door: Door { tls, handshakes: Arc::new(Semaphore::new(MOST_HANDSHAKES)) } }
    }

    /// Takes connections until told to stop, then lets what is in work finish.
    pub(super) async fn listen(self, mut stop: Stop) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.requested() => break,
            };
            while let Some(ended) = connections.try_join_next() {
                report(&ended);
            }
            let Ok((stream, peer)) = accepted else {
                // Out of descriptors, most likely: the next ones get a chance after a moment.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let source = SocketAddr::new(peer.ip().to_canonical(), peer.port());
            connections.spawn(welcome(Arc::clone(&self.shared), self.door.clone(), stream, source, stop.clone()));
        }
        drop(self.listener);
        while let Some(ended) = connections.join_next().await {
            report(&ended);
        }
    }
}

async fn welcome(shared: Arc<Shared>, door: Door, stream: TcpStream, source: SocketAddr, stop: Stop) {
    match door.admit(&shared, stream, source).await {
        Ok(Guest { client, stream, _place }) => {
            tracing::info!(client = client.name, %source, "RadSec: connected");
            Connection { shared, client, source }.run(stream, stop).await;
        }
        Err(dropped) => shared.note(Arrival { source, over: OVER, octets: &[] }, None, dropped),
    }
}

impl Door {
    async fn admit(&self, shared: &Shared, stream: TcpStream, source: SocketAddr) -> Result<Guest, Dropped> {
        let _handshake = self.handshakes.try_acquire().map_err(|_| Dropped::Busy)?;
        // Small packets that somebody waits for; without this each waits for the one before.
        stream.set_nodelay(true).map_err(|_| Dropped::Handshake)?;
        let shaken = tokio::time::timeout(HANDSHAKE, self.tls.acceptor().accept(stream)).await;
        let stream = shaken.map_err(|_| Dropped::Handshake)?.map_err(|error| {
            tracing::debug!(%source, %error, "RadSec: handshake failed");
            Dropped::Handshake
        })?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or(Dropped::Handshake)?;
        let client = shared.clients.find_holder(certificate, source.ip()).ok_or(Dropped::UnknownCertificate)?;
        let place = client.connection().ok_or(Dropped::Busy)?;
        Ok(Guest { client: Arc::clone(client), stream, _place: place })
    }
}

/// From the connection to the end of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Handshakes at the same time, those of strangers included.
const MOST_HANDSHAKES: usize = 128;
