//! The demo's mailbox: every mail that the demonstration sends, to look at.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};

use super::frame::{Frame, page};
use super::headers;
use super::when::When;
use crate::app::App;
use crate::demo::sink::{ReceivedMail, Sink};

#[derive(Template)]
#[template(path = "web/mailbox.html")]
struct MailboxPage {
    frame: Frame,
    mails: Vec<Shown>,
}

struct Shown {
    mail: ReceivedMail,
    at: When,
    /// Lines of the text, and whether each is the code alone.
    lines: Vec<(String, bool)>,
}

/// The routes of the mailbox.
pub fn routes(sink: Arc<Sink>) -> Router<App> {
    let for_json = Arc::clone(&sink);
    Router::new()
        .route("/mailbox", get(async move |State(app): State<App>| show(&app, &sink)))
        .route("/mailbox.json", get(async move || Json(for_json.mails())))
        .layer(map_response(headers::add))
}

fn show(app: &App, sink: &Sink) -> Response {
    let mails = sink.mails().into_iter().take(SHOWN_MAILS).map(Shown::new).collect();
    page(StatusCode::OK, &MailboxPage { frame: Frame::of(app), mails })
}

impl Shown {
    fn new(mail: ReceivedMail) -> Self {
        let lines = mail.text.trim_end().lines().map(|line| (line.to_owned(), is_code(line))).collect();
        Self { at: When::parse(&mail.received_at), lines, mail }
    }
}

fn is_code(line: &str) -> bool {
    let digits = line.trim();
    (4..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

const SHOWN_MAILS: usize = 50;
