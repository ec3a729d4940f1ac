//! `/token/challenges/`: what is on its way. No code, and nothing a code follows from.

use axum::extract::Path;
use domain::challenge::State;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::list::paged;
use super::object::number;
use crate::api_key::Scope;
use crate::http::privacyidea::envelope::{Answer, Failure};
use crate::manage::enrollments::challenges;

/// `GET /token/challenges/[SERIAL]`.
pub(super) async fn list(serial: Option<Path<String>>, call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/token/challenges/").await?;
    let serial = match &serial {
        Some(Path(serial)) => serial.as_str(),
        None => call.params.text("serial").unwrap_or_default(),
    };
    let (page, size) = call.page()?;
    let (count, found) = challenges::list(&call.app, serial, page, size).await?;
    let shown = found.iter().map(|challenge| {
        let id = challenge.id.as_str();
        json!({
            "challenge": "",
            "data": "",
            "expiration": date(challenge.expires_at),
            "id": number(&format!("{id}{}", challenge.serial)),
            "otp_received": challenge.tries > 0,
            "otp_valid": challenge.state == State::Used,
            "received_count": challenge.tries,
            "serial": challenge.serial,
            "timestamp": date(challenge.issued_at),
            "transaction_id": id,
        })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(call.answer(paged("challenges", &shown, page, size, count)))
}

/// `DELETE /token/challenges/expired`.
pub(super) async fn remove_expired(call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/challenges/expired").await?;
    Ok(call.answer(challenges::remove_expired(&call.app, &by).await?))
}

/// RFC 1123, in GMT.
fn date(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
