//! The way somebody is on: the theme they sign in by. It stands in the address of the first page, and
//! each step keeps it in its cookie.

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use axum::response::Response;
use domain::provider::Provider;
use domain::theme::Theme;
use serde::Deserialize;

use super::problem;
use super::visit::Visit;
use crate::app::App;

/// The way somebody is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journey {
    /// The theme they came in by.
    pub(super) theme: String,
}

/// What the address of the first page may say.
#[derive(Deserialize)]
struct Asked {
    theme: Option<String>,
}

impl FromRequestParts<App> for Journey {
    type Rejection = Response;

    /// Reads the address. What leads nowhere is answered here, before anybody types a password.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visit = Visit::of(app, parts);
        let in_path = RawPathParams::from_request_parts(parts, app).await.ok();
        let named = in_path.as_ref().and_then(|params| params.iter().find(|(name, _)| *name == "theme"));
        let Ok(Query(asked)) = Query::<Asked>::try_from_uri(&parts.uri) else {
            return Err(problem::unreadable(app, &visit));
        };
        let name = named.map(|(_, theme)| theme.to_owned()).or(asked.theme);
        match app.settings().entrance(name.as_deref()) {
            Some(theme) => Ok(Self { theme: theme.name.as_str().to_owned() }),
            None => Err(problem::not_found(app, &visit)),
        }
    }
}

impl Journey {
    /// What is kept of it in a cookie.
    pub(super) fn fields(&self) -> [&str; FIELDS] {
        [&self.theme]
    }

    /// Reads it back.
    pub(super) fn from_fields(fields: &[String; FIELDS]) -> Option<Self> {
        let [theme] = fields;
        Some(Self { theme: theme.clone() })
    }

    /// Where it begins.
    pub(super) fn start(&self) -> String {
        if self.is_default() { "/".to_owned() } else { format!("/signin/{}", self.theme) }
    }

    /// Where the first form goes.
    pub(super) fn first_form(&self) -> String {
        if self.is_default() { "/signin".to_owned() } else { format!("/signin/{}", self.theme) }
    }

    /// The provider whose name and prompt everybody sees on this way.
    pub(super) fn provider(&self, app: &App) -> Provider {
        let settings = app.settings();
        let picked = settings.theme(&self.theme).and_then(|theme| theme.provider_id);
        picked.map_or_else(|| settings.default_provider(), |id| settings.provider(id))
    }

    /// What people read here once they are signed in.
    pub(super) fn post_logon_message(&self, app: &App) -> String {
        let settings = app.settings();
        settings.theme(&self.theme).map(|theme| theme.post_logon_message.as_str().to_owned()).unwrap_or_default()
    }

    fn is_default(&self) -> bool {
        Theme::standard().name.as_str().eq_ignore_ascii_case(&self.theme)
    }
}

/// How many fields of a cookie it takes.
pub(super) const FIELDS: usize = 1;
