//! The demo's mailbox.

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};

use crate::app::App;
use crate::demo::sink::Sink;

/// The routes of the mailbox.
pub fn routes(sink: Arc<Sink>) -> Router<App> {
    Router::new().route("/mailbox.json", get(async move || Json(sink.mails())))
}
