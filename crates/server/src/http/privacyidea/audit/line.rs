//! One line of the audit trail in the columns of this dialect.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::Line;

/// The line as an object.
pub(super) fn object(line: &Line) -> Value {
    let date = date(line.at);
    json!({
        "action": line.action,
        "action_detail": line.detail,
        "administrator": line.actor,
        "authentication": authentication(&line.outcome),
        "clearance_level": "default",
        "client": line.address,
        "container_serial": "",
        "container_type": "",
        "date": date,
        "duration": null,
        "info": info(line),
        "log_level": "default",
        "missing_line": "",
        "number": number(line),
        "policies": "",
        "privacyidea_server": "",
        "realm": line.realm,
        "resolver": "",
        "serial": line.serials,
        "sig_check": "",
        "startdate": date,
        "success": i32::from(matches!(line.outcome.as_str(), "accept" | "ok")),
        "thread_id": line.request_id,
        "token_type": if line.serials.is_empty() { "" } else { "email" },
        "user": line.user_name,
        "user_agent": line.client,
        "user_agent_version": "",
    })
}

/// Our word for an outcome of signing in.
pub(super) fn outcome_of(authentication: &str) -> Option<&'static str> {
    match authentication {
        "ACCEPT" => Some("accept"),
        "CHALLENGE" => Some("challenge"),
        "REJECT" => Some("refuse"),
        _ => None,
    }
}

fn authentication(outcome: &str) -> &'static str {
    match outcome {
        "accept" => "ACCEPT",
        "challenge" => "CHALLENGE",
        "refuse" => "REJECT",
        _ => "",
    }
}

fn info(line: &Line) -> String {
    let parts = [line.reason.as_str(), line.detail.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// A number that grows with time and that 53 bits hold: milliseconds, then 12 bits of the name.
fn number(line: &Line) -> i64 {
    let [.., high, low] = line.id;
    line.at.millis() << 12 | i64::from(high & 0x0f) << 8 | i64::from(low)
}

/// No zone, microseconds; ours is UTC.
fn date(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// The columns, in the order of the incumbent.
pub(super) const COLUMNS: [&str; 27] = [
    "number",
    "action",
    "success",
    "authentication",
    "serial",
    "date",
    "startdate",
    "duration",
    "token_type",
    "user",
    "realm",
    "administrator",
    "action_detail",
    "info",
    "privacyidea_server",
    "client",
    "user_agent",
    "user_agent_version",
    "log_level",
    "policies",
    "clearance_level",
    "sig_check",
    "missing_line",
    "resolver",
    "thread_id",
    "container_serial",
    "container_type",
];
