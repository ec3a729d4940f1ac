//! Two answers compared, without what no two answers share: times, ids, threads, signatures, versions.

use serde_json::{Map, Value, json};

use crate::app::Reply;

/// What differs, as `pointer: theirs → ours`.
pub fn differences(recorded: &Value, reply: &Reply) -> Vec<String> {
    let mut found = Vec::new();
    let status = recorded["status"].as_u64().unwrap();
    if status != u64::from(reply.status.as_u16()) {
        found.push(format!("status: {status} → {}", reply.status.as_u16()));
    }
    if recorded["json"].is_null() {
        if serde_json::from_slice::<Value>(&reply.body).is_ok() {
            found.push("body: a page → JSON".to_owned());
        }
        return found;
    }
    let ours = reply.json();
    always(&recorded["json"], &ours);
    let pointers = ["/result", "/detail", "/nonce", "/id", "/jsonrpc", "/error"];
    for pointer in pointers {
        let pick = |body: &Value| essence(pointer, body.pointer(pointer).cloned().unwrap_or_default());
        compare(pointer, &pick(&recorded["json"]), &pick(&ours), &mut found);
    }
    found
}

/// What holds for every answer of ours: no signature (16), errors have no `time` (28), a success
/// has its version and time where theirs has.
fn always(theirs: &Value, ours: &Value) {
    assert!(ours.get("signature").is_none());
    if ours["result"]["status"] == true {
        assert!(ours["time"].is_number(), "{ours}");
        assert!(ours["versionnumber"].is_string() || theirs.get("versionnumber").is_none(), "{ours}");
    } else {
        assert!(ours.get("versionnumber").is_none() && ours["result"].get("value").is_none(), "{ours}");
    }
    for asked in ours["detail"]["multi_challenge"].as_array().into_iter().flatten() {
        // Number 5; theirs is dropped below.
        assert_eq!(asked["attributes"], Value::Null);
    }
}

fn essence(pointer: &str, value: Value) -> Value {
    match (pointer, value) {
        // Neither an empty object nor null tells a client anything.
        ("/detail", Value::Null) => json!({}),
        ("/result", mut result) if result.pointer("/value/auth").is_some() => {
            let value = result["value"].as_object_mut().unwrap();
            value.retain(|name, _| OF_A_SIGN_IN.contains(&name.as_str()));
            masked(result)
        }
        (_, value) => masked(value),
    }
}

fn masked(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(name, _)| !VOLATILE.contains(&name.as_str()));
            Value::Object(kept.map(|(name, value)| (name.clone(), masked_member(&name, value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        other => other,
    }
}

fn masked_member(name: &str, value: Value) -> Value {
    match (name, &value) {
        ("transaction_id" | "token", Value::String(_)) => json!("<some>"),
        ("transaction_ids", Value::Array(ids)) => json!(ids.len()),
        ("rights" | "menus" | "auditcolumns" | "auditdata", Value::Array(_)) => json!("<list>"),
        ("serial", Value::String(serial)) if !KNOWN_SERIALS.contains(&serial.as_str()) => json!("<serial>"),
        _ => masked(value),
    }
}

fn compare(pointer: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        // More than clients need is left out on purpose; nothing they do not know is added.
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs {
                match ours.get(name) {
                    Some(own) => compare(&format!("{pointer}/{name}"), value, own, found),
                    None if UNREAD.contains(&name.as_str()) => {}
                    None => found.push(format!("{pointer}/{name}: {} → absent", shown(value))),
                }
            }
            for (name, own) in ours.iter().filter(|(name, own)| !theirs.contains_key(*name) && !own.is_null()) {
                found.push(format!("{pointer}/{name}: absent → {}", shown(own)));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (number, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{pointer}/{number}"), theirs, ours, found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{pointer}: {} → {}", shown(theirs), shown(ours))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(items) => format!("{} items", items.len()),
        other => other.to_string(),
    }
}

/// Never the same twice.
const VOLATILE: [&str; 16] = [
    "threadid",
    "attributes",
    "time",
    "signature",
    "version",
    "versionnumber",
    "id",
    "user_id",
    "userid",
    "resolver",
    "assignment_date",
    "creation_date",
    "readonly_info_keys",
    "settable_info_keys",
    "undeletable_info_keys",
    "log_level",
];
/// The rest of what signing in tells is for the web interface.
const OF_A_SIGN_IN: [&str; 7] = ["auth", "token", "role", "username", "realm", "rights", "menus"];
/// Part of the web interface, or of other kinds of token: no client of the e-mail flow reads it.
const UNREAD: [&str; 3] = ["hashlib", "googleurl", "oathurl"];
const KNOWN_SERIALS: [&str; 6] =
    ["PIEM0005BA93", "MYSERIAL1", "PIEM00104B01", "PIEM00116AF6", "PIEM0010EC14", "PIEM00106EE2"];
