//! What follows a password on the pages: the eleven rows for the enrolled, the unenrolled and those
//! who only guess. Looked at once a second factor is known to be needed; whoever is unknown or
//! locked out is judged as unenrolled with a wrong password.

use crate::provider::ShowInformation;

/// Everything the table looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Whether the person is enrolled, and where their address comes from.
    pub enrolled: Enrolled,
    /// Whether the password was right.
    pub password: Password,
    /// Whether enrollment is open now.
    pub window: Window,
    /// What the unenrolled may learn.
    pub show: ShowInformation,
    /// Whether the directory has an address to mail to.
    pub listed: ListedAddress,
    /// Whether another address than the listed one may be enrolled.
    pub external: ExternalAddress,
}

/// Whether somebody is enrolled, and where their address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolled {
    /// With the address in the directory, read at each sign-in.
    Directory,
    /// With an address of their own.
    External,
    /// Not at all.
    No,
}

/// What became of the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    /// It is right.
    Right,
    /// It is wrong, or was not looked at.
    Wrong,
}

/// Whether people may enroll themselves now. Forbidden and over look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// They may not.
    Closed,
    /// They may.
    Open,
}

/// Whether the directory has an address to mail to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedAddress {
    /// None that can be mailed to.
    Missing,
    /// One.
    Present,
}

/// Whether another address than the listed one may be enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExternalAddress {
    /// It may.
    Allowed,
    /// It may not.
    #[default]
    Forbidden,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// A code goes to the address in the directory.
    CodeToDirectory,
    /// A code goes to the person's own address.
    CodeToExternal,
    /// A prompt that no code answers.
    Decoy,
    /// The person may enroll.
    Enroll(Choice),
    /// Enrollment is closed, and the person is told.
    EnrollmentClosed,
    /// There is nowhere to mail to, and the person is told.
    NoAddress,
    /// The user name or the password is wrong, and the person is told.
    WrongCredentials,
}

impl std::fmt::Display for Course {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CodeToDirectory => "a code goes to the address in the directory",
            Self::CodeToExternal => "a code goes to the address that was enrolled",
            Self::Decoy => "a code is asked for that nobody gets",
            Self::Enroll(Choice::Directory) => "they may enroll the address in the directory",
            Self::Enroll(Choice::Either) => "they may enroll the address in the directory, or another one",
            Self::Enroll(Choice::External) => "they may enroll an address; the directory has none",
            Self::EnrollmentClosed => "they are told that enrollment is disabled",
            Self::NoAddress => "they are told that there is no address to mail to",
            Self::WrongCredentials => "they are told that the user name or the password is incorrect",
        })
    }
}

/// Which addresses may be enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one in the directory.
    Directory,
    /// The one in the directory, or another.
    Either,
    /// Only another: the directory has none.
    External,
}

/// Finds the row. R1 to R11 are those of the specification.
#[expect(clippy::match_same_arms, reason = "one arm for each row of the specification")]
pub fn decide(situation: Situation) -> Course {
    use Enrolled::{Directory, External, No};
    use ExternalAddress::{Allowed, Forbidden};
    use ListedAddress::{Missing, Present};
    use Password::{Right, Wrong};
    use ShowInformation::{Always, IfEnrollmentIsAllowed, Never};
    use Window::{Closed, Open};
    let Situation { enrolled, password, window, show, listed, external } = situation;
    match (enrolled, password, window, show, listed, external) {
        // R1
        (Directory | External, Wrong, ..) => Course::Decoy,
        // R2
        (External, Right, ..) => Course::CodeToExternal,
        // R3
        (Directory, Right, _, _, Present, _) => Course::CodeToDirectory,
        // R4
        (Directory, Right, _, _, Missing, _) => Course::NoAddress,
        // R5
        (No, Right, Open, _, Present, Forbidden) => Course::Enroll(Choice::Directory),
        // R6
        (No, Right, Open, _, Present, Allowed) => Course::Enroll(Choice::Either),
        // R7
        (No, Right, Open, _, Missing, Allowed) => Course::Enroll(Choice::External),
        // R8
        (No, Right, Open, _, Missing, Forbidden) => Course::NoAddress,
        // R9
        (No, Right, Closed, ..) => Course::EnrollmentClosed,
        // R10
        (No, Wrong, _, Always, ..) | (No, Wrong, Open, IfEnrollmentIsAllowed, ..) => Course::WrongCredentials,
        // R11
        (No, Wrong, _, Never, ..) | (No, Wrong, Closed, IfEnrollmentIsAllowed, ..) => Course::Decoy,
    }
}

#[cfg(test)]
mod tests;
