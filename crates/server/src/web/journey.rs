//! The way somebody is on: the theme they sign in by, and where they go on to. It stands in the address of
//! the first page, and each step keeps it in its cookie.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use axum::response::Response;
use domain::provider::Provider;
use domain::text;
use domain::theme::{MAX_STATE_CHARS, ReturnTo, Theme, encoded};
use serde::Deserialize;

use super::problem;
use super::visit::Visit;
use crate::app::App;

/// The way somebody is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journey {
    /// The theme they came in by.
    pub(super) theme: String,
    /// Where they go on to; on the list of the theme when they began.
    pub(super) return_to: Option<ReturnTo>,
    /// What the application that sent them gets back, 0 to 256 characters.
    pub(super) state: String,
}

/// What the address of the first page may say.
#[derive(Deserialize)]
struct Asked {
    theme: Option<String>,
    return_to: Option<String>,
    #[serde(default)]
    state: String,
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
        let settings = app.settings();
        let Some(theme) = settings.entrance(name.as_deref()) else {
            return Err(problem::not_found(app, &visit));
        };
        let is_plain = |text: &str| text.chars().count() <= MAX_STATE_CHARS && !text.chars().any(text::is_unprintable);
        if !is_plain(&asked.state) {
            return Err(problem::unreadable(app, &visit));
        }
        let wanted = asked.return_to.as_deref().map(|text| ReturnTo::parse(text).ok());
        let return_to = match wanted {
            None => None,
            Some(Some(place)) if theme.returns_to(&place) => Some(place),
            Some(_) => return Err(problem::unlisted(app, &visit)),
        };
        Ok(Self { theme: theme.name.as_str().to_owned(), return_to, state: asked.state })
    }
}

impl Journey {
    /// What is kept of it in a cookie.
    pub(super) fn fields(&self) -> [&str; FIELDS] {
        [&self.theme, self.return_to.as_ref().map_or("", ReturnTo::as_str), &self.state]
    }

    /// Reads it back.
    pub(super) fn from_fields(fields: &[String; FIELDS]) -> Option<Self> {
        let [theme, return_to, state] = fields;
        let return_to = if return_to.is_empty() { None } else { Some(ReturnTo::parse(return_to).ok()?) };
        Some(Self { theme: theme.clone(), return_to, state: state.clone() })
    }

    /// Where it begins.
    pub(super) fn start(&self) -> String {
        let path = if self.is_default() { "/".to_owned() } else { format!("/signin/{}", self.theme) };
        format!("{path}{}", self.query())
    }

    /// Where the first form goes.
    pub(super) fn first_form(&self) -> String {
        let path = if self.is_default() { "/signin".to_owned() } else { format!("/signin/{}", self.theme) };
        format!("{path}{}", self.query())
    }

    /// The address of the application that waits for them, with a ticket.
    pub(super) fn on_with(&self, ticket: &str) -> Option<String> {
        Some(self.return_to.as_ref()?.with(&[("ticket", ticket), ("state", &self.state)]))
    }

    fn query(&self) -> String {
        let Some(place) = &self.return_to else { return String::new() };
        let state = if self.state.is_empty() { String::new() } else { format!("&state={}", encoded(&self.state)) };
        format!("?return_to={}{state}", encoded(place.as_str()))
    }

    /// The provider whose name and prompt everybody sees on this way.
    pub(super) fn provider(&self, app: &App) -> Arc<Provider> {
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
pub(super) const FIELDS: usize = 3;
