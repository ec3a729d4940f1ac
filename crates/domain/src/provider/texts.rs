//! The texts of a provider, each held to its range. Lengths are counted as UTF-16 units.

use super::InvalidProvider;
use crate::name::canonical;
use crate::text;

macro_rules! text_setting {
    ($(#[$doc:meta])* $name:ident, $field:literal, $min:literal ..= $max:literal, one_line: $one_line:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Reads the text and holds it to its range.
            pub fn parse(text: &str) -> Result<Self, InvalidProvider> {
                checked_text(text, $field, $min, $max, $one_line).map(|()| Self(text.to_owned()))
            }

            /// The text, placeholders unrendered.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

text_setting! {
    /// What administrators noted.
    Description, "description", 0..=4000, one_line: false
}
text_setting! {
    /// What people are shown instead of the name.
    DisplayName, "display name", 0..=200, one_line: true
}
text_setting! {
    /// Subject of the mail.
    Subject, "subject", 1..=300, one_line: true
}
text_setting! {
    /// Text of the mail.
    Content, "content", 1..=2048, one_line: false
}
text_setting! {
    /// What the person is asked.
    Prompt, "prompt", 0..=300, one_line: true
}

/// What administrators call a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderName(String);

impl ProviderName {
    /// Reads a name of 1 to 255 characters; blanks around it are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidProvider> {
        let name = text.trim();
        checked_text(name, "name", 1, MOST_NAME_UNITS, true).map(|()| Self(name.to_owned()))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is compared: without regard to letter case and spelling.
    pub fn key(&self) -> String {
        canonical(&self.0)
    }

    /// The name of the first provider.
    pub fn standard() -> Self {
        Self("E-mail".to_owned())
    }

    /// The name of a copy, `number` from 2: `X (2)`, cut where it would be too long.
    #[must_use]
    pub fn copied(&self, number: usize) -> Self {
        let tail = format!(" ({number})");
        let mut room = MOST_NAME_UNITS - tail.len();
        let fits = |c: &char| {
            let rest = room.checked_sub(c.len_utf16());
            room = rest.unwrap_or(0);
            rest.is_some()
        };
        let kept: String = self.0.chars().take_while(fits).collect();
        Self(format!("{}{tail}", kept.trim_end()))
    }
}

impl std::fmt::Display for ProviderName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for Description {
    /// No text.
    fn default() -> Self {
        Self(String::new())
    }
}

impl Default for DisplayName {
    /// No text: the name is shown.
    fn default() -> Self {
        Self(String::new())
    }
}

impl Subject {
    /// Our own words. They leave the code out, because subjects show on locked screens.
    pub fn standard() -> Self {
        Self("Your sign-in code".to_owned())
    }
}

impl Content {
    /// Our own words.
    pub fn standard() -> Self {
        Self(STANDARD_CONTENT.to_owned())
    }
}

impl Prompt {
    /// Our own words.
    pub fn standard() -> Self {
        Self("Enter the code sent to your e-mail address.".to_owned())
    }
}

fn checked_text(
    text: &str,
    field: &'static str,
    min: usize,
    max: usize,
    one_line: bool,
) -> Result<(), InvalidProvider> {
    let got = text::utf16_len(text);
    if got < min || got > max {
        return Err(InvalidProvider::TextLength { field, min, max, got });
    }
    let allowed = |c: char| !text::is_unprintable(c) || (!one_line && matches!(c, '\n' | '\r' | '\t'));
    if text.chars().all(allowed) { Ok(()) } else { Err(InvalidProvider::ControlCharacter(field)) }
}

const MOST_NAME_UNITS: usize = 255;

const STANDARD_CONTENT: &str = "Your sign-in code is

%OTP%

It is valid for %DURATION% seconds and can be used once.
Nobody will ever ask you for it. If you did not try to sign in, tell your administrator.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_specification() {
        for (length, valid) in [(0, false), (300, true), (301, false)] {
            assert_eq!(Subject::parse(&"x".repeat(length)).is_ok(), valid, "{length}");
        }
        for (length, valid) in [(0, false), (2048, true), (2049, false)] {
            assert_eq!(Content::parse(&"x".repeat(length)).is_ok(), valid, "{length}");
        }
        for (length, valid) in [(0, false), (1, true), (255, true), (256, false)] {
            assert_eq!(ProviderName::parse(&"x".repeat(length)).is_ok(), valid, "{length}");
        }
        assert!(Prompt::parse("").is_ok() && Prompt::parse(&"x".repeat(301)).is_err());
        assert!(Description::parse(&"x".repeat(4000)).is_ok() && Description::parse(&"x".repeat(4001)).is_err());
    }

    #[test]
    fn lengths_are_utf16_units() {
        assert!(DisplayName::parse(&"\u{1f600}".repeat(100)).is_ok());
        let error = DisplayName::parse(&"\u{1f600}".repeat(101)).expect_err("refused");
        assert_eq!(error, InvalidProvider::TextLength { field: "display name", min: 0, max: 200, got: 202 });
    }

    #[test]
    fn a_subject_is_one_line() {
        let error = Subject::parse("Code\r\nBcc: x@example.org").expect_err("refused");
        assert_eq!(error, InvalidProvider::ControlCharacter("subject"));
        assert!(Content::parse("two\nlines").is_ok());
    }

    #[test]
    fn names_are_trimmed_and_compared_in_any_case() {
        let name = |text| ProviderName::parse(text).expect("a name");
        assert_eq!(name("  Post ").as_str(), "Post");
        assert_eq!(name("POST").key(), name("post").key());
        assert_ne!(name("Post").key(), name("Post 2").key());
        assert!(ProviderName::parse(" \t ").is_err());
    }

    #[test]
    fn a_copy_has_a_name_that_fits() {
        let copy = |text: &str, number| ProviderName::parse(text).expect("a name").copied(number);
        assert_eq!(copy("Post", 2).as_str(), "Post (2)");
        for long in ["x".repeat(255), "\u{1f600}".repeat(127), format!("{} y", "x".repeat(250))] {
            let copied = copy(&long, 12);
            assert_eq!(ProviderName::parse(copied.as_str()), Ok(copied.clone()));
            assert!(copied.as_str().ends_with(" (12)"));
        }
    }
}
