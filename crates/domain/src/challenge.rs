//! A challenge: one code on its way. It is open, then closed for exactly one reason.
//!
//! The one place in the product that turns a code into an acceptance is the store's judge
//! statement. [`Challenge::judge`] is its specification: the contract suite runs both over the same
//! histories and demands the same answers.

use std::fmt;
use std::time::Duration;

use crate::random::{self, NoRandomness, Random};
use crate::time::Timestamp;

/// Codes compared per challenge, right or wrong, before it is burned.
pub const MAX_TRIES: u8 = 5;

/// Mails sent per challenge, the first included.
pub const MAX_SENDS: u8 = 5;

/// Least time between two mails of one challenge.
pub const RESEND_AFTER: Duration = Duration::from_secs(30);

/// By how much a first step may be older than the challenge it finds open. What is issued later than
/// that was issued by a clock that is wrong.
pub const OVERTAKEN: Duration = Duration::from_secs(5);

/// A mail is not sent any more when less than this is left of the code's life.
pub const MAIL_MARGIN: Duration = Duration::from_secs(10);

/// 2020-01-01T00:00:00Z: the first eleven digits of an id count hundredths of a second from here
/// (until 2051). Coarser, and new rows would scatter over too many pages; finer, and too little
/// would be left to chance.
const ID_EPOCH_MILLIS: i64 = 1_577_836_800_000;
const ID_TIME_DIGITS: i64 = 100_000_000_000;

/// Identifier of a challenge outside and inside: 20 decimal digits, the transaction id of the
/// privacyIDEA protocol. Eleven digits of time keep new rows together on disk, nine are random. It
/// names a challenge and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChallengeId(String);

impl ChallengeId {
    /// A new identifier.
    pub fn new(now: Timestamp, random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self(format!("{:011}{}", ticks(now), random::digits(random, 9)?)))
    }

    /// The smallest identifier that can have been made at `at`. Everything below is older.
    pub fn first_at(at: Timestamp) -> Self {
        Self(format!("{:011}000000000", ticks(at)))
    }

    /// Reads an identifier somebody sent. Compared as text: leading zeros count.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| Self(text.to_owned()))
    }

    /// The twenty digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn ticks(at: Timestamp) -> i64 {
    (at.millis() - ID_EPOCH_MILLIS).div_euclid(10).rem_euclid(ID_TIME_DIGITS)
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One row: a first step that reaches several enrollments opens several challenges under one id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChallengeKey {
    /// The identifier they share.
    pub id: ChallengeId,
    /// Which of them, from 0.
    pub part: u8,
}

/// What an acceptance would allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Prove an address before it is enrolled.
    Enroll,
    /// Sign in.
    SignIn,
}

impl Purpose {
    /// The name in rows and MACs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enroll => "enroll",
            Self::SignIn => "sign-in",
        }
    }
}

/// Where a challenge is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its tries are used up.
    Burned,
    /// Called off, by its owner or an administrator.
    Cancelled,
    /// Waiting for its code.
    Open,
    /// A newer one took its place.
    Superseded,
    /// Its code was accepted.
    Used,
}

impl State {
    /// The name in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Burned => "burned",
            Self::Cancelled => "cancelled",
            Self::Open => "open",
            Self::Superseded => "superseded",
            Self::Used => "used",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Burned, Self::Cancelled, Self::Open, Self::Superseded, Self::Used]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// What became of one compared code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Right, in time, and now used.
    Accepted,
    /// Wrong, and the last try: the challenge is burned.
    Burned,
    /// Wrong; the challenge stays open.
    Missed,
    /// Nothing was compared: closed, expired, or not one at all.
    NotOpen,
}

/// A challenge as far as judging, continuing and mailing it again depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Its identifier.
    pub id: ChallengeId,
    /// Where it is in its life.
    pub state: State,
    /// False for a decoy, which can never be accepted.
    pub is_real: bool,
    /// Codes compared so far.
    pub tries: u8,
    /// Mails sent so far.
    pub sends: u8,
    /// When it was opened.
    pub issued_at: Timestamp,
    /// The first instant at which its code is refused.
    pub expires_at: Timestamp,
    /// When the last mail was queued.
    pub last_sent_at: Timestamp,
}

/// What a first step does when the same account, at the same clients, may have a challenge open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstStep {
    /// Stay with the open challenge: same id, same code, tries kept.
    Continue {
        /// Whether its mail is sent once more.
        mail_again: bool,
    },
    /// Open a new challenge; every older open one for the same purpose and the same clients is superseded.
    Replace,
}

/// What asking for the mail again leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// The same code is mailed once more.
    Mail,
    /// Not open any more.
    NotOpen,
    /// All mails of this challenge are sent.
    TooMany,
    /// The last mail is younger than [`RESEND_AFTER`].
    TooSoon,
}

impl Challenge {
    /// Whether a code could still be accepted at `now`, apart from being right.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == State::Open && self.tries < MAX_TRIES && self.issued_at <= now && now < self.expires_at
    }

    /// Counts a try, compares, and consumes. The specification of the store's judge statement.
    pub fn judge(&mut self, is_right: bool, now: Timestamp) -> Judgement {
        if !self.is_open(now) {
            return Judgement::NotOpen;
        }
        self.tries += 1;
        if is_right && self.is_real {
            self.state = State::Used;
            return Judgement::Accepted;
        }
        if self.tries >= MAX_TRIES {
            self.state = State::Burned;
            return Judgement::Burned;
        }
        Judgement::Missed
    }

    /// What a further first step does to this challenge.
    pub fn on_first_step(&self, now: Timestamp) -> FirstStep {
        let now = self.caught_up(now);
        let life = self.expires_at.since(self.issued_at);
        if !self.is_open(now) || self.expires_at.since(now) < life / 2 {
            return FirstStep::Replace;
        }
        FirstStep::Continue { mail_again: self.on_resend(now) == Resend::Mail }
    }

    /// The time of a first step that may have been overtaken: it read the clock a moment before the
    /// challenge was opened, at another node or by a faster request, and came after it.
    pub fn caught_up(&self, now: Timestamp) -> Timestamp {
        if self.issued_at.since(now) <= OVERTAKEN { now.max(self.issued_at) } else { now }
    }

    /// Whether the mail may be sent again now.
    pub fn on_resend(&self, now: Timestamp) -> Resend {
        if !self.is_open(now) {
            return Resend::NotOpen;
        }
        match () {
            () if self.sends >= MAX_SENDS => Resend::TooMany,
            () if now.since(self.last_sent_at) < RESEND_AFTER => Resend::TooSoon,
            () => Resend::Mail,
        }
    }
}

#[cfg(test)]
#[path = "challenge/tests.rs"]
mod tests;
