//! `/ticket/check`: an application redeems the ticket that the sign-in pages gave to its visitor.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use domain::secret::Secret;
use serde_json::{Value, json};

use super::envelope::Failure;
use super::params::Params;
use crate::api_key::Scope;
use crate::app::App;
use crate::auth::passage::{self, Place};
use crate::http::caller::{self, Claimed};
use crate::origin::Origin;

/// `POST /ticket/check`.
pub async fn check(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<Value>, Failure> {
    let caller = caller::admit(&app, &origin, &headers, Scope::ValidateCheck)?;
    let client = caller.client(&origin, Claimed::default());
    let ticket = Secret::new(params.required("ticket")?);
    let meant = Place { theme: params.required("theme")?, return_to: params.required("return_to")? };
    let Some(person) = passage::redeem(&app, &client, &ticket, meant).await? else {
        return Err(Failure::forbidden(REFUSED));
    };
    let at = jiff::Timestamp::from_millisecond(person.at.millis()).unwrap_or_default().to_string();
    Ok(Json(json!({
        "user": person.user,
        "realm": person.realm,
        "theme": person.theme,
        "provider": person.provider,
        "at": at,
    })))
}

/// The same for everything that is no good.
const REFUSED: &str = "This ticket is not good here: it is used, older than a minute, or was issued at another theme or for \
    another return address.";
