//! What surrounds every page, and how a page becomes an answer.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::assets;
use super::language::Texts;
use super::visit::Visit;
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
    /// Everything the page says.
    pub t: &'static Texts,
    visit: Visit,
}

impl Frame {
    /// The frame of a page in English.
    pub fn of(app: &App) -> Self {
        Self::around(app, &Visit::default())
    }

    /// The frame of a page for this reader.
    pub fn around(app: &App, visit: &Visit) -> Self {
        Self {
            banner: app.banner,
            base: base(app).to_owned(),
            style: &assets::STYLE.name,
            script: &assets::SCRIPT.name,
            logo: &assets::LOGO.name,
            t: visit.tongue.language.texts(),
            visit: visit.clone(),
        }
    }

    /// The language of the page.
    pub fn lang(&self) -> &'static str {
        self.visit.tongue.language.tag()
    }

    /// Where the reader begins again.
    pub fn start(&self) -> String {
        self.at(&self.visit.start())
    }

    /// The address of another page, in the language that was asked for.
    pub fn at(&self, path: &str) -> String {
        format!("{}{}", self.base, self.visit.tongue.path(path))
    }

    /// A sentence in two parts, before and behind what differs.
    pub fn split(text: &'static str) -> (&'static str, &'static str) {
        text.split_once("{}").unwrap_or((text, ""))
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
