//! What names may hold, and how a value that was refused is shown.

use super::ManageError;

/// A name that people choose for a thing: plain characters, so that it fits lists, paths and logs.
pub(super) fn plain_name<'a>(what: &str, name: &'a str) -> Result<&'a str, ManageError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if (1..=MOST_NAME_CHARS).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(name);
    }
    let shown = shown(name);
    Err(ManageError::Invalid(format!(
        "the name of a {what} has 1 to {MOST_NAME_CHARS} letters, digits, dots, hyphens or underscores, got '{shown}'"
    )))
}

/// One line of printable text within a length.
pub(super) fn one_line(key: &str, text: &str, most: usize) -> Result<(), ManageError> {
    let count = text.chars().count();
    if count > most {
        return Err(ManageError::Invalid(format!("{key}: at most {most} characters are allowed, got {count}")));
    }
    if text.chars().any(domain::text::is_unprintable) {
        let shown = shown(text);
        return Err(ManageError::Invalid(format!("{key}: control characters are not allowed, got '{shown}'")));
    }
    Ok(())
}

/// A whole number within its range.
pub(super) fn number(key: &str, value: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, ManageError> {
    let read = value.trim().parse().ok().filter(|number| range.contains(number));
    read.ok_or_else(|| {
        refused(key, &format!("a whole number from {} to {} is allowed", range.start(), range.end()), value)
    })
}

/// A truth value.
pub(super) fn truth(key: &str, value: &str) -> Result<bool, ManageError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(refused(key, "yes (1, true, on) or no (0, false, off) is allowed", value)),
    }
}

/// The refusal of a value: which key, what is allowed, what was given.
pub(super) fn refused(key: &str, allowed: &str, value: &str) -> ManageError {
    ManageError::Invalid(format!("{key}: {allowed}, got '{}'", shown(value)))
}

/// A text of a stranger, cut and escaped, fit for an answer and a log.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MOST_SHOWN_CHARS).collect();
    cut.escape_debug().to_string()
}

const MOST_NAME_CHARS: usize = 100;
const MOST_SHOWN_CHARS: usize = 64;
