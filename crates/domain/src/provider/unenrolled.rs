//! What a provider holds for those who are not enrolled: whether they may enroll, what they learn.

use crate::decide::Window;
use crate::time::Timestamp;

/// Whether people who are not enrolled may enroll themselves. Nobody who is enrolled is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UserEnrollment {
    /// At any time.
    Allow,
    /// Before this instant; at it and later they may not.
    AllowUntil(Timestamp),
    /// Never.
    #[default]
    DoNotAllow,
}

impl UserEnrollment {
    /// Whether they may at `now`.
    pub fn window(self, now: Timestamp) -> Window {
        match self {
            Self::Allow => Window::Open,
            Self::AllowUntil(until) if now < until => Window::Open,
            Self::AllowUntil(_) | Self::DoNotAllow => Window::Closed,
        }
    }

    /// Puts mode and end together; nothing where the end is missing that the mode needs.
    pub fn new(mode: EnrollmentMode, until: Option<Timestamp>) -> Option<Self> {
        match mode {
            EnrollmentMode::Allow => Some(Self::Allow),
            EnrollmentMode::AllowUntil => until.map(Self::AllowUntil),
            EnrollmentMode::DoNotAllow => Some(Self::DoNotAllow),
        }
    }

    /// The mode without its end.
    pub fn mode(self) -> EnrollmentMode {
        match self {
            Self::Allow => EnrollmentMode::Allow,
            Self::AllowUntil(_) => EnrollmentMode::AllowUntil,
            Self::DoNotAllow => EnrollmentMode::DoNotAllow,
        }
    }

    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self.mode() {
            EnrollmentMode::Allow => "allow",
            EnrollmentMode::AllowUntil => "allow-until",
            EnrollmentMode::DoNotAllow => "do-not-allow",
        }
    }

    /// Reads name and instant back.
    pub fn parse(name: &str, until: Option<Timestamp>) -> Option<Self> {
        match (name, until) {
            ("allow", _) => Some(Self::Allow),
            ("allow-until", Some(until)) => Some(Self::AllowUntil(until)),
            ("do-not-allow", _) => Some(Self::DoNotAllow),
            _ => None,
        }
    }
}

/// How people may enroll themselves, apart from an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnrollmentMode {
    /// At any time.
    Allow,
    /// Until an instant, which has to be given.
    AllowUntil,
    /// Never.
    DoNotAllow,
}

/// What somebody who is not enrolled learns after a wrong password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ShowInformation {
    /// That it was wrong.
    Always,
    /// That it was wrong while enrollment is open; otherwise nothing.
    IfEnrollmentIsAllowed,
    /// Nothing: they are asked for a code like everybody else.
    #[default]
    Never,
}

impl ShowInformation {
    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::IfEnrollmentIsAllowed => "if-enrollment-is-allowed",
            Self::Never => "never",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Always, Self::IfEnrollmentIsAllowed, Self::Never].into_iter().find(|show| show.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enrollment_closes_at_the_instant_itself() {
        let until = UserEnrollment::AllowUntil(Timestamp::from_millis(1_000));
        assert_eq!(until.window(Timestamp::from_millis(999)), Window::Open);
        assert_eq!(until.window(Timestamp::from_millis(1_000)), Window::Closed);
        assert_eq!(UserEnrollment::parse("allow-until", None), None, "an end is needed");
        assert_eq!(UserEnrollment::parse("allow-until", Some(Timestamp::from_millis(1_000))), Some(until));
    }
}
