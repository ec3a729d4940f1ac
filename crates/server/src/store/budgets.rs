//! The row of an account: what it owes, and where the trail of its challenges begins.

use domain::budget::Ledger;
use domain::challenge::ChallengeId;
use domain::subject::Subject;

use super::sql::{Statement, values};

/// A row of the table `budget`. An account without one owes nothing and has nothing open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BudgetRow {
    /// What it owes.
    pub(super) ledger: Ledger,
    /// Its newest challenge that can still be open; each leads to the one before.
    pub(super) newest: Option<ChallengeId>,
}

impl BudgetRow {
    /// Takes this challenge off the trail, if the trail begins with it.
    pub(super) fn lead_past(&mut self, id: &ChallengeId, previous: Option<ChallengeId>) {
        if self.newest.as_ref() == Some(id) {
            self.newest = previous;
        }
    }
}

/// Wrong PINs and wrong codes of an account are forgotten; its mails stay counted.
pub fn forgive(subject: &Subject) -> Statement {
    Statement::new(
        "UPDATE budget SET pin_at = 0, guess_at = 0 WHERE subject = ?1",
        values![subject.as_bytes().as_slice()],
    )
}
