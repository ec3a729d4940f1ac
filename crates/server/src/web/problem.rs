//! Pages for what did not go the usual way. One look for all reasons of one kind.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::verdict::Refusal;

use super::frame::{Frame, page};
use super::signin::Said;
use crate::app::App;
use crate::auth::AuthError;
use crate::telemetry::Chain;

#[derive(Template)]
#[template(path = "web/problem.html")]
struct Problem {
    frame: Frame,
    title: &'static str,
    said: Option<Said>,
    text: &'static str,
    remedy: &'static str,
}

/// There is nothing to go on with, for whatever reason.
pub(super) fn ended(app: &App, said: Option<Said>) -> Response {
    let problem = Problem {
        frame: Frame::of(app),
        title: "This sign-in has ended",
        said,
        text: "A sign-in ends when its code is used or expires, after too many wrong codes, or when it was begun \
               somewhere else.",
        remedy: "Start again",
    };
    page(StatusCode::GONE, &problem)
}

/// We cannot answer now. The chain of causes goes to the log, once, here.
pub(super) fn busy(app: &App, error: &AuthError) -> Response {
    tracing::error!(error = %Chain(error), "a sign-in could not be judged");
    let (text, remedy) = match error {
        AuthError::CodeUsed(_) => (
            "The code was right and is used up, but your address could not be stored. Please start again.",
            "Start again",
        ),
        _ => (
            "The sign-in could not be checked at this moment. Nothing was changed; please try again shortly.",
            "Try again",
        ),
    };
    let problem = Problem { frame: Frame::of(app), title: "Not just now", said: None, text, remedy };
    let mut response = page(StatusCode::SERVICE_UNAVAILABLE, &problem);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// The password was right, and still there is nothing to go on with: the person may know why.
pub(super) fn told(app: &App, refusal: Refusal) -> Response {
    let (title, text) = match refusal {
        Refusal::NoAddress => {
            ("No code can be sent", "No e-mail address is available for your account. Contact your administrator.")
        }
        Refusal::AlreadyEnrolled => ("You are enrolled already", "Start again to sign in with a code."),
        _ => ("No code can be sent", "Enrollment is disabled. Contact your system administrator."),
    };
    let problem = Problem { frame: Frame::of(app), title, said: None, text, remedy: "Start again" };
    page(StatusCode::FORBIDDEN, &problem)
}

/// A form that was sent by another site's page.
pub(super) fn cross_site(app: &App) -> Response {
    let problem = Problem {
        frame: Frame::of(app),
        title: "Not from here",
        said: None,
        text: "That form was sent by a page of another site, or cookies are switched off. It was not looked at.",
        remedy: "Go to the sign-in page",
    };
    page(StatusCode::FORBIDDEN, &problem)
}

/// A form that cannot be read.
pub(super) fn unreadable(app: &App) -> Response {
    let problem = Problem {
        frame: Frame::of(app),
        title: "That form cannot be read",
        said: None,
        text: "Something in it is missing, too long, or not text.",
        remedy: "Start again",
    };
    page(StatusCode::BAD_REQUEST, &problem)
}

/// No such page.
pub(super) fn not_found(app: &App) -> Response {
    let problem = Problem {
        frame: Frame::of(app),
        title: "There is no such page",
        said: None,
        text: "Check the address you were given.",
        remedy: "Go to the sign-in page",
    };
    page(StatusCode::NOT_FOUND, &problem)
}
