//! HTTP: the routes of every dialect, and the one layer that all requests pass.

pub mod caller;
pub mod client_address;
pub mod listen;
pub mod manage;
pub mod parallels;
pub mod privacyidea;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use domain::random;
use futures_util::FutureExt;
use tokio::time::Instant;

use crate::app::App;
use crate::origin::Origin;

/// Puts the one layer around the routes of the public listener.
pub fn wrap(app: &App, routes: Router<App>) -> Router {
    let parallels = parallels::routes().with_state(app.clone());
    routes
        .fallback(move |request| unmatched(parallels.clone(), request))
        .layer(DefaultBodyLimit::max(app.config.limits.body_bytes))
        .layer(middleware::from_fn_with_state(app.clone(), pass))
        .with_state(app.clone())
}

/// Paths that are spelled in one way alone were not it: the dialect that does not care is next.
async fn unmatched(parallels: Router, request: Request) -> Response {
    if parallels::owns(request.uri().path()) {
        return parallels::answer(parallels, request).await;
    }
    privacyidea::envelope::not_found()
}

/// The one layer: names the request, finds its address, bounds its time, counts its answer.
async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    // The path alone: a query may hold what no log should.
    let line = format!("{} {}", request.method(), request.uri().path());
    let (request_id, mut response) = match random::bytes::<8>(&*app.random) {
        Ok(id) => {
            let request_id = format!("{:016x}", u64::from_be_bytes(id));
            let response = admit(&app, request, next, &request_id).await;
            (request_id, response)
        }
        // Nothing is done without a name; the answer goes out all the same, and is counted.
        Err(_) => (String::new(), StatusCode::SERVICE_UNAVAILABLE.into_response()),
    };
    finish(&mut response, &request_id);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    app.metrics.count_request(status, took);
    tracing::info!(request_id, line, status, took_us = took.as_micros(), "answered");
    response
}

/// Lets in what comes from a known address to a host name of ours.
async fn admit(app: &App, mut request: Request, next: Next, request_id: &str) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let Some(peer) = peer else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if !is_known_host(app, &request) {
        return (StatusCode::MISDIRECTED_REQUEST, "this server does not answer for that host name\n").into_response();
    }
    let address = client_address::of(&app.config.http, peer, request.headers());
    request.extensions_mut().insert(Origin { request_id: request_id.to_owned(), address });
    answer(next, request, request_id).await
}

/// The handler's answer; 503 when it takes too long, 500 when it panics. Nothing is accepted on either.
async fn answer(next: Next, request: Request, request_id: &str) -> Response {
    let path = request.uri().path().to_owned();
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(HANDLER_DEADLINE, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request_id, "a handler panicked: this is a defect, please report it");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
        }
        Err(_) if parallels::owns(&path) => parallels::busy(&path, request_id),
        Err(_) => privacyidea::envelope::busy().into_response(),
    }
}

fn finish(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let (false, Ok(id)) = (request_id.is_empty(), HeaderValue::from_str(request_id)) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Where host names are listed, no other is answered: nothing is ever built from a Host header,
/// and a rebound name reaches nothing.
fn is_known_host(app: &App, request: &Request) -> bool {
    let http = &app.config.http;
    if http.allowed_hosts.is_empty() {
        return true;
    }
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = named.rsplit_once(':').map_or(named, |(host, port)| if port.ends_with(']') { named } else { host });
    let is_public = http.public_url.as_ref().is_some_and(|url| url.host().eq_ignore_ascii_case(host));
    is_public || http.allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}

/// Shorter than the ten seconds after which the impatient clients give up.
const HANDLER_DEADLINE: Duration = Duration::from_secs(8);
