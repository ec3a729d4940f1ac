//! `/validate/triggerchallenge`: the caller vouches for the first factor, with the right to do so.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::attempt::{Attempt, Client, Proof, Who};

use super::envelope::{Answer, Failure};
use super::params::Params;
use super::{check, request_key, session, shape};
use crate::api_key::Scope;
use crate::app::App;
use crate::auth;
use crate::origin::Origin;

/// `POST` and `GET /validate/triggerchallenge`.
pub async fn run(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    params: Params,
) -> Result<Answer, Failure> {
    let actor = session::require(&app, &origin, &headers, Scope::ValidateTrigger).await?;
    let who = check::who(&app, &params)?;
    if let Who::Nobody(_) = &who {
        return Err(Failure::unknown_user(params.text("user").unwrap_or_default(), ""));
    }
    let client = actor.client(&origin, check::claimed(&params));
    let client = Client { request_key: request_key::read(&headers, &params)?, ..client };
    let attempt = Attempt { who, proof: Proof::Vouched, client };
    let verdict = auth::authenticate(&app, &attempt, "POST /validate/triggerchallenge").await?;
    Ok(shape::triggered(&app, &attempt, &verdict)?.nonce(params.text("nonce").map(str::to_owned)))
}
