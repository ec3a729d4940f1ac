//! What both engines conclude from the one statement that judges.

use domain::enrollment::Serial;
use domain::verdict::Refusal;

use super::command::Judge;

/// One code that was compared with the typed one.
pub(super) struct Compared {
    pub(super) part: i64,
    pub(super) serial: Serial,
    pub(super) is_used: bool,
    /// Where the trail of the account's challenges goes on behind this one; empty for nowhere.
    pub(super) previous: String,
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
