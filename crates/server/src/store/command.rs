//! The commands that the writer takes: typed values in, typed answers out, after the commit.

use std::time::Duration;

use domain::address::MailAddress;
use domain::budget::Budget;
use domain::challenge::{ChallengeId, ChallengeKey, Purpose};
use domain::code::{CodeLength, CodeMac, Nonce};
use domain::enrollment::Serial;
use domain::random::{self, NoRandomness, Random};
use domain::request_key::RequestMark;
use domain::subject::Subject;
use domain::time::Timestamp;
use domain::verdict::Refusal;

use super::sql::Statement;

/// One line of the audit trail. Never a code, a PIN, a secret or a mail text.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// Time-ordered identifier, 128 bits.
    pub id: [u8; 16],
    /// When it happened.
    pub at: Timestamp,
    /// What was asked for, for instance `POST /validate/check`.
    pub action: String,
    /// What came of it: `accept`, `challenge`, `refuse`, `ok`, `fail`.
    pub outcome: &'static str,
    /// Why, in the words of [`Refusal::as_str`] or of the mail worker.
    pub reason: String,
    /// Whom it was about, as typed, cut to 255 octets.
    pub user_name: String,
    /// The realm it was about.
    pub realm: String,
    /// Serials it was about, separated by commas.
    pub serials: String,
    /// The challenge it was about.
    pub challenge: String,
    /// Which administrator or API key acted, if any.
    pub actor: String,
    /// Which client asked.
    pub client: String,
    /// Address of the end user, as far as we believe it.
    pub address: String,
    /// The request, to find it in the log.
    pub request_id: String,
    /// Anything else worth knowing.
    pub detail: String,
}

impl Event {
    /// Identifier of a new line: 48 bits of time, 80 of chance.
    pub(crate) fn new_id(at: Timestamp, random: &dyn Random) -> Result<[u8; 16], NoRandomness> {
        let chance: [u8; 10] = random::bytes(random)?;
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(at.millis().to_be_bytes().iter().skip(2).chain(&chance)) {
            *to = *from;
        }
        Ok(id)
    }
}

/// Opens a challenge, or continues the one that is open.
#[derive(Debug)]
pub struct Begin {
    /// The account.
    pub subject: Subject,
    /// What an acceptance would allow.
    pub purpose: Purpose,
    /// Clients that may answer.
    pub group: String,
    /// Identifier of the challenge, should a new one be opened.
    pub id: ChallengeId,
    /// What is asked of each enrollment; at least one.
    pub parts: Vec<Part>,
    /// The first step's mark, if its client has named it: then a copy of it opens and mails nothing.
    pub mark: Option<RequestMark>,
    /// Whether other open challenges stay open and are not continued.
    pub is_concurrent: bool,
    /// Whether the PIN charge taken before is given back.
    pub refund_pin: bool,
    /// Now.
    pub now: Timestamp,
    /// Life of a new challenge.
    pub lifetime: Duration,
    /// How long this node may take over the mail before another may.
    pub lease: Duration,
    /// The audit line; outcome, reason and challenge are filled in by the store.
    pub event: Event,
}

/// One enrollment's part of a new challenge.
#[derive(Debug, Clone)]
pub struct Part {
    /// The enrollment.
    pub serial: Serial,
    /// Where its mail goes; none for a decoy, which can never be accepted.
    pub address: Option<MailAddress>,
    /// The relay to use, empty for the default order.
    pub relay: String,
    /// The provider whose texts are mailed.
    pub provider_id: i64,
    /// Digits of the code.
    pub code_length: CodeLength,
    /// From which the code follows.
    pub nonce: Nonce,
    /// What is compared.
    pub mac: CodeMac,
}

/// What became of a [`Begin`].
#[derive(Debug)]
pub enum Begun {
    /// A challenge is open; these mails are leased to this node.
    Open {
        /// Its identifier: the new one, or the one continued.
        id: ChallengeId,
        /// When it expires.
        expires_at: Timestamp,
        /// Mails to send now.
        mails: Vec<MailJob>,
        /// Whether a mail was due and not queued, because the account has had too many.
        is_held_back: bool,
    },
    /// The proposed identifier exists already; ask again with another.
    IdTaken,
    /// Nothing was opened.
    Refused(Refusal),
}

/// One mail to send: enough to derive its code and write it, without another read.
#[derive(Debug, Clone)]
pub struct MailJob {
    /// The challenge.
    pub key: ChallengeKey,
    /// Which mail of this challenge, from 1.
    pub send: i64,
    /// Where to; nowhere with a decoy, and where the account has had its mails.
    pub address: Option<MailAddress>,
    /// The relay to use, empty for the default order.
    pub relay: String,
    /// The provider whose texts are mailed.
    pub provider_id: i64,
    /// The account.
    pub subject: Subject,
    /// What an acceptance would allow.
    pub purpose: Purpose,
    /// Clients that may answer.
    pub group: String,
    /// Digits of the code.
    pub code_length: CodeLength,
    /// From which the code follows.
    pub nonce: Nonce,
    /// When the code was issued.
    pub issued_at: Timestamp,
    /// When the code dies.
    pub expires_at: Timestamp,
    /// Attempts to send made so far.
    pub attempts: i64,
}

/// Judges one code: counts, compares and consumes in one statement.
#[derive(Debug)]
pub struct Judge {
    /// The challenge it is meant for.
    pub id: ChallengeId,
    /// The account.
    pub subject: Subject,
    /// What an acceptance would allow.
    pub purpose: Purpose,
    /// The client's group.
    pub group: String,
    /// Length of the typed code; another length than the challenge's is never compared.
    pub code_length: CodeLength,
    /// MAC of the typed code.
    pub mac: CodeMac,
    /// The account's budget of wrong guesses.
    pub budget: Budget,
    /// Failures older than this are forgotten before one is added; zero for never.
    pub clear_failures_after: Duration,
    /// Now.
    pub now: Timestamp,
    /// The audit line; outcome, reason and serials are filled in by the store.
    pub event: Event,
}

/// What became of a [`Judge`].
#[derive(Debug, PartialEq, Eq)]
pub enum Judged {
    /// Right, and used from now on.
    Accepted(Serial),
    /// Not accepted: a wrong code, or nothing was compared at all.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The enrollments whose code was compared.
        serials: Vec<Serial>,
    },
}

/// Sends the mail of an open challenge once more.
#[derive(Debug)]
pub struct Resend {
    /// The challenge.
    pub id: ChallengeId,
    /// The account it must belong to.
    pub subject: Subject,
    /// The client's group.
    pub group: String,
    /// Now.
    pub now: Timestamp,
    /// How long this node may take over the mail before another may.
    pub lease: Duration,
    /// The audit line.
    pub event: Event,
}

/// What became of a [`Resend`].
#[derive(Debug)]
pub enum Resent {
    /// These mails are leased to this node.
    Queued(Vec<MailJob>),
    /// Nothing was sent, for this reason.
    Not(domain::challenge::Resend),
}

/// Records a wrong first factor.
#[derive(Debug)]
pub struct FailFirstFactor {
    /// Enrollments whose failure count goes up.
    pub serials: Vec<Serial>,
    /// Failures older than this are forgotten first; zero for never.
    pub clear_failures_after: Duration,
    /// Whether the failure counts go up at all.
    pub count: bool,
    /// Now.
    pub now: Timestamp,
    /// The audit line, complete.
    pub event: Event,
}

/// Reports what became of one mail.
#[derive(Debug)]
pub struct MailDone {
    /// The challenge.
    pub key: ChallengeKey,
    /// Which mail of it.
    pub send: i64,
    /// What became of it.
    pub outcome: MailOutcome,
}

/// What became of one attempt to mail.
#[derive(Debug)]
pub enum MailOutcome {
    /// Given up; the audit says why.
    Dropped(Box<Event>),
    /// Try again when this instant has come.
    RetryAt(Timestamp),
    /// The relay has taken it, or it goes nowhere.
    Sent,
}

/// Takes over mails that nobody is sending.
#[derive(Debug)]
pub struct ClaimMails {
    /// Now.
    pub now: Timestamp,
    /// How long this node may take over them.
    pub lease: Duration,
    /// At most so many.
    pub limit: usize,
}

/// A change to data that administrators own: all of it or nothing.
#[derive(Debug)]
pub struct Change {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Its audit line.
    pub event: Event,
}
