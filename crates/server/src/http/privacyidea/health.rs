//! `/healthz/`: whether this process lives, has started, and can judge. Without signing in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::envelope::wrong_method;
use super::shape;
use super::token::to_slash;
use crate::app::App;
use crate::telemetry::Chain;

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(to_slash).fallback(wrong_method))
        .route("/healthz/", get(ready).fallback(wrong_method))
        .route("/healthz/livez", get(live).fallback(wrong_method))
        .route("/healthz/readyz", get(ready).fallback(wrong_method))
        .route("/healthz/startupz", get(started).fallback(wrong_method))
}

async fn live(State(app): State<App>) -> Response {
    answer(&app, StatusCode::OK, &json!({"status": "OK"}))
}

/// Nothing is served before everything is open.
async fn started(State(app): State<App>) -> Response {
    answer(&app, StatusCode::OK, &json!({"status": "started"}))
}

/// The database answers and takes writes. There is no security module; clients look for its word anyway.
async fn ready(State(app): State<App>) -> Response {
    match app.store.check_ready().await {
        Ok(()) => answer(&app, StatusCode::OK, &json!({"hsm": "OK", "status": "ready"})),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "not ready: the database does not do its part");
            answer(&app, StatusCode::SERVICE_UNAVAILABLE, &json!({"hsm": "OK", "status": "not ready"}))
        }
    }
}

/// The envelope of these calls names no version.
fn answer(app: &App, status: StatusCode, value: &Value) -> Response {
    let result = json!({"status": status.is_success(), "value": value});
    let body = json!({"id": 1, "jsonrpc": "2.0", "result": result, "time": shape::seconds(app.now())});
    (status, Json(body)).into_response()
}
