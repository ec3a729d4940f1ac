//! Signing in to the console and out of it.

use askama::Template;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Form};
use domain::name::UserName;
use domain::secret::Secret;
use serde::Deserialize;

use super::posted::Posted;
use super::{problem, session};
use crate::app::App;
use crate::failure;
use crate::manage::sessions::{self, Door, Opening};
use crate::origin::Origin;
use crate::web::cookie::{self, Kind};
use crate::web::frame::{Frame, page, redirect};
use crate::web::same_origin::SameOrigin;

#[derive(Template)]
#[template(path = "web/console/signin.html")]
struct SignInPage {
    frame: Frame,
    is_refused: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Typed {
    name: String,
    #[serde(deserialize_with = "crate::web::signin::secret")]
    password: Secret,
}

/// `GET /console/signin`
pub(super) async fn get(State(app): State<App>) -> Response {
    show(&app, StatusCode::OK)
}

/// `POST /console/signin`: a new session, whatever cookie the browser came with.
pub(super) async fn post(
    origin_check: Result<SameOrigin, Response>,
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    form: Result<Form<Typed>, FormRejection>,
) -> Response {
    if origin_check.is_err() {
        return problem::not_ours(&app);
    }
    let Ok(Form(typed)) = form else {
        return problem::unreadable(&app);
    };
    let (Ok(name), true) = (UserName::parse(&typed.name), typed.password.expose().len() <= MOST_OCTETS) else {
        return show(&app, StatusCode::UNPROCESSABLE_ENTITY);
    };
    open(&app, &origin, &headers, (&name, &typed.password)).await
}

/// Opens a session for whoever has this name and password, and leads into the console.
pub(super) async fn open(
    app: &App,
    origin: &Origin,
    headers: &HeaderMap,
    (name, password): (&UserName, &Secret),
) -> Response {
    let before = session::shown_token(app, headers);
    let door = Door::Console { before: before.as_ref() };
    match sessions::open(app, origin, door, name, password).await {
        Ok(Opening::Open(opened)) => {
            let cookie = AppendHeaders([(header::SET_COOKIE, session::keep(app, &opened.token))]);
            (cookie, redirect(app, "/console")).into_response()
        }
        Ok(Opening::Refused | Opening::Spent) => show(app, StatusCode::UNPROCESSABLE_ENTITY),
        Err(error) => {
            failure::log(&error, "an administrator's sign-in could not be judged");
            problem::busy(app)
        }
    }
}

/// `POST /console/signout`
pub(super) async fn end(State(app): State<App>, posted: Posted) -> Response {
    let by = posted.by("POST /console/signout");
    if let Err(error) = sessions::end(&app, &by, &posted.session.token).await {
        return problem::failed(&app, &error);
    }
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie::clear(&app, Kind::Console))]);
    (cookie, redirect(&app, "/console/signin")).into_response()
}

/// The form. After a refusal it is the same for everybody: it repeats no name.
fn show(app: &App, status: StatusCode) -> Response {
    let shown = page(status, &SignInPage { frame: Frame::of(app), is_refused: status != StatusCode::OK });
    (AppendHeaders([(header::SET_COOKIE, cookie::set(app, Kind::Visit, "1"))]), shown).into_response()
}

/// Longest password, as everywhere.
const MOST_OCTETS: usize = 256;
