//! Commands that run alone, on a connection of the pool: seldom, and of many shapes.

use std::sync::{Mutex, PoisonError};

use deadpool_postgres::{Object, Transaction};
use domain::challenge::ChallengeId;
use domain::time::Timestamp;
use tokio_postgres::types::ToSql;

use super::fault::Fault;
use super::values::{dollars, take_apart};
use crate::store::command::{Change, ClaimMails, MailJob};
use crate::store::sql::{Row, Statement, Value, values};
use crate::store::{audit, instance, outbox, purging};

/// Who hears of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Every node: settings have changed.
    Nodes,
    /// Nobody has to.
    Nobody,
}

/// Applies a change to administrators' data, or to what is nobody's setting.
pub(super) async fn change(connection: &mut Object, command: &Change, told: Told) -> Result<(), Fault> {
    let transaction = connection.transaction().await?;
    apply(&transaction, &command.statements).await?;
    if told == Told::Nodes {
        touch_settings(&transaction, command.event.at).await?;
    }
    execute(&transaction, audit::INSERT, &audit::params(&command.event)).await?;
    Ok(transaction.commit().await?)
}

/// Two changes in one millisecond still make two versions: the row is locked until the commit.
async fn touch_settings(transaction: &Transaction<'_>, at: Timestamp) -> Result<(), Fault> {
    transaction.query(LOCK, &[&SETTINGS_LOCK]).await?;
    let known = select(transaction, instance::SELECT, &values![instance::SETTINGS_CHANGED]).await?;
    let known: Option<Vec<u8>> = known.into_iter().next().map(|row| Row::new("instance", row).take()).transpose()?;
    let next = at.millis().max(instance::number(known) + 1).to_be_bytes();
    execute(transaction, instance::UPSERT, &values![instance::SETTINGS_CHANGED, next.as_slice()]).await?;
    Ok(transaction.batch_execute(NOTIFY).await?)
}

async fn apply(transaction: &Transaction<'_>, statements: &[Statement]) -> Result<(), Fault> {
    for Statement { sql, params, expect } in statements {
        let touched = execute(transaction, sql, params).await?;
        expect.check(touched > 0)?;
    }
    Ok(())
}

/// Runs one statement that nobody else has to hear of.
pub(super) async fn mark(connection: &mut Object, command: &Statement) -> Result<(), Fault> {
    let transaction = connection.transaction().await?;
    apply(&transaction, std::slice::from_ref(command)).await?;
    Ok(transaction.commit().await?)
}

/// Takes over mails of open challenges whose lease has run out. Two nodes never take the same.
pub(super) async fn claim(connection: &mut Object, command: &ClaimMails, epoch: i64) -> Result<Vec<MailJob>, Fault> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute(BY_KEY).await?;
    // What another claims at this moment is passed over, instead of being waited for and found taken.
    let sql = format!("{} FOR UPDATE OF o SKIP LOCKED", outbox::SELECT_DUE); // tidy: one engine, because SQLite has one writer
    let due = select(&transaction, &sql, &values![command.now.millis(), command.limit, epoch]).await?;
    let lease_until = (command.now + command.lease).millis();
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        let Some(job) = outbox::read_due(row)? else { continue };
        let key = &job.key;
        let params = values![key.id.as_str(), i64::from(key.part), job.send, lease_until, command.now.millis()];
        if execute(&transaction, outbox::LEASE, &params).await? == 1 {
            claimed.push(job);
        }
    }
    transaction.commit().await?;
    Ok(claimed)
}

/// Fails where the server has no room left. Nothing stays.
pub(super) async fn try_room(connection: &mut Object) -> Result<(), Fault> {
    let transaction = connection.transaction().await?;
    transaction.batch_execute(INSERT_MUCH).await?;
    Ok(transaction.rollback().await?)
}

/// One batch of each kind of what has expired, by one node at a time. `swept` is where the walk
/// over the accounts stands.
pub(super) async fn purge(connection: &mut Object, now: Timestamp, swept: &Mutex<Vec<u8>>) -> Result<usize, Fault> {
    let transaction = connection.transaction().await?;
    let row = transaction.query_one("SELECT pg_try_advisory_xact_lock($1)", &[&PURGE_LOCK]).await?;
    if !row.try_get::<_, bool>(0)? {
        // Whether anything can be written shows here, too: not only at the node whose turn it is.
        see(&transaction, now).await?;
        transaction.commit().await?;
        return Ok(0);
    }
    transaction.batch_execute(BY_KEY).await?;
    let oldest = ChallengeId::first_at(now - purging::KEEP_CLOSED);
    let params = values![oldest.as_str(), purging::BATCH];
    let first_steps = execute(&transaction, purging::FIRST_STEPS, &params).await?;
    let challenges = execute(&transaction, purging::CHALLENGES, &params).await?;
    let dead = now - purging::KEEP_UNSENT;
    let params = values![dead.millis(), purging::BATCH, ChallengeId::first_at(dead).as_str()];
    let mails = execute(&transaction, purging::OUTBOX, &params).await?;
    let params = values![(now - purging::KEEP_FORMER).millis(), purging::BATCH];
    let former = execute(&transaction, purging::FORMER_ADDRESSES, &params).await?;
    let budgets = sweep_budgets(&transaction, now, &oldest, swept).await?;
    see(&transaction, now).await?;
    transaction.commit().await?;
    Ok(usize::try_from(first_steps + challenges + mails + former + budgets).unwrap_or(usize::MAX))
}

/// Writes down that it is this late.
async fn see(transaction: &Transaction<'_>, now: Timestamp) -> Result<(), Fault> {
    let params = values![instance::LAST_SEEN, now.millis().to_be_bytes().as_slice()];
    execute(transaction, UPSERT_LATEST, &params).await.map(drop)
}

/// Walks the accounts in order of their key and forgets those that owe nothing and have nothing open.
async fn sweep_budgets(
    transaction: &Transaction<'_>,
    now: Timestamp,
    oldest: &ChallengeId,
    swept: &Mutex<Vec<u8>>,
) -> Result<u64, Fault> {
    let after = swept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let next = select(transaction, purging::NEXT_BUDGETS, &values![after.as_slice(), purging::BATCH]).await?;
    let last: Option<Vec<u8>> = next.into_iter().last().map(|row| Row::new("budget", row).take()).transpose()?;
    let gone = match &last {
        Some(last) => {
            let params = values![after, last.as_slice(), now.millis(), oldest.as_str()];
            execute(transaction, FORGET_BUDGETS, &params).await?
        }
        None => 0,
    };
    *swept.lock().unwrap_or_else(PoisonError::into_inner) = last.unwrap_or_default();
    Ok(gone)
}

async fn select(transaction: &Transaction<'_>, sql: &str, params: &[Value]) -> Result<Vec<Vec<Value>>, Fault> {
    let statement = transaction.prepare_cached(&dollars(sql)).await?;
    let rows = transaction.query(&statement, &refer(params)).await?;
    Ok(rows.iter().map(take_apart).collect::<Result<_, _>>()?)
}

async fn execute(transaction: &Transaction<'_>, sql: &str, params: &[Value]) -> Result<u64, Fault> {
    let statement = transaction.prepare_cached(&dollars(sql)).await?;
    Ok(transaction.execute(&statement, &refer(params)).await?)
}

/// Parameters as the driver takes them.
pub(super) fn refer(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// An account that is locked is in use: it is forgotten another time.
const FORGET_BUDGETS: &str = "DELETE FROM budget WHERE subject IN (SELECT subject FROM budget \
    WHERE subject > ?1 AND subject <= ?2 AND guess_at <= ?3 AND pin_at <= ?3 AND mail_at <= ?3 AND mail_day_at <= ?3 \
    AND newest_challenge < ?4 FOR UPDATE SKIP LOCKED)"; // tidy: one engine, because SQLite has one writer and no row locks

const UPSERT_LATEST: &str = "INSERT INTO instance (name, value) VALUES (?1, ?2) ON CONFLICT (name) \
    DO UPDATE SET value = EXCLUDED.value WHERE instance.value < EXCLUDED.value";

/// Octets that cannot be made smaller fill pages of their own.
const INSERT_MUCH: &str = "INSERT INTO instance (name, value) SELECT 'room', string_agg(sha256(n::text::bytea), '') \
    FROM generate_series(1, 2048) AS n ON CONFLICT (name) DO NOTHING";

/// These touch few rows of large tables by their keys, however small the tables were when somebody last counted
/// them, and however many row versions are dead.
const BY_KEY: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
    SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
/// Wakes the nodes that listen, at the commit.
const NOTIFY: &str = "NOTIFY otpost_settings";
/// Any numbers, as long as all nodes use the same and nobody else does.
const SETTINGS_LOCK: i64 = 0x6f74_706f_7374_0003;
const PURGE_LOCK: i64 = 0x6f74_706f_7374_0004;
