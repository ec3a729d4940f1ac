//! The accept loop: bounded connections, deadlines on headers and on reading answers, TLS, and a stop that lets
//! answers out.

mod shares;
mod steady;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use self::shares::{Share, Shares};
use self::steady::Steady;
use super::head::MOST_OCTETS;
use crate::config::Config;
use crate::stop::Stop;
use crate::tls::door::Credentials;

/// What strangers may use of a listener.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Open connections in all.
    pub connections: usize,
    /// Open connections of one network.
    pub per_address: usize,
    /// Peers whose connections count in the total alone.
    pub proxies: Vec<IpNet>,
    /// How long an answer may wait for its reader to take any of it.
    pub patience: Duration,
}

impl Bounds {
    /// Those of the configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            connections: config.limits.connections,
            per_address: config.limits.per_address,
            proxies: config.http.trusted_proxies.clone(),
            patience: WRITE_DEADLINE,
        }
    }
}

/// Serves `router` on `listener` until told to stop, then waits for the answers under way.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Credentials>>,
    router: Router,
    bounds: Bounds,
    mut stop: Stop,
) {
    let slots = Arc::new(Semaphore::new(bounds.connections));
    let shares = Shares::new(bounds.per_address, &bounds.proxies);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.requested() => break,
        };
        // Finished connections leave the set as new ones come.
        while connections.try_join_next().is_some() {}
        let Ok((stream, peer)) = accepted else {
            // Out of descriptors, most likely: the next ones get a chance after a moment.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
            continue;
        };
        let Some(share) = shares.enter(peer.ip()) else {
            continue;
        };
        let connection = Connection { peer, patience: bounds.patience, _slot: slot, _share: share };
        let tls = tls.as_ref().map(|tls| tls.acceptor());
        connections.spawn(connection.run(stream, tls, router.clone(), stop.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

struct Connection {
    peer: SocketAddr,
    patience: Duration,
    _slot: OwnedSemaphorePermit,
    _share: Share,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, stop: Stop) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        match tls {
            None => self.speak(stream, router, stop).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = tokio::time::timeout(TLS_DEADLINE, tls.accept(stream)).await {
                    self.speak(stream, router, stop).await;
                }
            }
        }
    }

    async fn speak<S>(&self, stream: S, router: Router, mut stop: Stop)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let peer = self.peer;
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        // Without a timer the header deadline would silently be off.
        builder.timer(TokioTimer::new()).header_read_timeout(HEADER_DEADLINE).max_buf_size(MOST_OCTETS);
        let mut connection =
            std::pin::pin!(builder.serve_connection(TokioIo::new(Steady::new(stream, self.patience)), service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop.requested() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended early");
        }
    }
}

const TLS_DEADLINE: Duration = Duration::from_secs(5);
/// For the head of a request, and for the pause between two requests of one connection.
const HEADER_DEADLINE: Duration = Duration::from_secs(15);
/// For an answer that its reader takes nothing of; shorter than a stop may last.
const WRITE_DEADLINE: Duration = Duration::from_secs(8);
