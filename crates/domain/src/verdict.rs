//! A verdict: everything a protocol must be able to say. A refusal is a value inside it, for the
//! audit; outside, all refusals look alike.

use crate::challenge::ChallengeId;
use crate::code::Code;
use crate::decide::Choice;
use crate::enrollment::Serial;
use crate::time::Timestamp;

/// Our answer to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They are who they say.
    Accept(Accepted),
    /// A code is on its way; answer this challenge.
    Challenge(Challenged),
    /// The first factor was right; now enroll.
    Enroll(Offered),
    /// No.
    Refuse(Refused),
}

/// What an acceptance rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The enrollment whose code was right; none where no code was asked for.
    pub serial: Option<Serial>,
    /// How the code came.
    pub by: AcceptedBy,
    /// The code, where its client has shown no more than that somebody knows it, and is answered in kind.
    pub code: Option<Code>,
}

/// How an acceptance came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptedBy {
    /// The answer to a named challenge.
    Answer,
    /// A code alone, to a challenge that was open.
    CodeAlone,
    /// The code that proved an address, which is enrolled now.
    Enrolled,
    /// A rule excepts this person; the first factor was right.
    Excepted,
    /// They had passed a code on our pages a moment before.
    FrontDoor,
    /// PIN and code in one field.
    PinAndCode,
}

/// A challenge that waits for its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenged {
    /// What to send back with the code.
    pub id: ChallengeId,
    /// One entry per enrollment that the mail went to, in order of serial.
    pub asked: Vec<Asked>,
    /// The first instant at which the code is refused.
    pub expires_at: Timestamp,
}

/// One enrollment's part of a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The enrollment; for a decoy one that does not exist.
    pub serial: Serial,
    /// What the person is asked.
    pub prompt: String,
}

/// Somebody who may enroll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The stable identifier of the account.
    pub user_id: String,
    /// What the password that was right is recognised by; nothing follows from it.
    pub proven_by: String,
    /// Which addresses they may enroll.
    pub choice: Choice,
}

/// A refusal and the enrollments it is about, for the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Which enrollments were looked at.
    pub serials: Vec<Serial>,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The user is enrolled already; nobody enrolls over that.
    AlreadyEnrolled,
    /// The directory would not let its owner in: disabled, expired, locked, a password that must be changed.
    Barred,
    /// The challenge is used, burned, superseded, cancelled or expired.
    ChallengeClosed,
    /// The enrollment is switched off.
    Disabled,
    /// The user is not enrolled and may not enroll.
    EnrollmentClosed,
    /// Too many wrong codes for this account; it recovers with time.
    GuessBudgetSpent,
    /// There is no address to mail to.
    NoAddress,
    /// The user has no enrollment.
    NoEnrollment,
    /// No challenge of this account has that id.
    NoSuchChallenge,
    /// A theme lets only others in.
    NotAdmitted,
    /// Too many wrong PINs for this account; it recovers with time.
    PinBudgetSpent,
    /// The client has named a first step like another one that asked something else.
    RequestKeyReused,
    /// The enrollment was revoked.
    Revoked,
    /// Too many attempts from one network; it recovers with time.
    SourceBudgetSpent,
    /// Too many failures in a row.
    TooManyFailures,
    /// The place where the address was to be kept has another one.
    StorageOccupied,
    /// There is no such enrollment.
    UnknownSerial,
    /// There is no such theme, or nobody may sign in there.
    UnknownTheme,
    /// There is no such user or realm.
    UnknownUser,
    /// The code is wrong.
    WrongCode,
    /// The PIN or password is wrong.
    WrongPin,
}

impl Challenged {
    /// What the person is asked, each prompt once.
    pub fn text(&self) -> String {
        let mut texts: Vec<&str> = self.asked.iter().map(Asked::text).collect();
        texts.dedup();
        texts.join(", ")
    }
}

impl Asked {
    /// What the person is asked; never empty, because clients drop a challenge without a text.
    pub fn text(&self) -> &str {
        if self.prompt.is_empty() { "Enter the code" } else { &self.prompt }
    }
}

impl Refusal {
    /// All of them, in their order above. Its length is that of the list: who adds one above adds it here.
    pub const ALL: [Self; Self::WrongPin as usize + 1] = [
        Self::AlreadyEnrolled,
        Self::Barred,
        Self::ChallengeClosed,
        Self::Disabled,
        Self::EnrollmentClosed,
        Self::GuessBudgetSpent,
        Self::NoAddress,
        Self::NoEnrollment,
        Self::NoSuchChallenge,
        Self::NotAdmitted,
        Self::PinBudgetSpent,
        Self::RequestKeyReused,
        Self::Revoked,
        Self::SourceBudgetSpent,
        Self::TooManyFailures,
        Self::StorageOccupied,
        Self::UnknownSerial,
        Self::UnknownTheme,
        Self::UnknownUser,
        Self::WrongCode,
        Self::WrongPin,
    ];

    /// The name in audit and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlreadyEnrolled => "already-enrolled",
            Self::Barred => "barred",
            Self::ChallengeClosed => "challenge-closed",
            Self::Disabled => "disabled",
            Self::EnrollmentClosed => "enrollment-closed",
            Self::GuessBudgetSpent => "guess-budget-spent",
            Self::NoAddress => "no-address",
            Self::NoEnrollment => "no-enrollment",
            Self::NoSuchChallenge => "no-such-challenge",
            Self::NotAdmitted => "not-admitted",
            Self::PinBudgetSpent => "pin-budget-spent",
            Self::RequestKeyReused => "request-key-reused",
            Self::Revoked => "revoked",
            Self::SourceBudgetSpent => "source-budget-spent",
            Self::TooManyFailures => "too-many-failures",
            Self::StorageOccupied => "storage-occupied",
            Self::UnknownSerial => "unknown-serial",
            Self::UnknownTheme => "unknown-theme",
            Self::UnknownUser => "unknown-user",
            Self::WrongCode => "wrong-code",
            Self::WrongPin => "wrong-pin",
        }
    }
}

impl Verdict {
    /// A refusal about no enrollment in particular.
    pub fn refuse(refusal: Refusal) -> Self {
        Self::Refuse(Refused { refusal, serials: Vec::new() })
    }

    /// A refusal about these enrollments.
    pub fn refuse_for(refusal: Refusal, serials: Vec<Serial>) -> Self {
        Self::Refuse(Refused { refusal, serials })
    }
}
