//! The page behind the link for the first administrator. The token stands in the query, which no log holds.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Form};
use domain::name::UserName;
use domain::secret::Secret;
use serde::Deserialize;

use super::query::Query;
use super::{problem, signin};
use crate::app::App;
use crate::manage::admins::invitations::{self, Accepted};
use crate::manage::{By, ManageError};
use crate::origin::Origin;
use crate::web::cookie::{self, Kind};
use crate::web::frame::{Frame, page};
use crate::web::same_origin::SameOrigin;

#[derive(Template)]
#[template(path = "web/console/invitation.html")]
struct InvitationPage<'a> {
    frame: Frame,
    token: &'a Secret,
    name: &'a str,
    /// Why the form was not taken.
    refused: Option<&'a str>,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(deserialize_with = "crate::web::signin::secret")]
    token: Secret,
    name: String,
    #[serde(deserialize_with = "crate::web::signin::secret")]
    password: Secret,
}

/// `GET /console/invitation`: looking uses nothing up.
pub(super) async fn get(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let query = Query::parse(query.as_deref());
    let token = Secret::new(query.text("token"));
    match invitations::is_good(&app, &token).await {
        Ok(true) => show(&app, StatusCode::OK, &token, ("", None)),
        Ok(false) => problem::no_invitation(&app),
        Err(error) => problem::failed(&app, &error),
    }
}

/// `POST /console/invitation`: the administrator is made, and signed in.
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
    let Ok(Form(Typed { token, name, password })) = form else {
        return problem::unreadable(&app);
    };
    let by = By {
        actor: "invitation".to_owned(),
        action: "POST /console/invitation".to_owned(),
        address: origin.place(),
        request_id: origin.request_id.clone(),
    };
    match invitations::accept(&app, &by, &token, &name, &password).await {
        Ok(Accepted::Done) => match UserName::parse(&name) {
            Ok(name) => signin::open(&app, &origin, &headers, (&name, &password)).await,
            Err(_) => problem::unreadable(&app),
        },
        Ok(Accepted::NotGood) => problem::no_invitation(&app),
        Err(ManageError::Invalid(reason)) => {
            show(&app, StatusCode::UNPROCESSABLE_ENTITY, &token, (&name, Some(&reason)))
        }
        Err(error) => problem::failed(&app, &error),
    }
}

fn show(app: &App, status: StatusCode, token: &Secret, (name, refused): (&str, Option<&str>)) -> Response {
    let shown = page(status, &InvitationPage { frame: Frame::of(app), token, name, refused });
    (AppendHeaders([(header::SET_COOKIE, cookie::set(app, Kind::Visit, "1"))]), shown).into_response()
}
