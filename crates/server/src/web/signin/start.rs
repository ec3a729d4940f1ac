//! The first step: a name and, as a rule, a password.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::attempt::{Attempt, Proof, Who};
use domain::provider::FirstFactor;
use domain::secret::Secret;
use domain::verdict::Refusal::{EnrollmentClosed, NoAddress, SourceBudgetSpent};
use domain::verdict::{Refused, Verdict};
use serde::Deserialize;

use super::{Pending, client, done};
use crate::app::App;
use crate::auth;
use crate::auth::enroll::Enrollee;
use crate::origin::Origin;
use crate::web::enroll;
use crate::web::frame::{Frame, page, redirect};
use crate::web::journey::Journey;
use crate::web::problem;
use crate::web::same_origin::OwnForm;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "web/signin/start.html")]
struct StartPage {
    frame: Frame,
    /// Where the form goes.
    action: String,
    /// What the second field is called, where there is one.
    secret_label: Option<&'static str>,
    is_refused: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Typed {
    name: String,
    #[serde(default, deserialize_with = "super::secret")]
    password: Secret,
}

/// `GET /`, `GET /signin/{theme}`
pub(crate) async fn get(State(app): State<App>, visit: Visit, journey: Journey) -> Response {
    show(&app, &visit, &journey, StatusCode::OK)
}

/// Addresses that only take forms: whoever opens one begins at the beginning.
pub(crate) async fn to_start(State(app): State<App>, visit: Visit) -> Response {
    redirect(&app, &visit.start())
}

/// `POST /signin`, `POST /signin/{theme}`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    visit: Visit,
    journey: Journey,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let visit = visit.on(&journey);
    let who = auth::who::named(&app, &typed.name, None, None);
    let client = client(&origin, &journey);
    let attempt = Attempt { who, proof: Proof::FirstStep { typed: typed.password }, client };
    let verdict = auth::authenticate(&app, &attempt, "POST /signin").await;
    if let Ok(Verdict::Accept(accepted)) = &verdict {
        return done::accepted(&app, &visit, &journey, (&attempt.client, &attempt.who), (accepted, None)).await;
    }
    match (verdict, attempt.who) {
        (Ok(Verdict::Challenge(challenged)), Who::User { name, realm, .. }) => {
            let pending = Pending { id: challenged.id, name, realm, journey };
            let keep = AppendHeaders([(header::SET_COOKIE, pending.cookie(&app))]);
            (keep, redirect(&app, &pending.path(None))).into_response()
        }
        (Ok(Verdict::Enroll(offered)), Who::User { name, realm, .. }) => {
            let theme = journey.theme.clone();
            let enrollee = Enrollee { user_id: offered.user_id, proven_by: offered.proven_by, name, realm, theme };
            enroll::begin(&app, enrollee, journey)
        }
        (Ok(Verdict::Refuse(Refused { refusal: refusal @ (EnrollmentClosed | NoAddress), .. })), _) => {
            problem::told(&app, &visit, refusal)
        }
        (Ok(Verdict::Refuse(Refused { refusal: SourceBudgetSpent, .. })), _) => problem::too_many(&app, &visit),
        (Ok(_), _) => show(&app, &visit, &journey, StatusCode::UNPROCESSABLE_ENTITY),
        (Err(error), _) => problem::busy(&app, &visit, &error),
    }
}

/// The form. After a refusal it is the same for everybody, to the byte: it repeats no name.
fn show(app: &App, visit: &Visit, journey: &Journey, status: StatusCode) -> Response {
    let frame = Frame::around(app, &visit.on(journey));
    let settings = app.settings();
    let realm = settings.entrance(Some(&journey.theme)).and_then(|theme| theme.forced_realm());
    let secret_label = match settings.first_factor(settings.realm(realm), &journey.provider(app)) {
        FirstFactor::None => None,
        FirstFactor::TokenPin => Some(frame.t.password_or_pin),
        FirstFactor::UserStore => Some(frame.t.password),
    };
    let action = frame.at(&journey.first_form());
    let shown = page(status, &StartPage { frame, action, secret_label, is_refused: status != StatusCode::OK });
    (AppendHeaders([(header::SET_COOKIE, Visit::cookie(app, journey))]), shown).into_response()
}
