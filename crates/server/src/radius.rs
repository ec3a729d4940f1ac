//! RADIUS: network gear asks whether somebody may come in. The way of a packet:
//!
//! `listener` takes it from a UDP socket, `radsec` and `connection` from a TLS stream; `intake` says whether it
//! is to be believed, `duplicates` whether it has come before by UDP, `admission` whether there is room. `shared`
//! has `exchange` turn it into an attempt and the verdict into a reply, with `method` and `proof` for what it
//! brings, `told` for what it says of the person's device, and `spoken` for what is said in return; and it shows a
//! `sighting` to who watches.
//!
//! Whatever cannot be believed is met with silence, and so is every failure of ours: the client then asks
//! its next server.

mod admission;
mod clients;
mod connection;
pub mod doctor;
mod dropped;
mod duplicates;
mod exchange;
mod intake;
mod listener;
mod method;
pub mod probe;
mod proof;
mod radsec;
mod shared;
pub mod sighting;
mod socket;
mod spoken;
mod told;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

use self::clients::Clients;
use self::listener::Listener;
use self::radsec::Port;
use self::shared::Shared;
use crate::app::App;
use crate::config;
use crate::stop::Stop;
use crate::tls::door::Credentials;

/// Open sockets and who may speak to them, not answering yet.
pub struct Door {
    sockets: Vec<UdpSocket>,
    radsec: Option<(Vec<TcpListener>, Arc<Credentials>)>,
    clients: Clients,
}

/// How long an answer may take, and how long a refusal is held back, so that guessing takes time. No packet waits
/// for another's.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the packet to its verdict; after that nobody is answered, and the place is free again.
    pub answer_within: Duration,
    /// From the verdict to the Access-Reject.
    pub reject_after: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { answer_within: Duration::from_secs(8), reject_after: Duration::from_secs(1) }
    }
}

/// Opens every socket of the configuration; the error names the address.
pub fn open(config: &config::Radius) -> Result<Door, (SocketAddr, std::io::Error)> {
    let open = |address: &SocketAddr| socket::open(*address).map_err(|source| (*address, source));
    let sockets = config.listen.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    Ok(Door { sockets, radsec: None, clients: Clients::new(&config.clients) })
}

impl Door {
    /// The same with `RadSec` at these addresses, open now; the error names the address.
    pub async fn with_radsec(
        self,
        listen: &[SocketAddr],
        credentials: Arc<Credentials>,
    ) -> Result<Self, (SocketAddr, std::io::Error)> {
        let mut listeners = Vec::new();
        for address in listen {
            listeners.push(TcpListener::bind(address).await.map_err(|source| (*address, source))?);
        }
        Ok(Self { radsec: Some((listeners, credentials)), ..self })
    }

    /// Where the sockets listen.
    pub fn addresses(&self) -> std::io::Result<Vec<SocketAddr>> {
        self.sockets.iter().map(UdpSocket::local_addr).collect()
    }

    /// Where `RadSec` listens.
    pub fn radsec_addresses(&self) -> std::io::Result<Vec<SocketAddr>> {
        let listeners = self.radsec.iter().flat_map(|(listeners, _)| listeners);
        listeners.map(TcpListener::local_addr).collect()
    }

    /// What `RadSec` shows.
    pub fn credentials(&self) -> Option<&Arc<Credentials>> {
        self.radsec.as_ref().map(|(_, credentials)| credentials)
    }

    /// Answers until told to stop, then finishes what is under way.
    pub async fn serve(self, app: App, pace: Pace, stop: Stop) {
        if !self.sockets.is_empty() || self.radsec.is_some() {
            self.clients.warn();
        }
        let shared = Arc::new(Shared::new(app, self.clients, pace));
        let mut listeners = JoinSet::new();
        for (number, socket) in self.sockets.into_iter().enumerate() {
            let listener = Listener::new(Arc::clone(&shared), socket, number);
            listeners.spawn(listener.listen(stop.clone()));
        }
        if let Some((streams, tls)) = self.radsec {
            for stream in streams {
                listeners.spawn(Port::new(Arc::clone(&shared), stream, Arc::clone(&tls)).listen(stop.clone()));
            }
        }
        while listeners.join_next().await.is_some() {}
    }
}
