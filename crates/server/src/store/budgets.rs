//! The budgets of accounts, as far as administrators touch them.

use super::sql::{Statement, values};
use domain::subject::Subject;

/// Wrong PINs and wrong codes of an account are forgotten; its mails stay counted.
pub fn forgive(subject: &Subject) -> Statement {
    Statement::new(
        "UPDATE budget SET pin_at = 0, guess_at = 0 WHERE subject = ?1",
        values![subject.as_bytes().as_slice()],
    )
}
