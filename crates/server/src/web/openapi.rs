//! `/openapi.json` and `/openapi`: every HTTP call, for programs and for people, from the same tables.

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use super::assets;
use super::frame::{self, Frame};
use crate::app::App;
use crate::openapi::{self, GROUPS, Group, Operation, Param};

#[derive(Template)]
#[template(path = "web/openapi.html")]
struct OpenApiPage {
    frame: Frame,
    sheet: &'static str,
    /// Where `curl` reaches us.
    address: String,
    groups: &'static [Group],
}

/// `GET /openapi.json`. Anybody may ask, so it is written once.
pub(super) fn document() -> MethodRouter<App> {
    let written = Arc::new(OnceLock::new());
    get(async move |State(app): State<App>| {
        let text = written.get_or_init(|| Bytes::from(openapi::document(&Frame::of(&app).base).to_string()));
        ([(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
    })
}

/// `GET /openapi`
pub(super) async fn page(State(app): State<App>) -> Response {
    let frame = Frame::of(&app);
    let http = &app.config.http;
    let scheme = if http.tls.is_some() { "https" } else { "http" };
    // The address of a demonstration is the one it listens on: its public name has no port.
    let public_url = http.public_url.as_ref().filter(|_| app.banner.is_none());
    let address = public_url.map_or_else(|| format!("{scheme}://{}", http.listen), |url| url.as_str().to_owned());
    frame::page(StatusCode::OK, &OpenApiPage { frame, sheet: &assets::CONSOLE_STYLE.name, address, groups: &GROUPS })
}

impl OpenApiPage {
    fn curl(&self, operation: &Operation, group: &Group) -> String {
        openapi::curl(operation, group.listener, &self.address)
    }

    /// Where parameters outside the path stand.
    fn place(operation: &Operation, param: &Param) -> &'static str {
        match param.place {
            openapi::Place::Header => "header",
            openapi::Place::Path => "path",
            openapi::Place::Given if operation.is_parallels() && operation.has_body() => "body",
            openapi::Place::Given if operation.has_body() => "body or query",
            openapi::Place::Given | openapi::Place::Query => "query",
        }
    }

    fn anchor(group: &Group) -> String {
        group.title.to_lowercase().replace(' ', "-")
    }
}
