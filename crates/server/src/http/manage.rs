//! The manage listener: health and metrics, never on the public port.

mod watch;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::app::App;
use crate::delivery::Mailer;
use crate::stop::Stop;

/// What the manage listener looks at.
#[derive(Clone)]
pub struct Watched {
    /// The product.
    pub app: App,
    /// Its relays.
    pub mailer: Mailer,
    /// Ends what would otherwise be watched for ever.
    pub stop: Stop,
}

/// Routes of the manage listener.
pub fn router(watched: Watched) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/health/started", get(live))
        .route("/healthz", get(ready))
        .route("/metrics", get(metrics))
        .route("/radius/watch", get(watch::watch))
        .with_state(watched)
}

async fn live() -> Response {
    axum::Json(json!({"status": "UP", "checks": []})).into_response()
}

/// Ready to judge: the database answers and takes writes. A dead relay is said, but stops nobody.
async fn ready(State(watched): State<Watched>) -> Response {
    let store = watched.app.store.check_ready().await;
    let relays = watched.mailer.health();
    let down: Vec<_> = relays.iter().filter(|(_, is_up)| !is_up).map(|(name, _)| name.as_str()).collect();
    let status = match (&store, down.is_empty()) {
        (Err(_), _) => "DOWN",
        (Ok(()), false) => "degraded",
        (Ok(()), true) => "UP",
    };
    let body = json!({
        "status": status,
        "checks": [
            {"name": "store", "status": if store.is_ok() { "UP" } else { "DOWN" }},
            {"name": "mail", "status": if down.is_empty() { "UP" } else { "degraded" }, "down": down},
        ],
    });
    let code = if store.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, axum::Json(body)).into_response()
}

async fn metrics(State(watched): State<Watched>) -> Response {
    let metrics = &watched.app.metrics;
    metrics.store_queue.set(i64::try_from(watched.app.store.queued()).unwrap_or(i64::MAX));
    metrics.store_wal_bytes.set(i64::try_from(watched.app.store.wal_bytes()).unwrap_or(i64::MAX));
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.render()).into_response()
}
