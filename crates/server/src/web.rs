//! Pages: of the person signing in, of administrators, about the calls. Forms become attempts and
//! changes, verdicts become pages. Decides nothing.
//!
//! Every page works without JavaScript and keeps its state in its address and one signed cookie.

mod asked;
pub mod assets;
mod console;
mod cookie;
pub mod demo;
mod enroll;
pub mod frame;
mod gate;
pub mod headers;
mod journey;
mod language;
mod openapi;
mod problem;
pub mod same_origin;
mod signin;
mod visit;
mod when;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::App;
use crate::auth;
use signin::{code, done, resend, start};

/// Every page.
pub fn routes(app: &App) -> Router<App> {
    console::routes(app)
        .merge(people())
        .route("/assets/{name}", get(assets::get))
        .route("/openapi", get(openapi::page))
        .route("/openapi.json", openapi::document())
        .layer(map_response(headers::add))
}

/// The routes of the person signing in. They lead somewhere as soon as a theme has a provider.
fn people() -> Router<App> {
    Router::new()
        .route("/", get(start::get))
        .route("/signin", get(start::get).post(start::post))
        .route("/signin/code", get(start::to_start).post(code::post))
        .route("/signin/code/{id}", get(code::get))
        .route("/signin/done", get(done::get))
        .route("/signin/resend", post(resend::post).get(start::to_start))
        .route("/signin/{theme}", get(start::get).post(start::post))
        .route("/enroll", get(enroll::start::get).post(enroll::start::post))
        .route("/enroll/code", get(enroll::code::to_start).post(enroll::code::post))
        .route("/enroll/code/{id}", get(enroll::code::get))
        .route("/gate/{theme}", get(gate::ask))
        .route("/gate/{theme}/redirect", get(gate::redirect))
        .route_layer(from_fn(one_step))
        .layer(from_fn(language::keep))
        .layer(map_response(headers::add))
}

/// Somebody waits to be let in.
async fn one_step(request: Request, next: Next) -> Response {
    auth::one_step(next.run(request)).await
}
