//! Texts written for privacyIDEA: its tag for the code becomes ours, its other tags are refused.

use domain::text::{DURATION, OTP};

use crate::manage::ManageError;
use crate::manage::wording::{refused, shown};

/// The text with our placeholder for the code.
pub(super) fn translate(label: &str, text: &str) -> Result<String, ManageError> {
    if text.trim_start().starts_with("file:") {
        return Err(refused(label, "the text itself is allowed, not a file", text));
    }
    let text = text.replace("<otp>", OTP);
    let mut translated = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        translated.push_str(before);
        match tag(after) {
            Some("otp") => translated.push_str(OTP),
            Some(other) => return Err(unknown(label, other)),
            None => {
                translated.push('{');
                rest = after;
                continue;
            }
        }
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    translated.push_str(rest);
    Ok(translated)
}

/// The person is asked before the code has come; the question must not hold it.
pub(super) fn check_prompt(label: &str, text: &str) -> Result<(), ManageError> {
    if text.contains(OTP) || text.contains(DURATION) {
        return Err(refused(label, "a question without placeholders is allowed", text));
    }
    Ok(())
}

/// The name between braces, if what follows the brace is one.
fn tag(after: &str) -> Option<&str> {
    let (name, _) = after.split_once('}')?;
    // Also `{otp.x}`, `{otp!r}` and `{0}`: what Python fills in.
    let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '{');
    is_name.then_some(name)
}

fn unknown(label: &str, tag: &str) -> ManageError {
    let tag = shown(tag);
    ManageError::Invalid(format!(
        "{label}: the tag {{{tag}}} is not offered; there are {OTP} (or {{otp}}) and {DURATION}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_the_code_becomes_ours_and_others_are_refused() {
        for (text, ours) in [
            ("Code {otp}.", "Code %OTP%."),
            ("<otp> and {otp} and %OTP%", "%OTP% and %OTP% and %OTP%"),
            ("a { b } {} {otp", "a { b } {} {otp"),
            ("{{otp}}", "{%OTP%}"),
            ("no tag", "no tag"),
        ] {
            assert_eq!(translate("email.text", text).expect("translated"), ours);
        }
        for bad in ["{serial}", "{otp} for {user}", "{otp.__class__}", "{otp!r}", "{0}", "file:/etc/passwd", "{ {x}"] {
            let error = translate("email.text", bad).expect_err(bad).to_string();
            assert!(error.starts_with("email.text: "), "{error}");
        }
    }
}
