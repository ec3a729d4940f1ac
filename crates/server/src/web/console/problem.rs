//! Pages of the console for what did not go the usual way.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::app::App;
use crate::failure;
use crate::manage::ManageError;
use crate::web::frame::{Frame, page};

#[derive(Template)]
#[template(path = "web/console/problem.html")]
struct Problem<'a> {
    frame: Frame,
    title: &'a str,
    text: &'a str,
}

/// A form of another site, or of another session.
pub(super) fn not_ours(app: &App) -> Response {
    let text = "That form was made for another session or sent by another site's page. Nothing was changed. Open the \
                page again and repeat what you did.";
    show(app, StatusCode::FORBIDDEN, "Not from here", text)
}

/// A form that cannot be read.
pub(super) fn unreadable(app: &App) -> Response {
    let text = "Something in it is missing, too long, or not text. Nothing was changed.";
    show(app, StatusCode::BAD_REQUEST, "That form cannot be read", text)
}

/// A link for the first administrator that was used, replaced, has expired, or never was one.
pub(super) fn no_invitation(app: &App) -> Response {
    let text = "It works once, for 15 minutes, and only as long as there is no administrator. `otpost admin invite` \
                prints a new one.";
    show(app, StatusCode::NOT_FOUND, "This link is not good any more", text)
}

/// No such person, enrollment or page.
pub(super) fn not_found(app: &App) -> Response {
    let text = "It may have been removed since you opened the page before.";
    show(app, StatusCode::NOT_FOUND, "There is no such thing", text)
}

/// An address that nothing answers.
pub(super) async fn no_page(State(app): State<App>) -> Response {
    not_found(&app)
}

/// What a use case could not do. A failure of ours goes to the log, once, here.
pub(super) fn failed(app: &App, error: &ManageError) -> Response {
    match error {
        ManageError::NotFound(_) => return not_found(app),
        ManageError::Invalid(reason) | ManageError::Taken(reason) => {
            return show(app, StatusCode::UNPROCESSABLE_ENTITY, "That was not done", reason);
        }
        ManageError::Stale => {
            return show(app, StatusCode::CONFLICT, "That was not done", &error.to_string());
        }
        _ => failure::log(error, "a page of the console could not be answered"),
    }
    busy(app)
}

/// We cannot answer now.
pub(super) fn busy(app: &App) -> Response {
    let text = "The server is too busy, or its database does not answer. Nothing was changed; try again shortly.";
    let mut response = show(app, StatusCode::SERVICE_UNAVAILABLE, "Not just now", text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

fn show(app: &App, status: StatusCode, title: &str, text: &str) -> Response {
    page(status, &Problem { frame: Frame::of(app), title, text })
}
