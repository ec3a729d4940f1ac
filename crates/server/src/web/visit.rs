//! What every page knows of its reader: the language, and where they began.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::cookie::{self, Kind};
use super::journey::Journey;
use super::language::Tongue;
use crate::app::App;

/// The reader of a page.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// Their language.
    pub tongue: Tongue,
    begun: Option<Journey>,
}

impl Visit {
    /// The reader as their request tells.
    pub(super) fn of(app: &App, parts: &Parts) -> Self {
        Self { tongue: parts.extensions.get().copied().unwrap_or_default(), begun: begun(app, &parts.headers) }
    }

    /// Where they begin again.
    pub fn start(&self) -> String {
        self.begun.as_ref().map_or_else(|| "/".to_owned(), Journey::start)
    }

    /// The same reader on another way.
    pub(super) fn on(&self, journey: &Journey) -> Self {
        Self { begun: Some(journey.clone()), ..self.clone() }
    }

    /// The line that makes the browser keep where they began.
    pub(super) fn cookie(app: &App, journey: &Journey) -> String {
        cookie::set(app, Kind::Visit, &cookie::sign(app, Kind::Visit, &journey.fields()))
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(app, parts))
    }
}

fn begun(app: &App, headers: &HeaderMap) -> Option<Journey> {
    let fields = cookie::verify(app, Kind::Visit, cookie::find(app, Kind::Visit, headers)?)?;
    Journey::from_fields(fields.as_slice().try_into().ok()?)
}
