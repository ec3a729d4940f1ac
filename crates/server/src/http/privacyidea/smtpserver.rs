//! `/smtpserver/`: mail relays.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Failure, wrong_method};
use super::realm::number;
use super::token::call::Call;
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::relays::StoredRelay;
use crate::manage::relays::{self, CENSORED, NewRelay, PasswordChange, TestMail, TestOutcome};

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/smtpserver", get(to_slash).fallback(wrong_method))
        .route("/smtpserver/", get(list).fallback(wrong_method))
        .route("/smtpserver/send_test_email", post(test).fallback(wrong_method))
        .route("/smtpserver/{name}", post(save).delete(remove).fallback(wrong_method))
}

/// `GET /smtpserver/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/smtpserver/").await?;
    Ok(call.answer(call.app.settings().relays.iter().map(object).collect::<Map<_, _>>()))
}

/// `POST /smtpserver/NAME`.
async fn save(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let action = "/smtpserver/<identifier>";
    let by = call.by(Scope::AdminWrite, action).await?;
    let new = NewRelay { server: call.params.required("server")?.to_owned(), ..read(name, &call)? };
    // Where codes go is as good as the codes.
    if matches!(new.password, PasswordChange::Set(_)) || relays::is_moved(&call.app, &new)? {
        call.by(Scope::Secrets, action).await?;
    }
    relays::save(&call.app, &by, new).await?;
    Ok(call.answer(true))
}

/// `DELETE /smtpserver/NAME`.
async fn remove(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/smtpserver/<identifier>").await?;
    relays::delete(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `POST /smtpserver/send_test_email`: with the values of the form, or where there is no `server`,
/// with those that are stored.
async fn test(call: Call) -> Result<Answer, Failure> {
    let action = "/smtpserver/send_test_email";
    let by = call.by(Scope::AdminWrite, action).await?;
    call.by(Scope::Secrets, action).await?;
    let name = call.params.required("identifier")?.to_owned();
    let relay = match call.params.text("server") {
        Some(server) => NewRelay { server: server.to_owned(), ..read(name, &call)? },
        None => relays::find(&call.app, &name)?,
    };
    let recipient = call.params.required("recipient")?.to_owned();
    let outcome = relays::test(&call.app, &by, TestMail { relay, recipient }).await?;
    Ok(tested(&call, &outcome))
}

/// What came of a test mail; a failure is an answer, too.
pub(super) fn tested(call: &Call, outcome: &TestOutcome) -> Answer {
    let message = Value::from(outcome.message());
    let detail = [("description", message.clone()), ("message", message)];
    let detail = detail.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    call.answer(*outcome == TestOutcome::Accepted).detail(detail)
}

/// Everything but the server.
fn read(name: String, call: &Call) -> Result<NewRelay, Failure> {
    let params = &call.params;
    let text = |name: &str| params.text(name).unwrap_or_default().to_owned();
    let sent = |name: &str| params.sent(name).map(str::to_owned);
    Ok(NewRelay {
        name,
        server: String::new(),
        port: params.number("port")?,
        tls: params.flag("tls"),
        security: params.text("security").map(str::to_owned),
        user_name: text("username"),
        password: PasswordChange::read(params.sent("password")),
        mechanism: sent("mechanism"),
        sender: text("sender"),
        timeout_seconds: params.number("timeout")?,
        ca_file: sent("ca_file"),
        allow_plaintext: params.text("allow_plaintext").map(crate::settings::is_true),
        description: sent("description"),
        position: params.number("position")?,
    })
}

fn object(relay: &StoredRelay) -> (String, Value) {
    let shown = NewRelay::from(relay);
    let value = json!({
        "allow_plaintext": relay.allow_plaintext,
        "ca_file": relay.ca_file,
        "certificate": "",
        "description": relay.description,
        "dont_send_on_error": false,
        "enqueue_job": false,
        "mechanism": relay.mechanism,
        "password": if relay.sealed_password.is_some() { CENSORED } else { "" },
        "port": relay.port,
        "position": relay.position,
        "private_key": "",
        "private_key_password": "",
        "security": relay.security,
        "sender": relay.sender,
        "server": shown.server,
        "smime": false,
        "timeout": relay.timeout_seconds,
        "tls": shown.tls,
        "username": relay.user_name,
    });
    (relay.name.clone(), value)
}
