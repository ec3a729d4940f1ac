//! One theme: changed, copied, deleted.

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
use super::said::Said;
use super::session::Session;
use super::{problem, theme_form};
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::themes::{self, StoredTheme};
use crate::web::frame::{page, redirect};

#[derive(Template)]
#[template(path = "web/console/theme.html")]
struct ThemePage {
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
    /// Number and name.
    provider: Option<(i64, String)>,
    /// Whether it can be deleted at all.
    is_default: bool,
}

/// `GET /console/theme/{id}`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let settings = app.settings();
    let Some(stored) = settings.find_theme(id) else {
        return problem::not_found(&app);
    };
    let shown = ThemePage::new(&app, &session, stored);
    page(StatusCode::OK, &ThemePage { said: Said::read(query.as_deref()), ..shown })
}

/// `POST /console/theme/{id}`
pub(super) async fn save(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    let settings = app.settings();
    let Some(stored) = settings.find_theme(id) else {
        return problem::not_found(&app);
    };
    let mut shown = ThemePage::new(&app, &posted.session, stored);
    form::refill(&mut shown.sections, &posted);
    let Some(theme) = theme_form::read(&posted, &stored.theme, &mut shown.sections) else {
        return shown.refused(None);
    };
    let version = posted.text("version").parse().unwrap_or_default();
    match themes::write(&app, &posted.by("POST /console/theme"), (theme, version)).await {
        Ok(()) => redirect(&app, &format!("/console/theme/{id}{}", Said::Saved.query())),
        Err(ManageError::Taken(reason) | ManageError::Invalid(reason)) => shown.refused(Some(reason)),
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/theme/{id}/duplicate`
pub(super) async fn duplicate(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    match themes::duplicate(&app, &posted.by("POST /console/theme/duplicate"), id).await {
        Ok(copy) => redirect(&app, &format!("/console/theme/{}{}", copy.theme.id, Said::Copied.query())),
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/theme/{id}/delete`
pub(super) async fn delete(State(app): State<App>, Path(id): Path<i64>, posted: Posted) -> Response {
    match themes::remove(&app, &posted.by("POST /console/theme/delete"), id).await {
        Ok(()) => redirect(&app, &format!("/console/themes{}", Said::Deleted.query())),
        Err(error) => problem::failed(&app, &error),
    }
}

impl ThemePage {
    fn new(app: &App, session: &Session, stored: &StoredTheme) -> Self {
        let StoredTheme { theme, trace } = stored;
        let settings = app.settings();
        Self {
            frame: Console::new(app, session, Tab::Themes),
            said: None,
            refused: None,
            id: theme.id,
            name: theme.name.as_str().to_owned(),
            state: Badge::of_entrance(theme.open_with().is_some()),
            version: trace.version,
            sections: theme_form::sections(&settings, theme),
            facts: vec![
                ("Made", format!("{} by {}", day(trace.created_at), trace.created_by)),
                ("Changed", format!("{} by {}", day(trace.changed_at), trace.changed_by)),
                ("Number", theme.id.to_string()),
            ],
            provider: theme.provider_id.map(|id| (id, settings.provider(id).name.to_string())),
            is_default: theme.is_default(),
        }
    }

    fn refused(mut self, reason: Option<String>) -> Response {
        self.refused = Some(form::refusal(&self.sections, reason));
        page(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}
