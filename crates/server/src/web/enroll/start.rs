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
use crate::web::visit::Visit;

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
pub(crate) async fn get(State(app): State<App>, visit: Visit, headers: HeaderMap) -> Response {
    let Some(enrolling) = Enrolling::find(&app, &headers) else {
        return problem::ended(&app, &visit, None);
    };
    let visit = visit.on(&enrolling.journey);
    show(&app, &visit, &enrolling, None).await
}

/// `POST /enroll`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    visit: Visit,
    headers: HeaderMap,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let Some(enrolling) = Enrolling::find(&app, &headers) else {
        return problem::ended(&app, &visit, None);
    };
    let visit = visit.on(&enrolling.journey);
    let Some(wanted) = typed.wanted() else {
        return show(&app, &visit, &enrolling, Some(typed.address)).await;
    };
    match enroll::send(&app, &enrolling.enrollee, &wanted, &client(&origin, &enrolling.journey)).await {
        Ok(Ok(id)) => {
            let path = format!("/enroll/code/{id}");
            let enrolling = Enrolling { sent: Some((id, wanted)), ..enrolling };
            let keep = AppendHeaders([(header::SET_COOKIE, enrolling.cookie(&app))]);
            (keep, redirect(&app, &path)).into_response()
        }
        Ok(Err(refusal)) => refused(&app, &visit, refusal),
        Err(error) => problem::busy(&app, &visit, &error),
    }
}

/// The form; once more where what was typed is not one address, and nothing was sent.
async fn show(app: &App, visit: &Visit, enrolling: &Enrolling, typed: Option<String>) -> Response {
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    match enroll::offer(app, &enrolling.enrollee).await {
        Ok(Ok(offer)) => page(status, &StartPage::new(app, visit, enrolling, (&offer, typed))),
        Ok(Err(refusal)) => refused(app, visit, refusal),
        Err(error) => problem::busy(app, visit, &error),
    }
}

/// Whoever is somebody else by now, or has another password, begins at the beginning.
fn refused(app: &App, visit: &Visit, refusal: Refusal) -> Response {
    if refusal == Refusal::UnknownUser { problem::ended(app, visit, None) } else { problem::told(app, visit, refusal) }
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
    fn new(app: &App, visit: &Visit, enrolling: &Enrolling, (offer, refused): (&Offer, Option<String>)) -> Self {
        let listed = offer.listed.as_ref().filter(|_| offer.choice != Choice::External);
        Self {
            frame: Frame::around(app, visit),
            name: enrolling.enrollee.name.as_str().to_owned(),
            listed: listed.map(MailAddress::masked),
            takes_other: offer.choice != Choice::Directory,
            refused,
        }
    }
}
