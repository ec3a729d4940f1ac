//! What has expired leaves in small batches, so that no caller waits behind a sweep.

use domain::challenge::ChallengeId;
use domain::time::Timestamp;

use super::super::sql::{Row, values};
use super::writer::Writer;
use super::{StoreError, instance, run};
use crate::store::purging;

/// One batch of each kind; answers how many rows went.
pub(super) fn purge(writer: &mut Writer, now: Timestamp) -> Result<usize, StoreError> {
    let connection = &writer.connection;
    let oldest = ChallengeId::first_at(now - purging::KEEP_CLOSED);
    let challenges = run::execute(connection, purging::CHALLENGES, &values![oldest.as_str(), purging::BATCH])?;
    let mails =
        run::execute(connection, purging::OUTBOX, &values![(now - purging::KEEP_UNSENT).millis(), purging::BATCH])?;
    instance::write_last_seen(connection, now)?;
    Ok(challenges + mails + sweep_budgets(writer, now)?)
}

/// Walks the accounts in order of their key and forgets those that owe nothing.
fn sweep_budgets(writer: &mut Writer, now: Timestamp) -> Result<usize, StoreError> {
    let params = values![writer.budgets_swept.as_slice(), purging::BATCH];
    let seen = run::select(&writer.connection, purging::SELECT_BUDGETS, &params, |values| {
        let mut row = Row::new("budget", values);
        let subject: Vec<u8> = row.take()?;
        Ok((subject, [row.take::<i64>()?, row.take()?, row.take()?, row.take()?]))
    })?;
    writer.budgets_swept = seen.last().map(|(subject, _)| subject.clone()).unwrap_or_default();
    let mut swept = 0;
    for (subject, square_at) in seen {
        if square_at.iter().all(|at| *at <= now.millis()) {
            swept += run::execute(&writer.connection, purging::DELETE_BUDGET, &values![subject, now.millis()])?;
        }
    }
    Ok(swept)
}
