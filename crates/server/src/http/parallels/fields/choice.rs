//! One of a few: a number on the wire, a name in documents. Both are read, the number is written.

use crate::http::parallels::json::Json;

/// A set of values that have numbers and names.
pub(in crate::http::parallels) trait Choice: Copy + PartialEq + 'static {
    /// Every value, in order of the numbers.
    const ALL: &'static [(i64, &'static str, Self)];
}

/// The number of a value.
pub(in crate::http::parallels) fn number_of<T: Choice>(value: T) -> i64 {
    T::ALL.iter().find(|(_, _, one)| *one == value).map_or(0, |(number, ..)| *number)
}

pub(super) fn read<T: Choice>(value: &Json) -> Option<T> {
    let found = T::ALL.iter().find(|(number, name, _)| match value {
        Json::Number(given) => number == given,
        Json::Text(given) => name.eq_ignore_ascii_case(given.expose()),
        _ => false,
    });
    found.map(|(.., value)| *value)
}

pub(super) fn refusal<T: Choice>(value: &Json) -> String {
    let all: Vec<_> = T::ALL.iter().map(|(number, name, _)| format!("{number} ({name})")).collect();
    let got = match value {
        Json::Number(number) => number.to_string(),
        Json::Text(text) => format!("'{}'", super::shown(text.expose())),
        other => other.in_words().to_owned(),
    };
    format!("must be one of {}, got {got}", all.join(", "))
}
