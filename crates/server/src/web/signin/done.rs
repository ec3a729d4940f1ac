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
use crate::web::journey::{FIELDS, Journey};
use crate::web::problem;
use crate::web::visit::Visit;
use crate::web::when::When;

#[derive(Template)]
#[template(path = "web/signin/done.html")]
struct DonePage {
    frame: Frame,
    name: String,
    at: When,
    by: AcceptedBy,
    /// What the administrator has to say.
    message: String,
    /// The challenge, where there was one.
    reference: String,
}

/// `GET /signin/done`
pub(crate) async fn get(State(app): State<App>, visit: Visit, headers: HeaderMap) -> Response {
    let kept = cookie::find(&app, Kind::Done, &headers).and_then(|value| cookie::verify(&app, Kind::Done, value));
    let known = kept.as_deref().and_then(|fields| {
        let (told, journey) = fields.split_first_chunk()?;
        Some((told, Journey::from_fields(<&[String; FIELDS]>::try_from(journey).ok()?)?))
    });
    match known {
        Some(([name, at, by, reference], journey)) => {
            let done = DonePage {
                frame: Frame::around(&app, &visit.on(&journey)),
                message: journey.post_logon_message(&app),
                name: name.clone(),
                at: When::new(Timestamp::from_millis(at.parse().unwrap_or(0))),
                by: read_by(by),
                reference: reference.clone(),
            };
            page(StatusCode::OK, &done)
        }
        None => problem::ended(&app, &visit, None),
    }
}

/// Ends a sign-in that was accepted: forgets what was pending, remembers what to tell.
pub(in crate::web) fn accepted(
    app: &App,
    journey: &Journey,
    name: &UserName,
    accepted: &Accepted,
    id: Option<&ChallengeId>,
) -> Response {
    let at = app.now().millis().to_string();
    let reference = id.map_or("", ChallengeId::as_str);
    let mut fields = vec![name.as_str(), &at, by_name(accepted.by), reference];
    fields.extend(journey.fields());
    let value = cookie::sign(app, Kind::Done, &fields);
    let cookies = AppendHeaders([
        (header::SET_COOKIE, cookie::set(app, Kind::Done, &value)),
        (header::SET_COOKIE, cookie::clear(app, Kind::SignIn)),
        (header::SET_COOKIE, cookie::clear(app, Kind::Enroll)),
    ]);
    (cookies, redirect(app, "/signin/done")).into_response()
}

impl DonePage {
    fn is_excepted(&self) -> bool {
        self.by == AcceptedBy::Excepted
    }

    fn is_enrolled(&self) -> bool {
        self.by == AcceptedBy::Enrolled
    }
}

const fn by_name(by: AcceptedBy) -> &'static str {
    match by {
        AcceptedBy::Answer | AcceptedBy::PinAndCode => "code",
        AcceptedBy::Enrolled => "enrolled",
        AcceptedBy::Excepted => "excepted",
    }
}

fn read_by(name: &str) -> AcceptedBy {
    let known = [AcceptedBy::Enrolled, AcceptedBy::Excepted].into_iter().find(|by| by_name(*by) == name);
    known.unwrap_or(AcceptedBy::Answer)
}
