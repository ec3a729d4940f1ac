//! The console: what administrators and the help desk see and do. Pages call the use cases directly and
//! decide nothing. Every page works without JavaScript.

mod audit;
mod badge;
mod enrollment;
mod frame;
mod invitation;
mod line;
mod overview;
mod people;
mod person;
mod posted;
mod problem;
mod query;
mod relays;
mod said;
mod session;
mod settings;
mod signin;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;

/// The routes of the console. All but the two ways in pass the one layer that asks for a session.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/console", get(overview::get))
        .route("/console/audit", get(audit::get))
        .route("/console/enrollment/{serial}/{action}", post(enrollment::post))
        .route("/console/people", get(people::get))
        .route("/console/person/{id}", get(person::get))
        .route("/console/person/{id}/reset", post(person::reset))
        .route("/console/relays", get(relays::get))
        .route("/console/relays/test", post(relays::test))
        .route("/console/settings", get(settings::get))
        .route("/console/signout", post(signin::end))
        .route("/console/{*rest}", get(problem::no_page))
        .layer(from_fn_with_state(app.clone(), session::require))
        .route("/console/invitation", get(invitation::get).post(invitation::post))
        .route("/console/signin", get(signin::get).post(signin::post))
}
