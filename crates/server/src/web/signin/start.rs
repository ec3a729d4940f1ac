//! The first step: a name and, as a rule, a password.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::attempt::{Attempt, Proof, Who};
use domain::provider::FirstFactor;
use domain::secret::Secret;
use domain::verdict::Refusal::{EnrollmentClosed, NoAddress};
use domain::verdict::{Refused, Verdict};
use serde::Deserialize;

use super::{Pending, client, done};
use crate::app::App;
use crate::auth;
use crate::auth::enroll::Enrollee;
use crate::origin::Origin;
use crate::web::cookie::{self, Kind};
use crate::web::enroll;
use crate::web::frame::{Frame, page, redirect};
use crate::web::problem;
use crate::web::same_origin::OwnForm;

#[derive(Template)]
#[template(path = "web/signin/start.html")]
struct StartPage {
    frame: Frame,
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

/// `GET /`
pub(crate) async fn get(State(app): State<App>) -> Response {
    show(&app, StatusCode::OK)
}

/// `GET /signin/{theme}`
pub(crate) async fn get_theme(State(app): State<App>, Path(theme): Path<String>) -> Response {
    if theme.eq_ignore_ascii_case(DEFAULT_THEME) { show(&app, StatusCode::OK) } else { problem::not_found(&app) }
}

/// Addresses that only take forms: whoever opens one begins at the beginning.
pub(crate) async fn to_start(State(app): State<App>) -> Response {
    redirect(&app, "/")
}

/// `POST /signin`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let who = auth::who::named(&app, &typed.name, None, None);
    let attempt = Attempt { who, proof: Proof::FirstStep { typed: typed.password }, client: client(&origin) };
    match (auth::authenticate(&app, &attempt, "POST /signin").await, attempt.who) {
        (Ok(Verdict::Accept(accepted)), Who::User { name, .. }) => done::accepted(&app, &name, &accepted, None),
        (Ok(Verdict::Challenge(challenged)), Who::User { name, realm, .. }) => {
            let pending = Pending { id: challenged.id, name, realm };
            let keep = AppendHeaders([(header::SET_COOKIE, pending.cookie(&app))]);
            (keep, redirect(&app, &pending.path(None))).into_response()
        }
        (Ok(Verdict::Enroll(offered)), Who::User { name, realm, .. }) => {
            enroll::begin(&app, Enrollee { user_id: offered.user_id, proven_by: offered.proven_by, name, realm })
        }
        (Ok(Verdict::Refuse(Refused { refusal: refusal @ (EnrollmentClosed | NoAddress), .. })), _) => {
            problem::told(&app, refusal)
        }
        (Ok(_), _) => show(&app, StatusCode::UNPROCESSABLE_ENTITY),
        (Err(error), _) => problem::busy(&app, &error),
    }
}

/// The form. After a refusal it is the same for everybody, to the byte: it repeats no name.
fn show(app: &App, status: StatusCode) -> Response {
    let settings = app.settings();
    let secret_label = match settings.first_factor(settings.default_realm(), &settings.default_provider()) {
        FirstFactor::None => None,
        FirstFactor::TokenPin => Some("Password or PIN"),
        FirstFactor::UserStore => Some("Password"),
    };
    let is_refused = status != StatusCode::OK;
    let shown = page(status, &StartPage { frame: Frame::of(app), secret_label, is_refused });
    (AppendHeaders([(header::SET_COOKIE, cookie::set(app, Kind::Visit, "1"))]), shown).into_response()
}

/// The one entrance there is, until administrators can make more.
const DEFAULT_THEME: &str = "default";
