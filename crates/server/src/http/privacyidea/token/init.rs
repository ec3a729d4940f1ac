//! `POST /token/init`: enrolling. The answer holds no seed and no picture: there is nothing to copy.

use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::Serial;
use serde_json::{Map, json};

use super::call::Call;
use crate::api_key::Scope;
use crate::http::privacyidea::envelope::{Answer, Failure};
use crate::http::privacyidea::params::Params;
use crate::manage::ManageError;
use crate::manage::enrollments::{self, Existing, NewEnrollment};

/// `POST /token/init`.
pub(super) async fn init(call: Call) -> Result<Answer, Failure> {
    // An existing one is changed, and that takes what any change of it takes.
    let (by, existing) = match call.by(Scope::AdminWrite, PATH).await {
        Ok(by) => (by, Existing::EnrolledAgain),
        Err(_) => (call.by(Scope::Enroll, PATH).await?, Existing::Kept),
    };
    let params = &call.params;
    if params.text("type").is_none_or(|kind| !kind.eq_ignore_ascii_case("email")) {
        return Err(Failure::parameter("Only tokens of the type 'email' can be enrolled: pass type=email"));
    }
    let is_address_dynamic = params.flag("dynamic_email");
    let new = NewEnrollment {
        serial: params.text("serial").map(serial).transpose()?,
        existing,
        address: address(params, is_address_dynamic)?,
        is_address_dynamic,
        pin: params.secret("pin")?,
        code_length: params.number("otplen")?.map(code_length).transpose()?,
        description: params.text("description").unwrap_or_default().to_owned(),
        owner: call.owner().await?,
    };
    let serial = enrollments::enroll(&call.app, &by, new).await.map_err(|error| match error {
        ManageError::Taken(_) if existing == Existing::Kept => Failure::forbidden(NOT_AGAIN),
        // All that can be in the way of an enrollment then is a locked one of the same serial.
        ManageError::Taken(reason) => Failure::token(1007, reason),
        other => other.into(),
    })?;
    let detail = [("serial", json!(serial.as_str())), ("rollout_state", json!(""))];
    Ok(call.answer(true).detail(Map::from_iter(detail.map(|(name, value)| (name.to_owned(), value)))))
}

fn serial(text: &str) -> Result<Serial, Failure> {
    Serial::parse(text).ok_or_else(|| {
        Failure::parameter("Invalid serial number: 1 to 40 letters, digits, hyphens and underscores are allowed")
    })
}

fn address(params: &Params, is_dynamic: bool) -> Result<Option<MailAddress>, Failure> {
    match params.sent("email") {
        None | Some("") if is_dynamic => Ok(None),
        None => Err(Failure::missing("email")),
        Some(text) => parse_address(text).map(Some),
    }
}

/// One mail address, or the reason why not.
pub(super) fn parse_address(text: &str) -> Result<MailAddress, Failure> {
    MailAddress::parse(text).map_err(|error| Failure::parameter(format!("'email' is not usable: {error}")))
}

fn code_length(digits: i64) -> Result<CodeLength, Failure> {
    CodeLength::from_digits(digits).map_err(|error| Failure::parameter(format!("'otplen': {error}")))
}

const PATH: &str = "/token/init";
const NOT_AGAIN: &str =
    "There is a token of this serial, and this API key lacks the scope admin:write, which changing it takes.";
