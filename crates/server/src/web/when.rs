//! Instants as pages write them: UTC, because we do not know where the reader is.

use domain::time::Timestamp;

/// An instant for people and for programs.
pub(super) struct When {
    /// `14:03:07 UTC`
    pub(super) clock: String,
    /// RFC 3339.
    pub(super) iso: String,
}

impl When {
    pub(super) fn new(at: Timestamp) -> Self {
        Self::from_jiff(jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default())
    }

    /// From RFC 3339; the epoch for anything else.
    pub(super) fn parse(text: &str) -> Self {
        Self::from_jiff(text.parse().unwrap_or_default())
    }

    fn from_jiff(at: jiff::Timestamp) -> Self {
        Self { clock: at.strftime("%H:%M:%S UTC").to_string(), iso: at.to_string() }
    }
}
