//! The settings of one e-mail code method. A value that exists is valid.

mod unenrolled;

use std::time::Duration;

use crate::code::CodeLength;
use crate::criteria::{Criteria, Explanation, Facts};
use crate::decide::ExternalAddress;
use crate::text;

pub use unenrolled::{ShowInformation, UserEnrollment};

/// Seconds a code may live (Parallels RAS administrator's guide).
pub const LIFETIME_RANGE: std::ops::RangeInclusive<u64> = 30..=240;

/// Settings of one e-mail code method: what is mailed, how long it lives, how it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Stable number of the provider.
    pub id: i64,
    /// Its name, unique without regard to letter case, 1 to 255 characters.
    pub name: String,
    /// What people are shown instead of the name, 0 to 200 characters; empty for the name itself.
    pub display_name: DisplayName,
    /// Whether it asks for codes at all; switched off, a right first factor is enough.
    pub is_enabled: bool,
    /// Digits in a code, 4 to 20.
    pub code_length: CodeLength,
    /// From issue to expiry, 30 to 240 s; a code is refused at the expiry instant itself.
    pub lifetime: Lifetime,
    /// Mail subject, 1 to 300 characters, placeholders allowed.
    pub subject: Subject,
    /// Mail text, 1 to 2,048 characters, placeholders allowed.
    pub content: Content,
    /// What the person is asked, 0 to 300 characters.
    pub prompt: Prompt,
    /// Whether every first step opens a challenge of its own, answerable in any order.
    pub concurrent_challenges: bool,
    /// What proves the first factor.
    pub first_factor: FirstFactor,
    /// Whether people may enroll themselves.
    pub user_enrollment: UserEnrollment,
    /// What a wrong password tells about who is not enrolled.
    pub show_information: ShowInformation,
    /// Whether people may enroll another address than the one in the directory.
    pub external_address: ExternalAddress,
    /// Whether the site's criteria are looked at instead of its own.
    pub inherits_criteria: bool,
    /// Its own criteria, kept also while they are not looked at.
    pub criteria: Criteria,
}

/// What has to be right before a code is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstFactor {
    /// Nothing: the caller has checked it already.
    None,
    /// The PIN of the enrollment.
    #[default]
    TokenPin,
    /// The user's own password.
    UserStore,
}

impl FirstFactor {
    /// The name used in settings and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::TokenPin => "tokenpin",
            Self::UserStore => "userstore",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::TokenPin, Self::UserStore].into_iter().find(|factor| factor.as_str() == name)
    }
}

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
    /// Neither text would tell the user the code.
    #[error("the user would never receive the code: put %OTP% in the content or the subject")]
    NoCode,
}

/// From issue to expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(u16);

impl Lifetime {
    /// From whole seconds, 30 to 240.
    pub fn from_seconds(seconds: i64) -> Result<Self, InvalidProvider> {
        match u16::try_from(seconds) {
            Ok(short) if LIFETIME_RANGE.contains(&u64::from(short)) => Ok(Self(short)),
            _ => Err(InvalidProvider::Lifetime(seconds)),
        }
    }

    /// Whole seconds.
    pub fn seconds(self) -> u64 {
        u64::from(self.0)
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.seconds())
    }
}

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

impl Provider {
    /// The provider of a new installation: 6 digits, 120 s, our own texts. Everybody is asked, and
    /// nobody enrolls themselves until an administrator lets them.
    pub fn standard() -> Self {
        Self {
            id: 1,
            name: "E-mail".to_owned(),
            display_name: DisplayName(String::new()),
            is_enabled: true,
            code_length: CodeLength::STANDARD,
            lifetime: Lifetime(120),
            subject: Subject("Your sign-in code".to_owned()),
            content: Content(STANDARD_CONTENT.to_owned()),
            prompt: Prompt("Enter the code sent to your e-mail address.".to_owned()),
            concurrent_challenges: false,
            first_factor: FirstFactor::default(),
            user_enrollment: UserEnrollment::default(),
            show_information: ShowInformation::default(),
            external_address: ExternalAddress::default(),
            inherits_criteria: true,
            criteria: Criteria::default(),
        }
    }

    /// What people are shown.
    pub fn shown_name(&self) -> &str {
        if self.display_name.as_str().is_empty() { &self.name } else { self.display_name.as_str() }
    }

    /// Whether those facts call for a code, and why. `site` holds the criteria of the site.
    pub fn explain(&self, site: &Criteria, facts: &Facts) -> Explanation {
        match () {
            () if !self.is_enabled => Explanation::ProviderOff,
            () if self.inherits_criteria => site.explain(facts),
            () => self.criteria.explain(facts),
        }
    }

    /// Checks what no single setting can: that a mail would carry the code.
    pub fn checked(self) -> Result<Self, InvalidProvider> {
        let carries = |text: &str| text.contains(text::OTP);
        if carries(self.content.as_str()) || carries(self.subject.as_str()) {
            Ok(self)
        } else {
            Err(InvalidProvider::NoCode)
        }
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

const STANDARD_CONTENT: &str = "Your sign-in code is

%OTP%

It is valid for %DURATION% seconds and can be used once.
Nobody will ever ask you for it. If you did not try to sign in, tell your administrator.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_guide() {
        for (seconds, valid) in [(29, false), (30, true), (240, true), (241, false), (-1, false), (i64::MAX, false)] {
            assert_eq!(Lifetime::from_seconds(seconds).is_ok(), valid, "{seconds}");
        }
        for (length, valid) in [(0, false), (300, true), (301, false)] {
            assert_eq!(Subject::parse(&"x".repeat(length)).is_ok(), valid, "{length}");
        }
        for (length, valid) in [(0, false), (2048, true), (2049, false)] {
            assert_eq!(Content::parse(&"x".repeat(length)).is_ok(), valid, "{length}");
        }
        assert!(Prompt::parse("").is_ok() && Prompt::parse(&"x".repeat(301)).is_err());
    }

    #[test]
    fn own_criteria_count_only_where_they_are_not_inherited() {
        use crate::criteria::{Access, Group, Matching, Os};
        let oses = Group::enabled(Matching::IsOneOf, vec![Os::Mac]);
        let except_macs = Criteria { access: Access::Deny, oses, ..Criteria::default() };
        let facts = Facts { os: Some(Os::Mac), ..Facts::default() };
        let provider = Provider { criteria: except_macs.clone(), ..Provider::standard() };
        let inert = Criteria::default();
        assert!(provider.explain(&inert, &facts).is_required());
        assert!(!provider.explain(&except_macs, &facts).is_required());
        let own = Provider { inherits_criteria: false, ..provider };
        assert!(!own.explain(&inert, &facts).is_required());
        assert!(!Provider { is_enabled: false, ..Provider::standard() }.explain(&inert, &facts).is_required());
    }

    #[test]
    fn a_subject_is_one_line() {
        let error = Subject::parse("Code\r\nBcc: x@example.org").expect_err("refused");
        assert_eq!(error, InvalidProvider::ControlCharacter("subject"));
        assert!(Content::parse("two\nlines").is_ok());
    }

    #[test]
    fn a_provider_that_never_mails_the_code_is_refused() {
        let mute = Provider { content: Content("hello".to_owned()), ..Provider::standard() };
        assert_eq!(mute.checked(), Err(InvalidProvider::NoCode));
        assert!(Provider::standard().checked().is_ok());
    }
}
