//! What has expired leaves in small batches, so that no caller waits behind a sweep.

use std::time::Duration;

use domain::challenge::ChallengeId;
use domain::time::Timestamp;

use super::super::sql::{Row, values};
use super::writer::Writer;
use super::{StoreError, run};
use crate::store::instance;

/// One batch of each kind; answers how many rows went.
pub(super) fn purge(writer: &mut Writer, now: Timestamp) -> Result<usize, StoreError> {
    let connection = &writer.connection;
    let oldest = ChallengeId::first_at(now - KEEP_CLOSED);
    let challenges = run::execute(connection, PURGE_CHALLENGES, &values![oldest.as_str(), BATCH])?;
    let mails = run::execute(connection, PURGE_OUTBOX, &values![(now - KEEP_UNSENT).millis(), BATCH])?;
    instance::write_last_seen(connection, now)?;
    Ok(challenges + mails + sweep_budgets(writer, now)?)
}

/// Walks the accounts in order of their key and forgets those that owe nothing.
fn sweep_budgets(writer: &mut Writer, now: Timestamp) -> Result<usize, StoreError> {
    let params = values![writer.budgets_swept.as_slice(), BATCH];
    let seen = run::select(&writer.connection, SELECT_BUDGETS, &params, |values| {
        let mut row = Row::new("budget", values);
        let subject: Vec<u8> = row.take()?;
        Ok((subject, [row.take::<i64>()?, row.take()?, row.take()?, row.take()?]))
    })?;
    writer.budgets_swept = seen.last().map(|(subject, _)| subject.clone()).unwrap_or_default();
    let mut swept = 0;
    for (subject, square_at) in seen {
        if square_at.iter().all(|at| *at <= now.millis()) {
            swept += run::execute(&writer.connection, DELETE_BUDGET, &values![subject])?;
        }
    }
    Ok(swept)
}

const PURGE_CHALLENGES: &str =
    "DELETE FROM challenge WHERE id IN (SELECT id FROM challenge WHERE id < ?1 ORDER BY id LIMIT ?2)";

const PURGE_OUTBOX: &str = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE expires_at <= ?1 LIMIT ?2)";

const SELECT_BUDGETS: &str = "SELECT subject, guess_at, pin_at, mail_at, mail_day_at FROM budget \
    WHERE subject > ?1 ORDER BY subject LIMIT ?2";

const DELETE_BUDGET: &str = "DELETE FROM budget WHERE subject = ?1";

/// Rows per kind and batch.
const BATCH: usize = 500;
/// A closed challenge is kept so long that a late answer can still be told from a made-up one: the
/// longest life of a code and ten minutes.
const KEEP_CLOSED: Duration = Duration::from_mins(4 + 10);
/// An outbox row outlives its code so long that the worker can still report it dropped.
const KEEP_UNSENT: Duration = Duration::from_mins(1);
