//! HTTP: the routes of every dialect, and the one layer that all requests pass.

mod awaited;
pub mod caller;
pub mod client_address;
mod head;
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

use self::awaited::Wait;
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
    finish(&app, &mut response, &request_id);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    app.metrics.count_request(status, took);
    tracing::info!(request_id, line, status, took_us = took.as_micros(), "answered");
    response
}

/// Lets in what has a head that may be answered.
async fn admit(app: &App, mut request: Request, next: Next, request_id: &str) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let Some(peer) = peer else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Some(refusal) = head::refusal(&app.config.http, &request) {
        return refusal.into_response();
    }
    let address = client_address::of(&app.config.http, peer, request.headers());
    request.extensions_mut().insert(Origin { request_id: request_id.to_owned(), address });
    answer(next, request, request_id).await
}

/// The handler's answer; 503 when it takes too long, 408 when it is the body that does, 500 when it panics. Nothing
/// is accepted on any of them.
async fn answer(next: Next, request: Request, request_id: &str) -> Response {
    let path = request.uri().path().to_owned();
    let wait = Wait::default();
    let handled = AssertUnwindSafe(next.run(wait.on(request))).catch_unwind();
    match tokio::time::timeout(HANDLER_DEADLINE, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request_id, "a handler panicked: this is a defect, please report it");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
        }
        Err(_) if wait.is_on() => too_slow(&path, request_id),
        Err(_) if parallels::owns(&path) => parallels::busy(&path, request_id),
        Err(_) => privacyidea::envelope::busy().into_response(),
    }
}

/// The body is still under way: this connection is of no more use.
fn too_slow(path: &str, request_id: &str) -> Response {
    let mut response = if parallels::owns(path) {
        parallels::too_slow(path, request_id)
    } else {
        privacyidea::envelope::too_slow().into_response()
    };
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn finish(app: &App, response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let (false, Ok(id)) = (request_id.is_empty(), HeaderValue::from_str(request_id)) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    if app.config.http.tls.is_some() {
        // A year; browsers take it from no connection without TLS.
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Shorter than the ten seconds after which the impatient clients give up.
const HANDLER_DEADLINE: Duration = Duration::from_secs(8);
