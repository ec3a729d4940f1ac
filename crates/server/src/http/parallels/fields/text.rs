//! Texts of several kinds: as they are, one printable line, a secret, something that is parsed.

use std::fmt::Display;
use std::ops::RangeInclusive;

use domain::secret::Secret;
use domain::text::{is_unprintable, utf16_len};
use domain::time::Timestamp;

use super::{Code, Fields, Json};

/// Least and most length, in UTF-16 units.
pub(in crate::http::parallels) type Limits = RangeInclusive<usize>;

impl Fields<'_> {
    /// A text as it is, line breaks and all.
    pub(in crate::http::parallels) fn text(&mut self, name: &'static str, limits: Limits) -> Option<String> {
        let value = self.take(name)?;
        self.as_text(name, &value, &limits)
    }

    /// A text that must be there.
    pub(in crate::http::parallels) fn required_text(&mut self, name: &'static str, limits: Limits) -> String {
        let text = self.text(name, limits);
        self.required(name, text)
    }

    /// One printable line, without the blanks around it.
    pub(in crate::http::parallels) fn line(&mut self, name: &'static str, limits: Limits) -> Option<String> {
        let text = match self.take(name)? {
            Json::Text(text) => Json::Text(Secret::new(text.expose().trim())),
            other => other,
        };
        let line = self.as_text(name, &text, &limits)?;
        if line.chars().any(is_unprintable) {
            let message = format!("must be one line without control characters, got '{}'", shown(&line));
            return self.fault(name, Code::Format, message);
        }
        Some(line)
    }

    /// One printable line that must be there.
    pub(in crate::http::parallels) fn required_line(&mut self, name: &'static str, limits: Limits) -> String {
        let line = self.line(name, limits);
        self.required(name, line)
    }

    /// One printable line that means something, for instance an address.
    pub(in crate::http::parallels) fn parsed<T, E: Display>(
        &mut self,
        name: &'static str,
        limits: Limits,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let line = self.line(name, limits)?;
        match parse(&line) {
            Ok(value) => Some(value),
            Err(error) => self.fault(name, Code::Format, format!("{error}, got '{}'", shown(&line))),
        }
    }

    /// A password. Never repeated in a message.
    pub(in crate::http::parallels) fn secret(&mut self, name: &'static str, limits: Limits) -> Option<Secret> {
        match self.take(name)? {
            Json::Text(text) => self.is_within(name, text.expose(), &limits).then_some(text),
            other => self.wrong_type(name, "a text", &other),
        }
    }

    /// A password that must be there.
    pub(in crate::http::parallels) fn required_secret(&mut self, name: &'static str, limits: Limits) -> Secret {
        let secret = self.secret(name, limits);
        self.required(name, secret)
    }

    /// An instant: RFC 3339 with its offset.
    pub(in crate::http::parallels) fn instant(&mut self, name: &'static str) -> Option<Timestamp> {
        let read = |text: &str| {
            let is_only_the_offset_missing = || text.parse::<jiff::civil::DateTime>().is_ok();
            let fault = |_| if is_only_the_offset_missing() { NO_OFFSET } else { INSTANT };
            text.parse::<jiff::Timestamp>().map_err(fault)
        };
        let instant = self.parsed(name, 1..=64, read)?;
        Some(Timestamp::from_millis(instant.as_millisecond()))
    }

    /// Texts of one line each, at most so many.
    pub(in crate::http::parallels) fn lines(
        &mut self,
        name: &'static str,
        most: usize,
        limits: &Limits,
    ) -> Option<Vec<String>> {
        self.list(name, most, |fields, at, value| fields.as_text(at, &value, limits))
    }

    fn as_text(&mut self, name: &str, value: &Json, limits: &Limits) -> Option<String> {
        let Json::Text(text) = value else {
            return self.wrong_type(name, "a text", value);
        };
        self.is_within(name, text.expose(), limits).then(|| text.expose().to_owned())
    }

    fn is_within(&mut self, name: &str, text: &str, limits: &Limits) -> bool {
        let length = utf16_len(text);
        if !limits.contains(&length) {
            let message = format!("must have {} to {} characters, got {length}", limits.start(), limits.end());
            self.note(name, Code::Length, message);
        }
        limits.contains(&length)
    }
}

/// A text of a stranger, cut and escaped, fit for an answer.
pub(in crate::http::parallels) fn shown(text: &str) -> String {
    text.chars().take(64).collect::<String>().escape_debug().to_string()
}

const INSTANT: &str =
    "must be a date and time that exists, with its offset (RFC 3339), for instance 2026-03-01T12:00:00Z";
const NO_OFFSET: &str = "lacks its offset: Z for UTC, or for instance +01:00 behind the time";
