//! The first page: how much there is of what, and how the relays do.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::badge::Badge;
use super::frame::{Console, Tab};
use super::problem;
use super::session::Session;
use crate::app::App;
use crate::manage::overview::{self, Overview};
use crate::web::frame::page;

#[derive(Template)]
#[template(path = "web/console/overview.html")]
struct OverviewPage {
    frame: Console,
    version: &'static str,
    numbers: Overview,
    /// Name, host, how it does.
    relays: Vec<(String, String, Badge)>,
}

/// `GET /console`
pub(super) async fn get(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    let numbers = match overview::count(&app).await {
        Ok(numbers) => numbers,
        Err(error) => return problem::failed(&app, &error),
    };
    let relays = overview::relays(&app).into_iter();
    let shown = OverviewPage {
        frame: Console::new(&app, &session, Tab::Overview),
        version: env!("CARGO_PKG_VERSION"),
        numbers,
        relays: relays.map(|(relay, health)| (relay.name, relay.host, Badge::of_health(health))).collect(),
    };
    page(StatusCode::OK, &shown)
}
