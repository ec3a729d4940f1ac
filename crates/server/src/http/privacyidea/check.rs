//! `/validate/check`: form → attempt → verdict → JSON.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::attempt::{Attempt, Client, Device, Proof, Who};
use domain::challenge::ChallengeId;
use domain::criteria::{Label, Os};

use super::envelope::{Answer, Failure};
use super::params::Params;
use super::{request_key, shape};
use crate::api_key::Scope;
use crate::app::App;
use crate::auth::{self, who};
use crate::http::caller::{self, Claimed};
use crate::origin::Origin;

/// `POST /validate/check`.
pub async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    params: Params,
) -> Result<Answer, Failure> {
    run(&app, &origin, &headers, &params, "POST /validate/check").await
}

/// `GET /validate/check`, where the operator allows PINs in URLs.
pub async fn get(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    params: Params,
) -> Response {
    if !app.config.validate.get {
        let reason = "GET would put PINs and codes into logs; use POST, or set [validate] get = true";
        let failure = Failure::parameter(reason).with_status(StatusCode::METHOD_NOT_ALLOWED);
        return ([(header::ALLOW, "POST")], failure).into_response();
    }
    run(&app, &origin, &headers, &params, "GET /validate/check").await.into_response()
}

async fn run(
    app: &App,
    origin: &Origin,
    headers: &HeaderMap,
    params: &Params,
    action: &'static str,
) -> Result<Answer, Failure> {
    let caller = caller::admit(app, origin, headers, Scope::ValidateCheck)?;
    let typed = params.secret("pass")?.ok_or_else(|| Failure::missing("pass"))?;
    let who = who(app, params)?;
    if params.flag("otponly") {
        return Err(Failure::parameter("'otponly' is not offered: a code alone proves no first factor"));
    }
    let proof = match params.text("transaction_id").or_else(|| params.text("state")) {
        Some(id) => Proof::Answer { challenge: ChallengeId::parse(id), typed },
        None => Proof::FirstStep { typed },
    };
    let client = Client { request_key: request_key::read(headers, params)?, ..caller.client(origin, claimed(params)) };
    let attempt = Attempt { who, proof, client };
    let verdict = auth::authenticate(app, &attempt, action).await?;
    let nonce = params.text("nonce").map(str::to_owned);
    Ok(shape::checked(app, &attempt, verdict)?.nonce(nonce))
}

/// What the caller says about the end user. What cannot be read is not known; a theme that cannot be
/// one is none that lets anybody in.
pub(super) fn claimed(params: &Params) -> Claimed {
    let address = |name| params.text(name).and_then(|address| address.parse().ok());
    let label = |name| params.text(name).and_then(|text| Label::parse(text).ok());
    let device = Device {
        address: address("client"),
        gateway: address("gateway"),
        hardware_id: label("hardware_id"),
        name: label("device"),
        os: params.text("os").and_then(Os::parse),
    };
    Claimed { device, theme: params.text("theme").map(str::to_owned) }
}

/// Whom the parameters name. A name that cannot be one is nobody's, and is refused like nobody's.
pub(super) fn who(app: &App, params: &Params) -> Result<Who, Failure> {
    let serial = params.text("serial");
    let Some(user) = params.text("user") else {
        let serial =
            serial.ok_or_else(|| Failure::parameter("You need to specify a serial, user or credential_id."))?;
        return Ok(Who::Serial(serial.to_owned()));
    };
    Ok(who::named(app, user, params.text("realm"), serial))
}
