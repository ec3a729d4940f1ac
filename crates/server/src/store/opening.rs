//! Opening a challenge or staying with the open one: what to write, decided once for both engines.

use domain::budget::PIN_BUDGET;
use domain::challenge::{Challenge, ChallengeId, FirstStep, State};
use domain::code::CodeMac;
use domain::time::Timestamp;
use domain::verdict::Refusal;

use super::budgets::BudgetRow;
use super::command::{Begin, Begun, Event, MailJob, Part};
use super::first_step;
use super::open_part::{OpenPart, Recipient};

/// What is to be written, and what is answered once it is.
#[derive(Debug)]
pub(super) struct Opening {
    /// Challenges that are closed first, because a new one takes their place.
    pub(super) superseded: Vec<ChallengeId>,
    /// Rows of a new challenge.
    pub(super) inserted: Vec<NewPart>,
    /// Whether one more mail of the open challenge is counted.
    pub(super) is_counted: bool,
    /// Outbox rows, leased to this node.
    pub(super) queued: Vec<(OpenPart, Recipient)>,
    /// Kept so that a copy of this first step is recognised.
    pub(super) noted: Option<first_step::FirstStep>,
    /// The audit line.
    pub(super) event: Event,
    /// The challenge, new or continued.
    pub(super) id: ChallengeId,
    expires_at: Timestamp,
    is_held_back: bool,
    refusal: Option<Refusal>,
}

/// A row of a new challenge.
#[derive(Debug)]
pub(super) struct NewPart {
    pub(super) row: OpenPart,
    pub(super) mac: CodeMac,
    /// How many rows the challenge has.
    pub(super) parts: i64,
    /// Where the trail goes on behind it.
    pub(super) previous: Option<ChallengeId>,
}

impl Opening {
    /// What the caller is told after the commit.
    pub(super) fn begun(&self) -> Begun {
        if let Some(refusal) = &self.refusal {
            return Begun::Refused(*refusal);
        }
        let mails: Vec<MailJob> = self.queued.iter().map(|(part, to)| part.mail(to)).collect();
        Begun::Open { id: self.id.clone(), expires_at: self.expires_at, mails, is_held_back: self.is_held_back }
    }
}

/// What the store knows already.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The parts of all open challenges of the account, the newest first; nothing where challenges are concurrent.
    pub(super) open: Vec<OpenPart>,
    /// The first step of that name.
    pub(super) before: Option<first_step::FirstStep>,
}

/// Decides, and changes what the account owes and where its trail begins.
pub(super) fn decide(command: &Begin, known: Known, account: &mut BudgetRow) -> Opening {
    if command.refund_pin {
        account.ledger.refund_pin(PIN_BUDGET);
    }
    match &known.before {
        Some(before) => repeat(command, before),
        None => begin(command, known.open, account),
    }
}

/// The name is known: the same question has its answer already, another one gets none.
fn repeat(command: &Begin, before: &first_step::FirstStep) -> Opening {
    let id = &before.challenge;
    let is_copy = command.mark.as_ref() == Some(&before.mark);
    let refusal = (!is_copy).then_some(Refusal::RequestKeyReused);
    let refused = |refusal: Refusal| {
        let event = command.event.clone();
        Event { outcome: "refuse", reason: refusal.as_str().to_owned(), ..event }
    };
    Opening {
        superseded: Vec::new(),
        inserted: Vec::new(),
        is_counted: false,
        queued: Vec::new(),
        noted: None,
        event: refusal.map_or_else(|| event(command, id, "copy", Mails::Left), refused),
        id: id.clone(),
        expires_at: before.expires_at,
        is_held_back: false,
        refusal,
    }
}

fn begin(command: &Begin, open: Vec<OpenPart>, account: &mut BudgetRow) -> Opening {
    let is_alike = |part: &OpenPart| part.purpose == command.purpose && part.group == command.group;
    let (alike, others): (Vec<_>, Vec<_>) = open.into_iter().partition(is_alike);
    let newest = newest_of(&alike);
    let first = newest.first().map(|part| &part.challenge).filter(|_| asks_the_same(newest, &command.parts));
    if let Some(first) = first
        && let FirstStep::Continue { mail_again } = first.on_first_step(command.now)
    {
        let is_mailed = mail_again && account.ledger.charge_mail(command.now);
        return stay(command, first, newest, if is_mailed { Mail::Again } else { Mail::NotDue });
    }
    let mails = if account.ledger.charge_mail(command.now) { Mails::Left } else { Mails::Spent };
    // Better the old code, which may have come, than a new one that will not: however little of its life is left.
    if let (Mails::Spent, Some(first)) = (mails, first)
        && first.is_open(first.caught_up(command.now))
    {
        return stay(command, first, newest, Mail::HeldBack);
    }
    let leads_on = command.is_concurrent || !others.is_empty();
    let previous = account.newest.replace(command.id.clone()).filter(|_| leads_on);
    let superseded = alike.into_iter().map(|part| part.challenge.id).collect();
    Opening { superseded, ..open_new(command, mails, previous.as_ref()) }
}

/// Whether the account has had all its mails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mails {
    Left,
    Spent,
}

/// Whether the open challenge is mailed once more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mail {
    /// It is.
    Again,
    /// A new challenge would have been, and no mail was left for that.
    HeldBack,
    /// It was mailed a moment ago, or often enough, or no mail is left.
    NotDue,
}

/// The parts of the newest challenge, which come first.
fn newest_of(parts: &[OpenPart]) -> &[OpenPart] {
    parts.chunk_by(|part, next| part.challenge.id == next.challenge.id).next().unwrap_or_default()
}

/// Whether the open challenge went to the same enrollments that would be asked now.
fn asks_the_same(open: &[OpenPart], parts: &[Part]) -> bool {
    open.len() == parts.len()
        && open.iter().zip(parts).all(|(open, part)| {
            open.serial == part.serial
                && open.code_length == part.code_length
                && open.challenge.is_real == part.address.is_some()
        })
}

/// Goes on with the open challenge, whose parts these are.
fn stay(command: &Begin, open: &Challenge, parts: &[OpenPart], mail: Mail) -> Opening {
    let mut queued = Vec::new();
    if mail == Mail::Again {
        let rows = parts.iter().zip(&command.parts);
        queued.extend(rows.map(|(part, asked)| (part.clone().again(), recipient(asked, Mails::Left))));
    }
    let mails = if mail == Mail::HeldBack { Mails::Spent } else { Mails::Left };
    Opening {
        superseded: Vec::new(),
        inserted: Vec::new(),
        is_counted: !queued.is_empty(),
        queued,
        noted: note(command, &open.id, open.expires_at),
        event: event(command, &open.id, "continued", mails),
        id: open.id.clone(),
        expires_at: open.expires_at,
        is_held_back: mails == Mails::Spent,
        refusal: None,
    }
}

/// Opens a challenge. Where the account has had its mails nobody learns of it: the challenge is
/// there, the mail is not, and the audit says why.
fn open_new(command: &Begin, mails: Mails, previous: Option<&ChallengeId>) -> Opening {
    let expires_at = command.now + command.lifetime;
    let parts = i64::try_from(command.parts.len()).unwrap_or(i64::MAX);
    let rows = (0_u8..).zip(&command.parts).map(|(number, part)| NewPart {
        row: open_part(command, number, part),
        mac: part.mac,
        parts,
        previous: previous.cloned(),
    });
    let inserted: Vec<_> = rows.collect();
    let queued = inserted.iter().zip(&command.parts).map(|(new, part)| (new.row.clone(), recipient(part, mails)));
    Opening {
        superseded: Vec::new(),
        is_counted: false,
        queued: queued.collect(),
        inserted,
        noted: note(command, &command.id, expires_at),
        event: event(command, &command.id, "", mails),
        id: command.id.clone(),
        expires_at,
        is_held_back: mails == Mails::Spent,
        refusal: None,
    }
}

fn note(command: &Begin, challenge: &ChallengeId, expires_at: Timestamp) -> Option<first_step::FirstStep> {
    let mark = command.mark?;
    Some(first_step::FirstStep { mark, challenge: challenge.clone(), expires_at })
}

fn open_part(command: &Begin, number: u8, part: &Part) -> OpenPart {
    OpenPart {
        challenge: Challenge {
            id: command.id.clone(),
            state: State::Open,
            is_real: part.address.is_some(),
            tries: 0,
            sends: 1,
            issued_at: command.now,
            expires_at: command.now + command.lifetime,
            last_sent_at: command.now,
        },
        part: number,
        serial: part.serial.clone(),
        subject: command.subject,
        purpose: command.purpose,
        group: command.group.clone(),
        code_length: part.code_length,
        nonce: part.nonce,
    }
}

fn recipient(part: &Part, mails: Mails) -> Recipient {
    let address = part.address.clone().filter(|_| mails == Mails::Left);
    Recipient { address, relay: part.relay.clone(), provider_id: part.provider_id }
}

fn event(command: &Begin, id: &ChallengeId, detail: &str, mails: Mails) -> Event {
    let mut event = command.event.clone();
    event.outcome = "challenge";
    id.as_str().clone_into(&mut event.challenge);
    detail.clone_into(&mut event.detail);
    if mails == Mails::Spent {
        MAIL_BUDGET_SPENT.clone_into(&mut event.reason);
    }
    event
}

/// The reason in the audit for a challenge without a mail.
const MAIL_BUDGET_SPENT: &str = "mail-budget-spent";
