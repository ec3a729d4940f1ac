//! Pages for what did not go the usual way. One look for all reasons of one kind.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::verdict::Refusal;

use super::frame::{Frame, page};
use super::language::Texts;
use super::signin::Said;
use super::visit::Visit;
use crate::app::App;
use crate::auth::AuthError;
use crate::failure;

#[derive(Template)]
#[template(path = "web/problem.html")]
struct ProblemPage {
    frame: Frame,
    said: Option<Said>,
    problem: Problem,
}

/// What the page says.
struct Problem {
    title: &'static str,
    text: &'static str,
    remedy: &'static str,
}

/// There is nothing to go on with, for whatever reason.
pub(super) fn ended(app: &App, visit: &Visit, said: Option<Said>) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.ended_title, text: t.ended, remedy: t.start_again };
    let frame = Frame::around(app, visit);
    page(StatusCode::GONE, &ProblemPage { frame, said, problem })
}

/// We cannot answer now. The chain of causes goes to the log, once, here.
pub(super) fn busy(app: &App, visit: &Visit, error: &AuthError) -> Response {
    failure::log(error, "a sign-in could not be judged");
    let t = texts(visit);
    let (text, remedy) = match error {
        AuthError::CodeUsed(_) => (t.busy_code_used, t.start_again),
        _ => (t.busy, t.try_again),
    };
    let mut response = show(app, visit, StatusCode::SERVICE_UNAVAILABLE, Problem { title: t.busy_title, text, remedy });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Too many attempts came from one place, whomever they were about.
pub(super) fn too_many(app: &App, visit: &Visit) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.too_many_title, text: t.too_many, remedy: t.try_again };
    let mut response = show(app, visit, StatusCode::TOO_MANY_REQUESTS, problem);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

/// The password was right, and still there is nothing to go on with: the person may know why. Reasons that say more
/// about the account than that look like a closed enrollment.
pub(super) fn told(app: &App, visit: &Visit, refusal: Refusal) -> Response {
    let t = texts(visit);
    let (title, text) = match refusal {
        Refusal::NoAddress => (t.no_code_title, t.no_address),
        Refusal::AlreadyEnrolled => (t.enrolled_already_title, t.enrolled_already),
        Refusal::StorageOccupied => (t.occupied_title, t.occupied),
        Refusal::Barred
        | Refusal::ChallengeClosed
        | Refusal::Disabled
        | Refusal::EnrollmentClosed
        | Refusal::GuessBudgetSpent
        | Refusal::NoEnrollment
        | Refusal::NoSuchChallenge
        | Refusal::NotAdmitted
        | Refusal::PinBudgetSpent
        | Refusal::RequestKeyReused
        | Refusal::Revoked
        | Refusal::SourceBudgetSpent
        | Refusal::TooManyFailures
        | Refusal::UnknownSerial
        | Refusal::UnknownTheme
        | Refusal::UnknownUser
        | Refusal::WrongCode
        | Refusal::WrongPin => (t.no_code_title, t.enrollment_disabled),
    };
    show(app, visit, StatusCode::FORBIDDEN, Problem { title, text, remedy: t.start_again })
}

/// A form that was sent by another site's page.
pub(super) fn cross_site(app: &App, visit: &Visit) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.cross_site_title, text: t.cross_site, remedy: t.go_to_sign_in };
    show(app, visit, StatusCode::FORBIDDEN, problem)
}

/// The application that sent somebody here is none that they may be sent back to.
pub(super) fn unlisted(app: &App, visit: &Visit) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.unlisted_title, text: t.unlisted, remedy: t.go_to_sign_in };
    show(app, visit, StatusCode::BAD_REQUEST, problem)
}

/// A form that cannot be read.
pub(super) fn unreadable(app: &App, visit: &Visit) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.unreadable_title, text: t.unreadable, remedy: t.start_again };
    show(app, visit, StatusCode::BAD_REQUEST, problem)
}

/// No such page.
pub(super) fn not_found(app: &App, visit: &Visit) -> Response {
    let t = texts(visit);
    let problem = Problem { title: t.not_found_title, text: t.not_found, remedy: t.go_to_sign_in };
    show(app, visit, StatusCode::NOT_FOUND, problem)
}

fn show(app: &App, visit: &Visit, status: StatusCode, problem: Problem) -> Response {
    page(status, &ProblemPage { frame: Frame::around(app, visit), said: None, problem })
}

fn texts(visit: &Visit) -> &'static Texts {
    visit.tongue.language.texts()
}
