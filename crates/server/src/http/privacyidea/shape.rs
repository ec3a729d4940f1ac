//! Verdicts in the words of this dialect.

use axum::http::StatusCode;
use domain::attempt::{Attempt, Proof, Who};
use domain::enrollment::Serial;
use domain::name::RealmName;
use domain::time::Timestamp;
use domain::verdict::{Accepted, AcceptedBy, Asked, Challenged, Refusal, Refused, Verdict};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Authentication, Failure};
use crate::app::App;
use crate::config::ValidateMessages;

/// The answer of `/validate/check`: `value` is a truth value.
pub fn checked(app: &App, attempt: &Attempt, verdict: Verdict) -> Result<Answer, Failure> {
    let now = seconds(app.now());
    Ok(match verdict {
        Verdict::Accept(accepted) => {
            Answer::new(true, now).detail(accepted_detail(app, &accepted)).authentication(Authentication::Accept)
        }
        Verdict::Challenge(challenged) => {
            Answer::new(false, now).detail(challenge_detail(&challenged)).authentication(Authentication::Challenge)
        }
        // Nobody enrolls through this interface: whoever is not enrolled is refused as such.
        Verdict::Enroll(_) => return checked(app, attempt, Verdict::refuse(Refusal::NoEnrollment)),
        Verdict::Refuse(refused) => {
            let detail = match app.config.validate.messages {
                ValidateMessages::Generic => message_only(GENERIC),
                ValidateMessages::PrivacyIdea => spelled_out(app, attempt, &refused)?,
            };
            Answer::new(false, now).detail(detail).authentication(Authentication::Reject)
        }
    })
}

/// The answer of `/validate/triggerchallenge`: `value` is how many were triggered. The caller has
/// signed in, so it may know why none was.
pub fn triggered(app: &App, attempt: &Attempt, verdict: &Verdict) -> Result<Answer, Failure> {
    let now = seconds(app.now());
    match verdict {
        Verdict::Accept(_) | Verdict::Enroll(_) | Verdict::Refuse(_) => {
            let refusal = if let Verdict::Refuse(refused) = verdict { refused.refusal } else { Refusal::NoEnrollment };
            if refusal == Refusal::UnknownUser {
                return Err(unknown_user(app, attempt));
            }
            let text = why_not_triggered(refusal);
            let texts = Vec::from_iter(text);
            let mut detail = object(json!({"messages": texts, "multi_challenge": [], "transaction_ids": []}));
            if let Some(text) = text {
                detail.insert("message".to_owned(), text.into());
            }
            Ok(Answer::new(0, now).detail(detail).authentication(Authentication::Reject))
        }
        Verdict::Challenge(challenged) => {
            let count = challenged.asked.len();
            Ok(Answer::new(count, now).detail(challenge_detail(challenged)).authentication(Authentication::Challenge))
        }
    }
}

/// What the caller is told; nothing where there was nothing to trigger.
fn why_not_triggered(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NoAddress => Some(NOT_SENT),
        Refusal::TooManyFailures => Some(FAILCOUNTER),
        Refusal::Disabled => Some(DISABLED),
        _ => None,
    }
}

/// Seconds since 1970 with their fraction, as `time` is written.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit 53 bits")]
pub fn seconds(at: Timestamp) -> f64 {
    at.millis() as f64 / 1000.0
}

fn accepted_detail(app: &App, accepted: &Accepted) -> Map<String, Value> {
    let serial = accepted.serial.as_ref().map(Serial::as_str);
    match accepted.by {
        AcceptedBy::Answer | AcceptedBy::CodeAlone | AcceptedBy::Enrolled | AcceptedBy::FrontDoor => {
            object(json!({"message": "Found matching challenge", "serial": serial}))
        }
        AcceptedBy::Excepted => message_only("No second factor is asked for."),
        AcceptedBy::PinAndCode => {
            let digits = app.settings().default_provider().code_length.digits();
            object(json!({"message": "matching 1 tokens", "serial": serial, "type": "email", "otplen": digits}))
        }
    }
}

/// A challenge, with its id in both places where clients look for it.
fn challenge_detail(challenged: &Challenged) -> Map<String, Value> {
    let id = challenged.id.as_str();
    let each = challenged.asked.iter().map(|asked| {
        json!({
            // Null: an object here crashes one of the clients.
            "attributes": null,
            "client_mode": "interactive",
            "message": asked.text(),
            "serial": asked.serial.as_str(),
            "transaction_id": id,
            "type": "email",
        })
    });
    let multi: Vec<Value> = each.collect();
    let messages: Vec<&str> = challenged.asked.iter().map(Asked::text).collect();
    let last = challenged.asked.last().map(|asked| asked.serial.as_str());
    object(json!({
        "attributes": {"state": null, "valid_until": valid_until(challenged.expires_at)},
        "client_mode": "interactive",
        "message": challenged.text(),
        "messages": messages,
        "multi_challenge": multi,
        "preferred_client_mode": "interactive",
        "serial": last,
        "transaction_id": id,
        "transaction_ids": vec![id; challenged.asked.len()],
        "type": "email",
    }))
}

/// The incumbent's own words, for those who read them; they tell a stranger a lot.
fn spelled_out(app: &App, attempt: &Attempt, refused: &Refused) -> Result<Map<String, Value>, Failure> {
    let is_answer = matches!(attempt.proof, Proof::Answer { .. });
    Ok(match refused.refusal {
        Refusal::Barred | Refusal::UnknownUser => return Err(unknown_user(app, attempt)),
        Refusal::UnknownSerial if matches!(attempt.who, Who::User { .. }) => {
            return Err(Failure::parameter("Given serial does not belong to given user!"));
        }
        Refusal::UnknownSerial if matches!(attempt.who, Who::Nobody(_)) => return Err(unknown_user(app, attempt)),
        Refusal::UnknownSerial => return Err(Failure::not_found("The requested token could not be found.")),
        Refusal::Revoked => {
            return Err(Failure::token(1007, "This action is not possible, since the token is locked"));
        }
        Refusal::WrongCode if is_answer && refused.serials.len() > 1 => {
            message_only(&format!("Response did not match for {} tokens.", refused.serials.len()))
        }
        Refusal::WrongCode => {
            let text = if is_answer { "Response did not match the challenge." } else { "wrong otp value" };
            with_serial(text, refused)
        }
        Refusal::ChallengeClosed | Refusal::NoSuchChallenge | Refusal::WrongPin => message_only("wrong otp pin"),
        Refusal::Disabled => message_only(DISABLED),
        Refusal::TooManyFailures => message_only(FAILCOUNTER),
        Refusal::AlreadyEnrolled
        | Refusal::EnrollmentClosed
        | Refusal::NoEnrollment
        | Refusal::NotAdmitted
        | Refusal::StorageOccupied
        | Refusal::UnknownTheme => message_only("The user has no tokens assigned"),
        Refusal::NoAddress => {
            object(json!({"message": NOT_SENT, "messages": [NOT_SENT], "multi_challenge": [], "transaction_ids": []}))
        }
        Refusal::GuessBudgetSpent | Refusal::PinBudgetSpent | Refusal::SourceBudgetSpent => message_only(TOO_MANY),
        Refusal::RequestKeyReused => message_only("Another request had the same Idempotency-Key or nonce"),
    })
}

fn unknown_user(app: &App, attempt: &Attempt) -> Failure {
    match &attempt.who {
        Who::Nobody(_) | Who::Serial(_) => Failure::unknown_user("?", ""),
        Who::User { name, realm, .. } => Failure::unknown_user(name.as_str(), &realm_name(app, realm.as_ref())),
    }
    .with_status(StatusCode::BAD_REQUEST)
}

/// The realm that was meant: the one named, else the default one.
pub fn realm_name(app: &App, named: Option<&RealmName>) -> String {
    let settings = app.settings();
    let default = settings.default_realm().map(|realm| &realm.name);
    named.or(default).map_or("", RealmName::as_str).to_owned()
}

fn with_serial(text: &str, refused: &Refused) -> Map<String, Value> {
    let mut detail = message_only(text);
    if let [serial] = refused.serials.as_slice() {
        detail.insert("serial".to_owned(), serial.as_str().into());
        detail.insert("type".to_owned(), "email".into());
    }
    detail
}

fn message_only(text: &str) -> Map<String, Value> {
    object(json!({"message": text}))
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

/// The time as this interface writes it: no zone, microseconds. Ours is UTC.
fn valid_until(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M:%S%.6f").to_string()
}

/// What every refusal says, whatever its reason.
pub const GENERIC: &str = "Authentication failed.";
const DISABLED: &str = "Token is disabled";
const FAILCOUNTER: &str = "Failcounter exceeded";
const TOO_MANY: &str = "Too many attempts. Try again later.";
const NOT_SENT: &str = "The PIN was correct, but the EMail could not be sent!";
