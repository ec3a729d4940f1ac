//! The privacyIDEA dialect: bytes in, attempts and changes out, verdicts back in its envelope.
//! Decides nothing.

pub mod audit;
pub mod auth;
pub mod check;
pub mod envelope;
pub mod health;
pub mod params;
pub mod policy;
pub mod poll;
pub mod realm;
mod request_key;
pub mod resolver;
pub mod session;
pub mod shape;
pub mod smtpserver;
pub mod system;
pub mod ticket;
pub mod token;
pub mod trigger;
pub mod user;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;

/// The routes of this dialect.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/validate/check", post(check::post).get(check::get).fallback(envelope::wrong_method))
        .route("/validate/triggerchallenge", post(trigger::run).get(trigger::run).fallback(envelope::wrong_method))
        .route("/validate/polltransaction", get(poll::by_query).fallback(envelope::wrong_method))
        .route("/validate/polltransaction/{id}", get(poll::by_path).fallback(envelope::wrong_method))
        .route("/auth", post(auth::post).fallback(envelope::wrong_method))
        .route("/ticket/check", post(ticket::check).fallback(envelope::wrong_method))
        .route("/auth/rights", get(auth::rights).fallback(envelope::wrong_method))
        .route_layer(from_fn(one_step))
        .merge(audit::routes())
        .merge(health::routes())
        .merge(policy::routes())
        .merge(realm::routes())
        .merge(resolver::routes())
        .merge(smtpserver::routes())
        .merge(system::routes())
        .merge(token::routes())
        .merge(user::routes())
}

/// Somebody waits to be let in.
async fn one_step(request: Request, next: Next) -> Response {
    crate::auth::one_step(next.run(request)).await
}
