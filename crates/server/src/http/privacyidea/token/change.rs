//! Calls that change enrollments.

use axum::extract::Path;

use super::call::Call;
use super::init::parse_address;
use crate::api_key::Scope;
use crate::http::privacyidea::envelope::{Answer, Failure};
use crate::manage::enrollments::{self, Edit, Targets, info};
use crate::settings::is_true;

type Serial = Option<Path<String>>;

/// `POST /token/enable`.
pub(super) async fn enable(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/enable").await?;
    Ok(call.answer(enrollments::set_active(&call.app, &by, call.targets(serial.as_ref()).await?, true).await?))
}

/// `POST /token/disable`.
pub(super) async fn disable(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/disable").await?;
    Ok(call.answer(enrollments::set_active(&call.app, &by, call.targets(serial.as_ref()).await?, false).await?))
}

/// `POST /token/reset`.
pub(super) async fn reset(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/reset").await?;
    Ok(call.answer(enrollments::reset(&call.app, &by, call.targets(serial.as_ref()).await?).await?))
}

/// `POST /token/revoke`.
pub(super) async fn revoke(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/revoke").await?;
    Ok(call.answer(enrollments::revoke(&call.app, &by, call.targets(serial.as_ref()).await?).await?))
}

/// `DELETE /token/SERIAL`.
pub(super) async fn remove(Path(serial): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/").await?;
    let targets = Targets::by_serial(&call.app, &serial).await?;
    Ok(call.answer(enrollments::remove(&call.app, &by, targets).await?))
}

/// `POST /token/setpin`. The PIN is called `otppin` here; other PINs are for hardware.
pub(super) async fn set_pin(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/setpin").await?;
    let targets = call.targets(serial.as_ref()).await?;
    let Some(pin) = call.params.secret("otppin")? else {
        return Ok(call.answer(0));
    };
    Ok(call.answer(enrollments::set_pin(&call.app, &by, targets, pin).await?))
}

/// `POST /token/set`, with `email` and `dynamic_email` beyond what the interface knew.
pub(super) async fn set(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/set").await?;
    let targets = call.targets(serial.as_ref()).await?;
    let params = &call.params;
    let edit = Edit {
        pin: params.secret("pin")?,
        address: params.sent("email").map(parse_address).transpose()?,
        is_address_dynamic: params.text("dynamic_email").map(is_true),
        max_failures: params.number("max_failcount")?,
        description: params.sent("description").map(str::to_owned),
    };
    Ok(call.answer(enrollments::edit(&call.app, &by, targets, edit).await?))
}

/// `POST /token/description`.
pub(super) async fn description(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/description").await?;
    let targets = call.targets(serial.as_ref()).await?;
    let text = call.params.sent("description").ok_or_else(|| Failure::missing("description"))?;
    let edit = Edit { description: Some(text.to_owned()), ..Edit::default() };
    Ok(call.answer(enrollments::edit(&call.app, &by, targets, edit).await?))
}

/// `POST /token/assign`.
pub(super) async fn assign(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/assign").await?;
    let owner = call.owner().await?.ok_or_else(|| Failure::missing("user"))?;
    let (targets, pin) = (call.one(serial.as_ref()).await?, call.params.secret("pin")?);
    enrollments::assign(&call.app, &by, targets, &owner, pin).await?;
    Ok(call.answer(true))
}

/// `POST /token/unassign`.
pub(super) async fn unassign(serial: Serial, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/unassign").await?;
    Ok(call.answer(enrollments::unassign(&call.app, &by, call.targets(serial.as_ref()).await?).await?))
}

/// `POST /token/realm/SERIAL`.
pub(super) async fn realm(Path(serial): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/realm").await?;
    let targets = Targets::by_serial(&call.app, &serial).await?;
    let realms: Vec<_> = call.params.required("realms")?.split(',').map(str::trim).collect();
    enrollments::set_realm(&call.app, &by, targets, &realms).await?;
    Ok(call.answer(true))
}

/// `POST /token/info/SERIAL/KEY`.
pub(super) async fn set_info(Path((serial, key)): Path<(String, String)>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/info").await?;
    let targets = Targets::by_serial(&call.app, &serial).await?;
    info::set(&call.app, &by, targets, &key, call.params.required("value")?).await?;
    Ok(call.answer(true))
}

/// `DELETE /token/info/SERIAL/KEY`.
pub(super) async fn remove_info(Path((serial, key)): Path<(String, String)>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/token/info").await?;
    let targets = Targets::by_serial(&call.app, &serial).await?;
    info::remove(&call.app, &by, targets, &key).await?;
    Ok(call.answer(true))
}
