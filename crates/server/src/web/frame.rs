//! What surrounds every page, and how a page becomes an answer.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::assets;
use crate::app::App;

/// What the layout of every page needs.
pub struct Frame {
    /// The line of a demonstration.
    pub banner: Option<&'static str>,
    /// Path under which people reach us; empty for the root of the host.
    pub base: String,
    /// Name of the style sheet.
    pub style: &'static str,
    /// Name of the script.
    pub script: &'static str,
    /// Name of the logo.
    pub logo: &'static str,
}

impl Frame {
    /// The frame of any page of this installation.
    pub fn of(app: &App) -> Self {
        Self {
            banner: app.banner,
            base: base(app).to_owned(),
            style: &assets::STYLE.name,
            script: &assets::SCRIPT.name,
            logo: &assets::LOGO.name,
        }
    }
}

/// A page as an answer.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Sends the browser to another page with a GET.
pub fn redirect(app: &App, path: &str) -> Response {
    Redirect::to(&format!("{}{path}", base(app))).into_response()
}

fn base(app: &App) -> &str {
    let url = app.config.http.public_url.as_ref();
    url.and_then(|url| url.as_str().strip_prefix(url.origin())).unwrap_or_default()
}
