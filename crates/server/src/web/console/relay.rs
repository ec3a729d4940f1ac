//! One mail relay: made, changed, deleted.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{self, Kind, Section};
use super::frame::{Console, Tab};
use super::new::NewPage;
use super::posted::Posted;
use super::query::encode;
use super::session::Session;
use super::{problem, relay_form};
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::relays::{self, StoredRelay};
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/relay.html")]
struct RelayPage {
    frame: Console,
    refused: Option<String>,
    name: String,
    /// The name as it stands in an address.
    path: String,
    sections: Vec<Section>,
}

/// `GET /console/relays/new`
pub(super) async fn ask(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    NewPage::relay(&app, &session, relay_form::sections(None)).shown()
}

/// `POST /console/relays/new`
pub(super) async fn create(State(app): State<App>, posted: Posted) -> Response {
    let mut sections = relay_form::sections(None);
    form::refill(&mut sections, &posted);
    let name = posted.text("relay").trim();
    if app.settings().relays.iter().any(|relay| relay.name == name) {
        form::blame(&mut sections, "relay", "there is a relay of that name already");
    }
    let new = relay_form::read(&posted, name, &mut sections);
    if form::is_faulty(&sections) {
        return NewPage::relay(&app, &posted.session, sections).refused(None);
    }
    match relays::save(&app, &posted.by("POST /console/relays/new"), new).await {
        Ok(()) => redirect(&app, "/console/relays"),
        Err(ManageError::Invalid(reason) | ManageError::Taken(reason)) => {
            let reason = relay_form::blame(&mut sections, reason);
            NewPage::relay(&app, &posted.session, sections).refused(reason)
        }
        Err(error) => problem::failed(&app, &error),
    }
}

/// `GET /console/relay/{name}`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    Path(name): Path<String>,
) -> Response {
    match app.settings().relays.iter().find(|relay| relay.name == name) {
        Some(stored) => page(StatusCode::OK, &RelayPage::new(&app, &session, stored)),
        None => problem::not_found(&app),
    }
}

/// `POST /console/relay/{name}`
pub(super) async fn save(State(app): State<App>, Path(name): Path<String>, posted: Posted) -> Response {
    let settings = app.settings();
    let Some(stored) = settings.relays.iter().find(|relay| relay.name == name) else {
        return problem::not_found(&app);
    };
    let mut shown = RelayPage::new(&app, &posted.session, stored);
    form::refill(&mut shown.sections, &posted);
    let new = relay_form::read(&posted, &name, &mut shown.sections);
    if form::is_faulty(&shown.sections) {
        return shown.refused(None);
    }
    match relays::save(&app, &posted.by("POST /console/relay"), new).await {
        Ok(()) => redirect(&app, "/console/relays"),
        Err(ManageError::Invalid(reason) | ManageError::Taken(reason)) => {
            let reason = relay_form::blame(&mut shown.sections, reason);
            shown.refused(reason)
        }
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/relay/{name}/delete`
pub(super) async fn delete(State(app): State<App>, Path(name): Path<String>, posted: Posted) -> Response {
    match relays::delete(&app, &posted.by("POST /console/relay/delete"), &name).await {
        Ok(()) => redirect(&app, "/console/relays"),
        Err(error) => problem::failed(&app, &error),
    }
}

impl RelayPage {
    fn new(app: &App, session: &Session, stored: &StoredRelay) -> Self {
        Self {
            frame: Console::new(app, session, Tab::Relays),
            refused: None,
            name: stored.name.clone(),
            path: encode(&stored.name),
            sections: relay_form::sections(Some(stored)),
        }
    }

    fn refused(mut self, reason: Option<String>) -> Response {
        self.refused = Some(form::refusal(&self.sections, reason));
        page(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}
