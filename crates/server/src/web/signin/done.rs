//! The end: you are signed in, and what that rests on.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::attempt::{Client, Who};
use domain::challenge::ChallengeId;
use domain::secret::Secret;
use domain::time::Timestamp;
use domain::verdict::{Accepted, AcceptedBy};

use crate::app::App;
use crate::auth::{AuthError, front_door, passage};
use crate::web::cookie::{self, Kind};
use crate::web::frame::{Frame, page, redirect};
use crate::web::journey::{FIELDS, Journey};
use crate::web::language::Texts;
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
    /// The application that waits: its host, and its address with the ticket.
    onward: Option<(String, String)>,
    /// What the sign-in has opened elsewhere.
    door: Option<Door>,
    /// What the administrator has to say.
    message: String,
    /// The challenge, where there was one.
    reference: String,
}

/// A door at which the person may come in for a while, by the pass that they have left there.
struct Door {
    /// Milliseconds.
    left: u64,
    words: String,
}

/// `GET /signin/done`
pub(crate) async fn get(State(app): State<App>, visit: Visit, headers: HeaderMap) -> Response {
    let kept = cookie::find(&app, Kind::Done, &headers).and_then(|value| cookie::verify(&app, Kind::Done, value));
    let known = kept.as_deref().and_then(|fields| {
        let (told, journey) = fields.split_first_chunk()?;
        Some((told, Journey::from_fields(<&[String; FIELDS]>::try_from(journey).ok()?)?))
    });
    match known {
        Some(([name, at, by, reference, ticket, door], journey)) => {
            let host = journey.return_to.as_ref().map(|place| place.host().to_owned());
            let done = DonePage {
                onward: host.zip(journey.on_with(ticket)),
                door: read_instant(door).map(|until| Door::new(until.since(app.now()), visit.tongue.language.texts())),
                frame: Frame::around(&app, &visit.on(&journey)),
                message: journey.post_logon_message(&app),
                name: name.clone(),
                at: When::new(read_instant(at).unwrap_or_default()),
                by: read_by(by),
                reference: reference.clone(),
            };
            let shown = page(StatusCode::OK, &done);
            if done.onward.is_none() {
                return shown;
            }
            // A ticket is handed over once: going back shows no address that has lost its worth.
            (AppendHeaders([(header::SET_COOKIE, cookie::clear(&app, Kind::Done))]), shown).into_response()
        }
        None => problem::ended(&app, &visit, None),
    }
}

/// Ends a sign-in that was accepted: forgets what was pending, remembers what to tell.
pub(in crate::web) async fn accepted(
    app: &App,
    visit: &Visit,
    journey: &Journey,
    attempt: (&Client, &Who),
    accepted: (&Accepted, Option<&ChallengeId>),
) -> Response {
    match carried(app, journey, attempt, accepted.0).await {
        Ok(Some(carried)) => remember(app, journey, attempt.1, accepted, &carried),
        Ok(None) => problem::ended(app, visit, None),
        Err(error) => problem::busy(app, visit, &AuthError::CodeUsed(Box::new(error))),
    }
}

/// What somebody takes away from a sign-in.
struct Carried {
    /// What the application that waits will redeem; empty where none waits.
    ticket: Secret,
    /// Until when they may come in at another door, if there is one.
    door: Option<Timestamp>,
}

/// Nothing if what the application would redeem cannot be had.
async fn carried(
    app: &App,
    journey: &Journey,
    (client, who): (&Client, &Who),
    accepted: &Accepted,
) -> Result<Option<Carried>, AuthError> {
    let door = front_door::leave(app, client, who, accepted).await?;
    let ticket = match &journey.return_to {
        Some(place) => passage::issue(app, client, who, accepted, place).await?,
        None => Some(Secret::default()),
    };
    Ok(ticket.map(|ticket| Carried { ticket, door }))
}

fn remember(
    app: &App,
    journey: &Journey,
    who: &Who,
    (accepted, id): (&Accepted, Option<&ChallengeId>),
    Carried { ticket, door }: &Carried,
) -> Response {
    let name = if let Who::User { name, .. } = who { name.as_str() } else { "" };
    let at = app.now().millis().to_string();
    let reference = id.map_or("", ChallengeId::as_str);
    let door = door.map(|until| until.millis().to_string()).unwrap_or_default();
    let mut fields = vec![name, &at, by_name(accepted.by), reference, ticket.expose(), &door];
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

impl Door {
    fn new(left: Duration, texts: &Texts) -> Self {
        let seconds = left.as_millis().div_ceil(1_000);
        let words = match seconds {
            0 => texts.connect_over.to_owned(),
            _ => texts.connect_for.replace("{}", &format!("{}:{:02}", seconds / 60, seconds % 60)),
        };
        Self { left: u64::try_from(left.as_millis()).unwrap_or(u64::MAX), words }
    }
}

fn read_instant(millis: &str) -> Option<Timestamp> {
    millis.parse().ok().map(Timestamp::from_millis)
}

const fn by_name(by: AcceptedBy) -> &'static str {
    match by {
        AcceptedBy::Answer | AcceptedBy::CodeAlone | AcceptedBy::FrontDoor | AcceptedBy::PinAndCode => "code",
        AcceptedBy::Enrolled => "enrolled",
        AcceptedBy::Excepted => "excepted",
    }
}

fn read_by(name: &str) -> AcceptedBy {
    let known = [AcceptedBy::Enrolled, AcceptedBy::Excepted].into_iter().find(|by| by_name(*by) == name);
    known.unwrap_or(AcceptedBy::Answer)
}
