//! The accept loop: bounded connections, deadlines on headers, TLS, and a stop that lets answers out.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::config::Limits;
use crate::stop::Stop;
use crate::tls::door::Credentials;

/// Serves `router` on `listener` until told to stop, then waits for the answers under way.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Credentials>>,
    router: Router,
    limits: Limits,
    mut stop: Stop,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let addresses = PerAddress::default();
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
        let Some(share) = addresses.enter(peer.ip(), limits.per_address) else {
            continue;
        };
        let connection = Connection { peer, _slot: slot, _share: share };
        let tls = tls.as_ref().map(|tls| tls.acceptor());
        connections.spawn(connection.run(stream, tls, router.clone(), stop.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

struct Connection {
    peer: SocketAddr,
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
        builder.timer(TokioTimer::new()).header_read_timeout(HEADER_DEADLINE).max_buf_size(MOST_HEADER_OCTETS);
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
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

/// How many connections each address has open.
#[derive(Clone, Default)]
struct PerAddress(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection's place in that count; given back on drop.
struct Share {
    counts: PerAddress,
    address: IpAddr,
}

impl PerAddress {
    fn enter(&self, address: IpAddr, most: usize) -> Option<Share> {
        // Our own machine is the proxy in front, or a test: only the total counts there.
        let most = if address.is_loopback() { usize::MAX } else { most };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Share { counts: self.clone(), address })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

const TLS_DEADLINE: Duration = Duration::from_secs(5);
/// For the head of a request, and for the pause between two requests of one connection.
const HEADER_DEADLINE: Duration = Duration::from_secs(15);
const MOST_HEADER_OCTETS: usize = 32 * 1024;
