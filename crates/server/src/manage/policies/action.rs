//! The actions of a policy: how they are written, and which are offered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manage::ManageError;
use crate::manage::wording::shown;

/// What proves the first factor.
pub(super) const OTPPIN: &str = "otppin";

/// The actions that are offered, each with what it sets.
pub const OFFERED: [(&str, &str); 4] = [
    ("email_challenge_text", "What the person is asked."),
    ("emailsubject", "Subject of the mail."),
    ("emailtext", "Text of the mail; {otp} stands for the code."),
    (OTPPIN, "What proves the first factor: tokenpin, userstore or none."),
];

/// The setting that an action sets.
pub(super) fn setting_of(action: &str) -> Option<&'static str> {
    match action {
        "email_challenge_text" => Some("email.challenge_text"),
        "emailsubject" => Some("email.subject"),
        "emailtext" => Some("email.text"),
        OTPPIN => Some(OTPPIN),
        _ => None,
    }
}

/// Reads `name=value, name=value` or a JSON object.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, ManageError> {
    let pairs = if text.trim_start().starts_with('{') { from_json(text)? } else { from_list(text) };
    let mut actions = BTreeMap::new();
    for (name, value) in pairs {
        if setting_of(&name).is_none() {
            let offered = OFFERED.map(|(name, _)| name).join(", ");
            let shown = shown(&name);
            return Err(invalid(&format!("the action '{shown}' is not offered; there are: {offered}")));
        }
        actions.insert(name, value);
    }
    if actions.is_empty() {
        return Err(invalid("a policy needs an action"));
    }
    Ok(actions)
}

fn from_json(text: &str) -> Result<Vec<(String, String)>, ManageError> {
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(text).map_err(|_| invalid("the action is not a JSON object"))?;
    let read = |value: Value| {
        if let Value::String(text) = value { text } else { value.to_string() }
    };
    Ok(object.into_iter().map(|(name, value)| (name, read(value))).collect())
}

/// Splits at commas that no backslash precedes.
fn from_list(text: &str) -> Vec<(String, String)> {
    let mut items = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&',') => {
                items.iter_mut().last().into_iter().for_each(|item| item.push(','));
                letters.next();
            }
            ',' => items.push(String::new()),
            other => items.iter_mut().last().into_iter().for_each(|item| item.push(other)),
        }
    }
    let pairs = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
    pairs
        .map(|item| item.split_once('=').unwrap_or((item, "")))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

fn invalid(reason: &str) -> ManageError {
    ManageError::Invalid(format!("{reason}. Nothing was changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_from_lists_and_objects() {
        let list = parse(r"emailtext=Hello\, {otp}=it , otppin=userstore,").expect("read");
        assert_eq!(list["emailtext"], "Hello, {otp}=it");
        assert_eq!(list["otppin"], "userstore");
        let object = parse(r#"{"otppin": "none"}"#).expect("read");
        assert_eq!(object["otppin"], "none");
        for bad in
            ["", ",", "passthru=userstore", r#"{"otppin": "none", "x": 1}"#, "{otppin", "otppin=none,passOnNoUser"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
