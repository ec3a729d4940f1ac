//! The code that proves the address. Its page has an address of its own, and showing it does nothing.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::address::MailAddress;
use domain::challenge::ChallengeId;
use domain::secret::Secret;
use domain::verdict::{Refusal, Refused, Verdict};
use serde::Deserialize;

use super::Enrolling;
use crate::app::App;
use crate::auth::enroll::{self, Enrollee, Wanted};
use crate::auth::waiting::{self, ShownChallenge};
use crate::origin::Origin;
use crate::web::frame::{Frame, page, redirect};
use crate::web::journey::Journey;
use crate::web::problem;
use crate::web::same_origin::OwnForm;
use crate::web::signin::{Said, client, code::tidy, done};
use crate::web::visit::Visit;
use crate::web::when::When;

#[derive(Template)]
#[template(path = "web/enroll/code.html")]
struct CodePage {
    frame: Frame,
    said: Option<Said>,
    id: String,
    name: String,
    /// Where the code went, masked; nothing for the address in the directory.
    other: Option<String>,
    until: When,
    /// Milliseconds until the code is refused.
    left: u128,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Typed {
    id: String,
    #[serde(deserialize_with = "crate::web::signin::secret")]
    code: Secret,
}

/// An address that only takes forms.
pub(crate) async fn to_start(State(app): State<App>) -> Response {
    redirect(&app, "/enroll")
}

/// `GET /enroll/code/{id}`
pub(crate) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    let said = Said::read(query.as_deref());
    let Some(sent) = Sent::find(&app, &headers, &id) else {
        return problem::ended(&app, &visit, said);
    };
    let visit = visit.on(&sent.journey);
    match waiting::find(&app, &sent.id).await {
        Ok(Some(open)) => page(StatusCode::OK, &CodePage::new(&app, &visit, &sent, (&open, said))),
        Ok(None) => problem::ended(&app, &visit, said),
        Err(error) => problem::busy(&app, &visit, &error),
    }
}

/// `POST /enroll/code`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    visit: Visit,
    headers: HeaderMap,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    use Refusal::{AlreadyEnrolled, EnrollmentClosed, NoAddress, StorageOccupied, UnknownUser};
    let Some(sent) = Sent::find(&app, &headers, &typed.id) else {
        return problem::ended(&app, &visit, None);
    };
    let visit = visit.on(&sent.journey);
    let about = (&sent.id, &sent.wanted);
    let client = client(&origin, &sent.journey);
    match enroll::complete(&app, &sent.enrollee, about, &tidy(&typed.code), &client).await {
        Ok(Verdict::Accept(accepted)) => {
            let by = (&client, &sent.enrollee.who());
            done::accepted(&app, &visit, &sent.journey, by, (&accepted, Some(&sent.id))).await
        }
        Ok(Verdict::Refuse(Refused {
            refusal: refusal @ (AlreadyEnrolled | EnrollmentClosed | NoAddress | StorageOccupied),
            ..
        })) => problem::told(&app, &visit, refusal),
        Ok(Verdict::Refuse(Refused { refusal: UnknownUser, .. })) => problem::ended(&app, &visit, None),
        // To a page of its own: a reload shows the refusal again and tries nothing.
        Ok(_) => redirect(&app, &format!("/enroll/code/{}{}", sent.id, Said::Wrong.query())),
        Err(error) => problem::busy(&app, &visit, &error),
    }
}

/// A code that is on its way to somebody who is enrolling.
struct Sent {
    enrollee: Enrollee,
    journey: Journey,
    id: ChallengeId,
    wanted: Wanted,
}

impl Sent {
    /// The code that this browser waits for, if it is that one.
    fn find(app: &App, headers: &HeaderMap, id: &str) -> Option<Self> {
        let Enrolling { enrollee, journey, sent, .. } = Enrolling::find(app, headers)?;
        let (kept, wanted) = sent?;
        (kept.as_str() == id).then_some(Self { enrollee, journey, id: kept, wanted })
    }
}

impl CodePage {
    fn new(app: &App, visit: &Visit, sent: &Sent, (open, said): (&ShownChallenge, Option<Said>)) -> Self {
        let other = if let Wanted::Other(address) = &sent.wanted { Some(address) } else { None };
        Self {
            frame: Frame::around(app, visit),
            said,
            id: sent.id.as_str().to_owned(),
            name: sent.enrollee.name.as_str().to_owned(),
            other: other.map(MailAddress::masked),
            until: When::new(open.expires_at),
            left: open.expires_at.since(app.now()).as_millis(),
        }
    }

    fn is_wrong(&self) -> bool {
        self.said.is_some_and(Said::is_error)
    }
}
