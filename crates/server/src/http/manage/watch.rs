//! `GET /radius/watch`: RADIUS packets as they come, a line of JSON for each, for as long as somebody reads.
//!
//! Lines name people. So they are for this machine alone, and for whoever can read the key file.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use subtle::ConstantTimeEq;

use super::Watched;
use crate::app::App;
use crate::stop::Stop;
use crate::telemetry::sightings::{Seen, Watcher};

type Peer = Extension<ConnectInfo<SocketAddr>>;

/// Streams until the reader leaves or the server stops.
pub(super) async fn watch(State(parts): State<Watched>, peer: Option<Peer>, headers: HeaderMap) -> Response {
    let is_from_here = peer.is_some_and(|Extension(ConnectInfo(peer))| is_this_machine(&parts.app, peer));
    if !is_from_here || !has_pass(&parts.app, &headers) {
        return (StatusCode::FORBIDDEN, "only from this machine, with its key file: otpost radius watch\n")
            .into_response();
    }
    let Some(watcher) = parts.app.sightings.watch() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "enough programs watch already\n").into_response();
    };
    let lines = stream::unfold((watcher, parts.stop), next);
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

/// A listener that is not on loopback is called by its own address.
fn is_this_machine(app: &App, peer: SocketAddr) -> bool {
    let address = peer.ip().to_canonical();
    address.is_loopback() || address == app.config.manage.listen.ip()
}

fn has_pass(app: &App, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    given.is_some_and(|given| given.ct_eq(app.keys.watch_pass().expose().as_bytes()).into())
}

/// The next line. An empty one now and then finds out whether somebody still reads.
async fn next((mut watcher, mut stop): (Watcher, Stop)) -> Option<(Result<String, Infallible>, (Watcher, Stop))> {
    let line = tokio::select! {
        seen = watcher.next() => match seen? {
            Seen::Line(line) => format!("{line}\n"),
            Seen::Missed(missed) => format!("{{\"missed\":{missed}}}\n"),
        },
        () = tokio::time::sleep(PULSE) => "\n".to_owned(),
        () = stop.requested() => return None,
    };
    Some((Ok(line), (watcher, stop)))
}

const PULSE: Duration = Duration::from_secs(10);
