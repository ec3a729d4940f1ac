//! Themes: all of them, and a new one.

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::theme::{ReturnPrefix, Theme};

use super::badge::Badge;
use super::form::{self, Section};
use super::frame::{Console, Tab};
use super::new::NewPage;
use super::posted::Posted;
use super::said::Said;
use super::session::Session;
use super::{problem, theme_form};
use crate::app::App;
use crate::manage::{ManageError, themes};
use crate::settings::Settings;
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/themes.html")]
struct ThemesPage {
    frame: Console,
    said: Option<Said>,
    themes: Vec<Row>,
}

struct Row {
    id: i64,
    name: String,
    state: Badge,
    /// Number and name.
    provider: Option<(i64, String)>,
    members: String,
    return_to: String,
}

/// `GET /console/themes`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let settings = app.settings();
    let shown = ThemesPage {
        frame: Console::new(&app, &session, Tab::Themes),
        said: Said::read(query.as_deref()),
        themes: settings.all_themes().map(|theme| Row::new(&settings, theme)).collect(),
    };
    page(StatusCode::OK, &shown)
}

/// `GET /console/themes/new`
pub(super) async fn ask(State(app): State<App>, Extension(session): Extension<Session>) -> Response {
    NewPage::theme(&app, &session, blank(&app.settings())).shown()
}

/// `POST /console/themes/new`
pub(super) async fn create(State(app): State<App>, posted: Posted) -> Response {
    let mut sections = blank(&app.settings());
    form::refill(&mut sections, &posted);
    let Some(theme) = theme_form::read(&posted, &Theme { id: 0, ..Theme::standard() }, &mut sections) else {
        return NewPage::theme(&app, &posted.session, sections).refused(None);
    };
    match themes::add(&app, &posted.by("POST /console/themes/new"), theme).await {
        Ok(made) => redirect(&app, &format!("/console/theme/{}{}", made.theme.id, Said::Created.query())),
        Err(ManageError::Taken(reason) | ManageError::Invalid(reason)) => {
            NewPage::theme(&app, &posted.session, sections).refused(Some(reason))
        }
        Err(error) => problem::failed(&app, &error),
    }
}

/// Its name is still to be thought of.
fn blank(settings: &Settings) -> Vec<Section> {
    let mut sections = theme_form::sections(settings, &Theme { id: 0, ..Theme::standard() });
    let mut fields = sections.iter_mut().flat_map(|section| &mut section.fields);
    if let Some(name) = fields.find(|field| field.name == "name") {
        name.value.clear();
    }
    sections
}

impl Row {
    fn new(settings: &Settings, theme: &Theme) -> Self {
        let return_to: Vec<&str> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
        Self {
            id: theme.id,
            name: theme.name.as_str().to_owned(),
            state: Badge::of_entrance(theme.open_with().is_some()),
            provider: theme.provider_id.map(|id| (id, settings.provider(id).name.to_string())),
            members: if theme.filters_members { theme.members.len().to_string() } else { "everybody".to_owned() },
            return_to: return_to.join(" "),
        }
    }
}
