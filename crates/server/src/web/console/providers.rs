//! Providers: all of them, and a new one.

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::provider::Provider;

use super::badge::Badge;
use super::form::{self, Section};
use super::frame::{Console, Tab};
use super::new::NewPage;
use super::posted::Posted;
use super::said::Said;
use super::session::Session;
use super::{problem, provider_form};
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::providers::{self, ProviderError};
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/providers.html")]
struct ProvidersPage {
    frame: Console,
    said: Option<Said>,
    providers: Vec<Row>,
}

struct Row {
    id: i64,
    name: String,
    shown: String,
    state: Badge,
    enrollment: &'static str,
    /// Themes that pick it.
    themes: String,
}

/// `GET /console/providers`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let settings = app.settings();
    let row = |provider: &Provider| Row {
        id: provider.id,
        name: provider.name.to_string(),
        shown: provider.display_name.as_str().to_owned(),
        state: Badge::of_switch(provider.is_enabled),
        enrollment: match provider.user_enrollment.as_str() {
            "allow" => "open",
            "allow-until" => "open until an instant",
            _ => "closed",
        },
        themes: themes_with(&settings, provider.id).map(|(_, name)| name).collect::<Vec<_>>().join(", "),
    };
    let shown = ProvidersPage {
        frame: Console::new(&app, &session, Tab::Providers),
        said: Said::read(query.as_deref()),
        providers: settings.providers.iter().map(|stored| row(&stored.provider)).collect(),
    };
    page(StatusCode::OK, &shown)
}

/// `GET /console/providers/new`
pub(super) async fn ask(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    NewPage::provider(&app, &session, blank()).shown()
}

/// `POST /console/providers/new`
pub(super) async fn create(State(app): State<App>, posted: Posted) -> Response {
    let mut sections = blank();
    form::refill(&mut sections, &posted);
    let (draft, unreadable) = provider_form::read(&posted, &Provider::blank(SITE));
    for (name, reason) in unreadable {
        form::blame(&mut sections, name, reason);
    }
    provider_form::blame(&mut sections, draft.clone().create(SITE, app.now()).err().unwrap_or_default());
    if form::is_faulty(&sections) {
        return NewPage::provider(&app, &posted.session, sections).refused(None);
    }
    match providers::create(&app, &posted.by("POST /console/providers/new"), SITE, draft).await {
        Ok(made) => redirect(&app, &format!("/console/provider/{}{}", made.provider.id, Said::Created.query())),
        Err(ProviderError::Faults(faults)) => {
            provider_form::blame(&mut sections, faults);
            NewPage::provider(&app, &posted.session, sections).refused(None)
        }
        Err(ProviderError::Manage(ManageError::Taken(reason) | ManageError::Invalid(reason))) => {
            NewPage::provider(&app, &posted.session, sections).refused(Some(reason))
        }
        Err(ProviderError::Manage(error)) => problem::failed(&app, &error),
    }
}

/// A new one is switched on: whoever makes it here wants to use it. Its name is still to be thought of.
fn blank() -> Vec<Section> {
    let mut sections = provider_form::sections(&Provider { is_enabled: true, ..Provider::blank(SITE) });
    let mut fields = sections.iter_mut().flat_map(|section| &mut section.fields);
    if let Some(name) = fields.find(|field| field.name == "name") {
        name.value.clear();
    }
    sections
}

/// Themes that pick a provider: number and name.
pub(super) fn themes_with(
    settings: &crate::settings::Settings,
    provider_id: i64,
) -> impl Iterator<Item = (i64, String)> + '_ {
    let picks = settings.all_themes().filter(move |theme| theme.provider_id == Some(provider_id));
    picks.map(|theme| (theme.id, theme.name.as_str().to_owned()))
}

/// New providers belong to the first site here.
const SITE: i64 = 1;
