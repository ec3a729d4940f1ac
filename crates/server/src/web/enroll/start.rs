//! Choosing the address. Showing the page sends nothing; the button does.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::address::MailAddress;
use domain::decide::Choice;
use domain::verdict::Refusal;
use serde::Deserialize;

use super::Enrolling;
use crate::app::App;
use crate::auth::enroll::{self, Offer, Wanted};
use crate::origin::Origin;
use crate::web::frame::{Frame, page, redirect};
use crate::web::problem;
use crate::web::same_origin::OwnForm;
use crate::web::signin::client;

#[derive(Template)]
#[template(path = "web/enroll/start.html")]
struct StartPage {
    frame: Frame,
    name: String,
    /// The address in the directory, masked, where it may be chosen.
    listed: Option<String>,
    /// Whether another address may be given.
    takes_other: bool,
    /// What was typed and is not an address.
    refused: Option<String>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    choice: String,
    #[serde(default)]
    address: String,
}

/// `GET /enroll`
pub(crate) async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(enrolling) = Enrolling::find(&app, &headers) else {
        return problem::ended(&app, None);
    };
    show(&app, &enrolling, None).await
}

/// `POST /enroll`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let Some(enrolling) = Enrolling::find(&app, &headers) else {
        return problem::ended(&app, None);
    };
    let Some(wanted) = typed.wanted() else {
        return show(&app, &enrolling, Some(typed.address)).await;
    };
    match enroll::send(&app, &enrolling.enrollee, &wanted, &client(&origin)).await {
        Ok(Ok(id)) => {
            let path = format!("/enroll/code/{id}");
            let enrolling = Enrolling { sent: Some((id, wanted)), ..enrolling };
            let keep = AppendHeaders([(header::SET_COOKIE, enrolling.cookie(&app))]);
            (keep, redirect(&app, &path)).into_response()
        }
        Ok(Err(refusal)) => refused(&app, refusal),
        Err(error) => problem::busy(&app, &error),
    }
}

/// The form; once more where what was typed is not one address, and nothing was sent.
async fn show(app: &App, enrolling: &Enrolling, typed: Option<String>) -> Response {
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    match enroll::offer(app, &enrolling.enrollee).await {
        Ok(Ok(offer)) => page(status, &StartPage::new(app, enrolling, &offer, typed)),
        Ok(Err(refusal)) => refused(app, refusal),
        Err(error) => problem::busy(app, &error),
    }
}

/// Whoever is somebody else by now, or has another password, begins at the beginning.
fn refused(app: &App, refusal: Refusal) -> Response {
    if refusal == Refusal::UnknownUser { problem::ended(app, None) } else { problem::told(app, refusal) }
}

impl Typed {
    /// The address that is wanted; nothing for what is not exactly one mailbox.
    fn wanted(&self) -> Option<Wanted> {
        match self.choice.as_str() {
            "listed" => Some(Wanted::Listed),
            _ => MailAddress::parse(&self.address).ok().map(Wanted::Other),
        }
    }
}

impl StartPage {
    fn new(app: &App, enrolling: &Enrolling, offer: &Offer, refused: Option<String>) -> Self {
        let listed = offer.listed.as_ref().filter(|_| offer.choice != Choice::External);
        Self {
            frame: Frame::of(app),
            name: enrolling.enrollee.name.as_str().to_owned(),
            listed: listed.map(MailAddress::masked),
            takes_other: offer.choice != Choice::Directory,
            refused,
        }
    }
}
