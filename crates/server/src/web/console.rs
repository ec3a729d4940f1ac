//! The console: what administrators and the help desk see and do. Pages call the use cases directly and
//! decide nothing. Every page works without JavaScript.

mod audit;
mod badge;
mod enrollment;
mod form;
mod frame;
mod invitation;
mod line;
mod new;
mod overview;
mod people;
mod person;
mod posted;
mod problem;
mod provider;
mod provider_form;
mod providers;
mod query;
mod relay;
mod relay_form;
mod relays;
mod said;
mod session;
mod settings;
mod signin;
mod theme;
mod theme_form;
mod themes;

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
        .route("/console/person/{*id}", get(person::get).post(person::reset))
        .route("/console/provider/{id}", get(provider::get).post(provider::save))
        .route("/console/provider/{id}/delete", post(provider::delete))
        .route("/console/provider/{id}/duplicate", post(provider::duplicate))
        .route("/console/providers", get(providers::get))
        .route("/console/providers/new", get(providers::ask).post(providers::create))
        .route("/console/relays", get(relays::get))
        .route("/console/relay/{name}", get(relay::get).post(relay::save))
        .route("/console/relay/{name}/delete", post(relay::delete))
        .route("/console/relays/new", get(relay::ask).post(relay::create))
        .route("/console/relays/test", post(relays::test))
        .route("/console/settings", get(settings::get))
        .route("/console/signout", post(signin::end))
        .route("/console/theme/{id}", get(theme::get).post(theme::save))
        .route("/console/theme/{id}/delete", post(theme::delete))
        .route("/console/theme/{id}/duplicate", post(theme::duplicate))
        .route("/console/themes", get(themes::get))
        .route("/console/themes/new", get(themes::ask).post(themes::create))
        .route("/console/{*rest}", get(problem::no_page))
        .layer(from_fn_with_state(app.clone(), session::require))
        .route("/console/invitation", get(invitation::get).post(invitation::post))
        .route("/console/signin", get(signin::get).post(signin::post))
}
