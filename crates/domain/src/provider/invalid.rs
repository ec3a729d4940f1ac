//! Why a setting of a provider is refused.

/// A setting outside its range: which, what is allowed, what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProvider {
    /// Code length outside 4 to 20.
    #[error("the code length must be between 4 and 20, got {0}")]
    CodeLength(i64),
    /// Lifetime outside 30 to 240 seconds.
    #[error("the lifetime must be between 30 and 240 seconds, got {0}")]
    Lifetime(i64),
    /// Text too short or too long.
    #[error("the {field} must have {min} to {max} characters, got {got}")]
    TextLength {
        /// Which text.
        field: &'static str,
        /// Fewest characters allowed.
        min: usize,
        /// Most characters allowed.
        max: usize,
        /// Characters given, counted as UTF-16 units.
        got: usize,
    },
    /// A line break or another control character in a one-line text.
    #[error("the {0} must not contain line breaks or control characters")]
    ControlCharacter(&'static str),
    /// A custom attribute is to hold addresses, and none is named.
    #[error("external addresses are to be kept in a custom attribute: the attribute has to be named")]
    AttributeMissing,
    /// Not the name of an attribute that may hold addresses.
    #[error("not a permitted attribute name; permitted: {}", super::storage::PERMITTED)]
    AttributeName,
    /// A text that has to be given.
    #[error("the {0} has to be given and must not be null")]
    Missing(&'static str),
    /// Neither text would tell the user the code.
    #[error("the user would never receive the code: put %OTP% in the content or the subject")]
    NoCode,
    /// A new text, and the standard one.
    #[error("a new text and the default text cannot both be wanted: leave one of them out")]
    TwoTexts,
    /// Enrollment is to end, and nobody said when.
    #[error("enrollment is to be allowed until a date and time, which has to be given")]
    UntilMissing,
    /// Enrollment would be over before it begins.
    #[error("the date and time until which enrollment is allowed has passed already")]
    UntilPassed,
}
