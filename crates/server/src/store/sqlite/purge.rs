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
    let params = values![oldest.as_str(), purging::BATCH];
    let first_steps = run::execute(connection, purging::FIRST_STEPS, &params)?;
    let challenges = run::execute(connection, purging::CHALLENGES, &params)?;
    let dead = now - purging::KEEP_UNSENT;
    let params = values![dead.millis(), purging::BATCH, ChallengeId::first_at(dead).as_str()];
    let mails = run::execute(connection, purging::OUTBOX, &params)?;
    let params = values![(now - purging::KEEP_FORMER).millis(), purging::BATCH];
    let former = run::execute(connection, purging::FORMER_ADDRESSES, &params)?;
    instance::write_last_seen(connection, now)?;
    Ok(first_steps + challenges + mails + former + sweep_budgets(writer, now, &oldest)?)
}

/// Walks the accounts in order of their key and forgets those that owe nothing and have nothing open.
fn sweep_budgets(writer: &mut Writer, now: Timestamp, oldest: &ChallengeId) -> Result<usize, StoreError> {
    let after = std::mem::take(&mut writer.budgets_swept);
    let params = values![after.as_slice(), purging::BATCH];
    let next: Vec<Vec<u8>> =
        run::select(&writer.connection, purging::NEXT_BUDGETS, &params, |values| Row::new("budget", values).take())?;
    let Some(last) = next.into_iter().last() else { return Ok(0) };
    let params = values![after, last.as_slice(), now.millis(), oldest.as_str()];
    let swept = run::execute(&writer.connection, FORGET_BUDGETS, &params)?;
    writer.budgets_swept = last;
    Ok(swept)
}

const FORGET_BUDGETS: &str = "DELETE FROM budget WHERE subject > ?1 AND subject <= ?2 \
    AND guess_at <= ?3 AND pin_at <= ?3 AND mail_at <= ?3 AND mail_day_at <= ?3 AND newest_challenge < ?4";
