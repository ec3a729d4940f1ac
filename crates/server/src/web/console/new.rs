//! The page on which something new is filled in.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{self, Kind, Section};
use super::frame::{Console, Tab};
use super::session::Session;
use crate::app::App;
use crate::web::frame::page;

/// The page.
#[derive(Template)]
#[template(path = "web/console/new.html")]
pub(super) struct NewPage {
    frame: Console,
    /// What is made, and what all of them are called.
    title: &'static str,
    all: &'static str,
    /// Where the list is; the form goes below it.
    list: &'static str,
    refused: Option<String>,
    sections: Vec<Section>,
}

impl NewPage {
    /// A new provider.
    pub(super) fn provider(app: &App, session: &Session, sections: Vec<Section>) -> Self {
        let frame = Console::new(app, session, Tab::Providers);
        let (title, all, list) = ("New provider", "All providers", "/console/providers");
        Self { frame, title, all, list, refused: None, sections }
    }

    /// A new theme.
    pub(super) fn theme(app: &App, session: &Session, sections: Vec<Section>) -> Self {
        let frame = Console::new(app, session, Tab::Themes);
        let (title, all, list) = ("New theme", "All themes", "/console/themes");
        Self { frame, title, all, list, refused: None, sections }
    }

    /// A new relay.
    pub(super) fn relay(app: &App, session: &Session, sections: Vec<Section>) -> Self {
        let frame = Console::new(app, session, Tab::Relays);
        let (title, all, list) = ("New mail relay", "All mail relays", "/console/relays");
        Self { frame, title, all, list, refused: None, sections }
    }

    /// To be filled in.
    pub(super) fn shown(&self) -> Response {
        page(StatusCode::OK, self)
    }

    /// Filled in wrongly: for a reason about the whole, or those at the fields.
    pub(super) fn refused(mut self, reason: Option<String>) -> Response {
        self.refused = Some(form::refusal(&self.sections, reason));
        page(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}
