//! What is wrong with one value of a request: where, which kind, and what is allowed.

use serde_json::{Map, Value, json};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http::parallels) struct Fault {
    /// JSON pointer (RFC 6901) into the body; empty for the whole of it. Parameters of path and query
    /// stand as `/NAME`.
    pub(in crate::http::parallels) pointer: String,
    /// The kind, for programs.
    pub(in crate::http::parallels) code: Code,
    /// What is allowed and what was given, for people.
    pub(in crate::http::parallels) message: String,
}

/// The kinds of faults, by which programs tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::parallels) enum Code {
    /// None of the values that there are.
    Choice,
    /// Not written as it has to be.
    Format,
    /// The body is no JSON.
    Json,
    /// Too short or too long.
    Length,
    /// Needed and not there.
    Missing,
    /// Null where that says nothing.
    Null,
    /// Too small or too large.
    Range,
    /// Given twice.
    Repeated,
    /// Another kind of value.
    Type,
    /// No such property.
    Unknown,
    /// Refused for what it means.
    Value,
}

impl Fault {
    pub(in crate::http::parallels) fn new(pointer: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

impl Code {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Format => "format",
            Self::Json => "json",
            Self::Length => "length",
            Self::Missing => "missing",
            Self::Null => "null",
            Self::Range => "range",
            Self::Repeated => "repeated",
            Self::Type => "type",
            Self::Unknown => "unknown",
            Self::Value => "value",
        }
    }
}

/// `errors`, as programs made for the incumbent read them: texts by path.
pub(super) fn by_path(faults: &[Fault]) -> Value {
    let mut errors = Map::new();
    for fault in faults {
        let path = fault.pointer.trim_start_matches('/');
        let texts = errors.entry(path).or_insert_with(|| json!([]));
        if let Some(texts) = texts.as_array_mut() {
            texts.push(fault.message.as_str().into());
        }
    }
    errors.into()
}

/// `faults`, for programs that want to know the kind.
pub(super) fn listed(faults: &[Fault]) -> Value {
    let one = |fault: &Fault| json!({"pointer": fault.pointer, "code": fault.code.as_str(), "message": fault.message});
    faults.iter().map(one).collect()
}
