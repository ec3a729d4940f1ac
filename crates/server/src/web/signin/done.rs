//! The end: you are signed in, and what that rests on.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::challenge::ChallengeId;
use domain::name::UserName;
use domain::time::Timestamp;
use domain::verdict::{Accepted, AcceptedBy};

use crate::app::App;
use crate::web::cookie::{self, Kind};
use crate::web::frame::{Frame, page, redirect};
use crate::web::problem;
use crate::web::when::When;

#[derive(Template)]
#[template(path = "web/signin/done.html")]
struct DonePage {
    frame: Frame,
    name: String,
    at: When,
    is_excepted: bool,
    /// The challenge, where there was one.
    reference: String,
}

/// `GET /signin/done`
pub(crate) async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    let kept = cookie::find(&app, Kind::Done, &headers).and_then(|value| cookie::verify(&app, Kind::Done, value));
    match kept.as_deref() {
        Some([name, at, by, reference]) => {
            let done = DonePage {
                frame: Frame::of(&app),
                name: name.clone(),
                at: When::new(Timestamp::from_millis(at.parse().unwrap_or(0))),
                is_excepted: by == EXCEPTED,
                reference: reference.clone(),
            };
            page(StatusCode::OK, &done)
        }
        _ => problem::ended(&app, None),
    }
}

/// Ends a sign-in that was accepted: forgets what was pending, remembers what to tell.
pub(super) fn accepted(app: &App, name: &UserName, accepted: &Accepted, id: Option<&ChallengeId>) -> Response {
    let at = app.now().millis().to_string();
    let by = if accepted.by == AcceptedBy::Excepted { EXCEPTED } else { "code" };
    let reference = id.map_or("", ChallengeId::as_str);
    let value = cookie::sign(app, Kind::Done, &[name.as_str(), &at, by, reference]);
    let cookies = AppendHeaders([
        (header::SET_COOKIE, cookie::set(app, Kind::Done, &value)),
        (header::SET_COOKIE, cookie::clear(app, Kind::SignIn)),
    ]);
    (cookies, redirect(app, "/signin/done")).into_response()
}

const EXCEPTED: &str = "excepted";
