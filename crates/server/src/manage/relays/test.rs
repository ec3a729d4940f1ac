//! Trying a relay out. The answer is coarse: whoever may press the button must not learn from it
//! what else listens in the network. Details go to the log.

use std::time::Duration;

use domain::address::MailAddress;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{NewRelay, plan};
use crate::app::App;
use crate::delivery::{test_message, test_relay};
use crate::mail::error::{MailError, Place};
use crate::mail::smtp::Envelope;
use crate::manage::wording::refused;
use crate::manage::{About, By, ManageError, event};
use crate::store::command::Event;
use crate::store::relays::StoredRelay;

/// A test mail.
#[derive(Debug, Clone)]
pub struct TestMail {
    /// The relay as it would be saved.
    pub relay: NewRelay,
    /// Who gets the mail.
    pub recipient: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestOutcome {
    /// The relay took the mail.
    Accepted,
    /// The relay is there and does not let us sign in.
    LoginRefused,
    /// Nobody answered in the words of a mail relay.
    NotReached,
    /// The relay did not take the mail; its reply code.
    Refused(u16),
    /// No protected connection.
    Tls,
    /// Nothing was tried.
    TooMany,
}

impl TestOutcome {
    /// In a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Accepted => "The mail server was reached and accepted the test mail.".to_owned(),
            Self::LoginRefused => "The mail server was reached and refused the login.".to_owned(),
            Self::NotReached => "The mail server was not reached.".to_owned(),
            Self::Refused(code) => format!("The mail server was reached and refused the mail with {code}."),
            Self::Tls => {
                "TLS problem: the certificate has another name, has expired or is not trusted, or TLS is not offered."
                    .to_owned()
            }
            Self::TooMany => "Too many tests; wait a minute.".to_owned(),
        }
    }
}

/// Sends a test mail. The stored password is used for the server it was given for, and for no other.
pub async fn test(app: &App, by: &By, mail: TestMail) -> Result<TestOutcome, ManageError> {
    let recipient = MailAddress::parse(&mail.recipient)
        .map_err(|error| refused("recipient", &error.to_string(), &mail.recipient))?;
    let relay = plan(app, &app.settings(), mail.relay)?;
    if !admit(app, by, &relay, &recipient).await? {
        return Ok(TestOutcome::TooMany);
    }
    let name = relay.name.clone();
    let outcome = match send(app, relay, &recipient).await {
        Ok(()) => TestOutcome::Accepted,
        Err(error) => {
            tracing::warn!(relay = name, request_id = by.request_id, %error, "a test mail was not accepted");
            sort(&error)
        }
    };
    tracing::info!(relay = name, request_id = by.request_id, ?outcome, "a relay was tried out");
    Ok(outcome)
}

/// Puts the test on the audit trail, unless there were enough in the last minute. One at a time,
/// so that two cannot both be the last.
async fn admit(app: &App, by: &By, relay: &StoredRelay, to: &MailAddress) -> Result<bool, ManageError> {
    let _one_at_a_time = GATE.lock().await;
    let recent = app.store.count_audit_reason(REASON, app.now() - PERIOD).await?;
    if recent >= MOST_IN_PERIOD {
        return Ok(false);
    }
    let detail = format!("{}; mail to {}", super::summary(relay), to.masked());
    let line = event(app, by, About { detail, ..About::default() }, "ok")?;
    app.store.record(Event { reason: REASON.to_owned(), ..line }).await?;
    Ok(true)
}

async fn send(app: &App, relay: StoredRelay, to: &MailAddress) -> Result<(), MailError> {
    let route = test_relay(relay, &app.keys).map_err(|problem| MailError::misconfigured(problem.to_string()))?;
    let message = test_message(app, to, &route.sender).map_err(|error| MailError::misconfigured(error.to_string()))?;
    let envelope = Envelope { from: route.sender.as_str(), to };
    route.pool.send(&envelope, &message, Instant::now() + PATIENCE).await.map(drop)
}

/// What may be told of a failure: where it happened, and no more.
fn sort(error: &MailError) -> TestOutcome {
    match error.place() {
        Place::OnTheWay => TestOutcome::NotReached,
        Place::Tls => TestOutcome::Tls,
        Place::SignIn => TestOutcome::LoginRefused,
        Place::Mail(code) => TestOutcome::Refused(code),
    }
}

static GATE: Mutex<()> = Mutex::const_new(());
/// How the audit trail marks a test.
const REASON: &str = "relay-test";
const PERIOD: Duration = Duration::from_mins(1);
const MOST_IN_PERIOD: i64 = 6;
/// Within the time a request may take.
const PATIENCE: Duration = Duration::from_secs(7);
