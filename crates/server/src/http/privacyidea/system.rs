//! `/system/`: settings by name.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use domain::secret::Secret;
use serde_json::{Map, Value};

use super::envelope::{Answer, Failure, wrong_method};
use super::smtpserver::tested;
use super::token::call::Call;
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::relays::{self, TestMail};
use crate::manage::settings;

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/system", get(to_slash).fallback(wrong_method))
        .route("/system/", get(list).fallback(wrong_method))
        .route("/system/setConfig", post(set).fallback(wrong_method))
        .route("/system/setDefault", post(set_defaults).fallback(wrong_method))
        .route("/system/test/email", post(test).fallback(wrong_method))
        .route("/system/{key}", get(one).delete(remove).fallback(wrong_method))
}

/// `GET /system/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/system/").await?;
    let all = settings::list(&call.app.settings());
    Ok(call.answer(all.into_iter().map(|(key, value)| (key, Value::from(value))).collect::<Map<_, _>>()))
}

/// `GET /system/KEY`.
async fn one(Path(key): Path<String>, call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/system/<key>").await?;
    Ok(call.answer(settings::get(&call.app.settings(), &key)))
}

/// `POST /system/setConfig`.
async fn set(call: Call) -> Result<Answer, Failure> {
    let action = "/system/setConfig";
    let by = call.by(Scope::AdminWrite, action).await?;
    let current = call.app.settings();
    if call.params.iter().any(|(name, _)| settings::is_secret(&current, name)) {
        call.by(Scope::Secrets, action).await?;
    }
    let done = settings::set_many(&call.app, &by, &pairs(&call)).await?;
    Ok(call.answer(inserted(done)))
}

/// `POST /system/setDefault`.
async fn set_defaults(call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/system/setDefault").await?;
    let done = settings::set_defaults(&call.app, &by, &pairs(&call)).await?;
    Ok(call.answer(inserted(done)))
}

/// `DELETE /system/KEY`.
async fn remove(Path(key): Path<String>, call: Call) -> Result<Answer, Failure> {
    let action = "/system/<key>";
    let by = call.by(Scope::AdminWrite, action).await?;
    if settings::is_secret(&call.app.settings(), &key) {
        call.by(Scope::Secrets, action).await?;
    }
    Ok(call.answer(settings::delete(&call.app, &by, &key).await?))
}

/// `POST /system/test/email`: through the relay that is named here, or in `email.identifier`.
async fn test(call: Call) -> Result<Answer, Failure> {
    let action = "/system/test/email";
    let by = call.by(Scope::AdminWrite, action).await?;
    call.by(Scope::Secrets, action).await?;
    let either = |one: &str, other: &str| call.params.text(one).or(call.params.text(other)).map(str::to_owned);
    let relay = relays::find_usual(&call.app, either("identifier", "email.identifier").as_deref())?;
    let recipient = either("recipient", "email.recipient").ok_or_else(|| Failure::missing("recipient"))?;
    let outcome = relays::test(&call.app, &by, TestMail { relay, recipient }).await?;
    Ok(tested(&call, &outcome))
}

/// Names and values; a relay's password may be among them.
fn pairs(call: &Call) -> Vec<(String, Secret)> {
    call.params.iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect()
}

fn inserted(done: Vec<(String, bool)>) -> Map<String, Value> {
    done.into_iter().map(|(name, is_new)| (name, if is_new { "insert" } else { "update" }.into())).collect()
}
