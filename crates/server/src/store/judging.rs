//! What both engines conclude from the one statement that judges.

use domain::challenge::ChallengeId;
use domain::enrollment::Serial;
use domain::verdict::Refusal;

use super::budgets::BudgetRow;
use super::command::Judge;

/// One code that was compared with the typed one.
pub(super) struct Compared {
    pub(super) part: i64,
    /// How many parts the challenge has.
    pub(super) parts: i64,
    pub(super) serial: Serial,
    pub(super) is_used: bool,
    /// Where the trail of the account's challenges goes on behind this one.
    pub(super) previous: Option<ChallengeId>,
}

/// What became of a typed code.
pub(super) enum Conclusion {
    /// Too many were wrong before: this one was not looked at.
    Spent,
    /// There is nothing open that it could have been compared with.
    NothingCompared,
    /// Wrong, for all of these enrollments.
    Wrong(Vec<Serial>),
    /// Right, and used.
    Right {
        serial: Serial,
        /// Whether the challenge has other parts, of whatever length, which are closed now.
        has_others: bool,
    },
}

/// Concludes, and changes what the account owes and where its trail begins.
pub(super) fn conclude(command: &Judge, mut compared: Vec<Compared>, account: &mut BudgetRow) -> Conclusion {
    let ledger = &mut account.ledger;
    let Some(charged) = command.budget.charge(ledger.guess_at, command.now) else { return Conclusion::Spent };
    if compared.is_empty() {
        return Conclusion::NothingCompared;
    }
    compared.sort_by_key(|compared| compared.part);
    if let Some(used) = compared.iter().find(|compared| compared.is_used) {
        // A used code gives back its own guess and its mail, and leaves the trail.
        ledger.guess_at = command.budget.refund(charged);
        ledger.refund_mail();
        account.lead_past(&command.id, used.previous.clone());
        return Conclusion::Right { serial: used.serial.clone(), has_others: used.parts > 1 };
    }
    // A challenge of several parts compared the guess with several codes: the account pays for
    // each, and owes what it does not have.
    ledger.guess_at = (1..compared.len()).fold(charged, |at, _| at + command.budget.step);
    Conclusion::Wrong(compared.into_iter().map(|compared| compared.serial).collect())
}

/// The challenge that a code was meant for, where nothing was compared.
pub(super) struct Found {
    pub(super) is_open: bool,
    pub(super) expires_at: i64,
    pub(super) code_length: i64,
}

/// For the audit alone: the caller is told the same in every case.
pub(super) fn why_nothing_was_compared(found: Option<&Found>, command: &Judge) -> Refusal {
    match found {
        None => Refusal::NoSuchChallenge,
        Some(found) if found.is_open && found.expires_at > command.now.millis() => {
            let is_other_length = found.code_length != command.code_length.digits_i64();
            if is_other_length { Refusal::WrongCode } else { Refusal::ChallengeClosed }
        }
        Some(_) => Refusal::ChallengeClosed,
    }
}

/// The challenge as it stands.
pub(super) const SELECT_CLOSED: &str = "SELECT state, expires_at, code_length FROM challenge \
    WHERE id = ?1 AND subject = ?2 AND client_group = ?3";
