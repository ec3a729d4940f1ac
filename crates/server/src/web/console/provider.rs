//! One provider: changed, copied, deleted.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::badge::Badge;
use super::form::{self, Kind, Section};
use super::frame::{Console, Tab};
use super::line::day;
use super::posted::Posted;
use super::providers::themes_with;
use super::said::Said;
use super::session::Session;
use super::{problem, provider_form, settings as words};
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::providers::{self, ProviderError, StoredProvider};
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/provider.html")]
struct ProviderPage {
    frame: Console,
    said: Option<Said>,
    refused: Option<String>,
    id: i64,
    name: String,
    state: Badge,
    /// The state that the form was filled with; it comes back with it.
    version: i64,
    sections: Vec<Section>,
    /// What is known about it, in words.
    facts: Vec<(&'static str, String)>,
    /// Themes that pick it: number and name.
    themes: Vec<(i64, String)>,
    /// Whether it can be deleted at all.
    is_standard: bool,
}

/// `GET /console/provider/{id}`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    match providers::find(&app, id).await {
        Ok(stored) => {
            let shown = ProviderPage::new(&app, &session, &stored);
            page(StatusCode::OK, &ProviderPage { said: Said::read(query.as_deref()), ..shown })
        }
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/provider/{id}`
pub(super) async fn save(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    let stored = match providers::find(&app, id).await {
        Ok(stored) => stored,
        Err(error) => return problem::failed(&app, &error),
    };
    if posted.text("version") != stored.trace.version.to_string() {
        return problem::failed(&app, &ManageError::Stale);
    }
    let mut shown = ProviderPage::new(&app, &posted.session, &stored);
    form::refill(&mut shown.sections, &posted);
    let (draft, unreadable) = provider_form::read(&posted, &stored.provider);
    for (name, reason) in unreadable {
        form::blame(&mut shown.sections, name, reason);
    }
    provider_form::blame(&mut shown.sections, draft.clone().update(stored.provider).err().unwrap_or_default());
    if form::is_faulty(&shown.sections) {
        return shown.refused(None);
    }
    match providers::update(&app, &posted.by("POST /console/provider"), id, draft).await {
        Ok(_) => redirect(&app, &format!("/console/provider/{id}{}", Said::Saved.query())),
        Err(ProviderError::Faults(faults)) => {
            provider_form::blame(&mut shown.sections, faults);
            shown.refused(None)
        }
        Err(ProviderError::Manage(ManageError::Taken(reason) | ManageError::Invalid(reason))) => {
            shown.refused(Some(reason))
        }
        Err(ProviderError::Manage(error)) => problem::failed(&app, &error),
    }
}

/// `POST /console/provider/{id}/duplicate`
pub(super) async fn duplicate(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    match providers::duplicate(&app, &posted.by("POST /console/provider/duplicate"), id).await {
        Ok(copy) => redirect(&app, &format!("/console/provider/{}{}", copy.provider.id, Said::Copied.query())),
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/provider/{id}/delete`
pub(super) async fn delete(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    match providers::delete(&app, &posted.by("POST /console/provider/delete"), id).await {
        Ok(()) => redirect(&app, &format!("/console/providers{}", Said::Deleted.query())),
        Err(error) => problem::failed(&app, &error),
    }
}

impl ProviderPage {
    fn new(app: &App, session: &Session, stored: &StoredProvider) -> Self {
        let StoredProvider { provider, trace } = stored;
        Self {
            frame: Console::new(app, session, Tab::Providers),
            said: None,
            refused: None,
            id: provider.id,
            name: provider.name.to_string(),
            state: Badge::of_switch(provider.is_enabled),
            version: trace.version,
            sections: provider_form::sections(provider),
            facts: vec![
                ("First factor", words::in_words(provider.first_factor).to_owned()),
                ("Made", format!("{} by {}", day(trace.created_at), trace.created_by)),
                ("Changed", format!("{} by {}", day(trace.changed_at), trace.changed_by)),
                ("Number", provider.id.to_string()),
            ],
            themes: themes_with(&app.settings(), provider.id).collect(),
            is_standard: provider.id == domain::provider::Provider::STANDARD,
        }
    }

    fn refused(mut self, reason: Option<String>) -> Response {
        self.refused = Some(form::refusal(&self.sections, reason));
        page(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}
