//! The epoch: open challenges do not survive a change of the server's history.
//!
//! After a failover to a standby that had not seen the last commits, or a restore, a used code
//! could look open again. Each new connection therefore compares where the server stands in its
//! history (system identifier and timeline) with what the database remembers; where they differ,
//! the epoch moves on and every open challenge is void.

use tokio_postgres::Client;

use super::fault::Fault;
use crate::store::instance::{EPOCH, HISTORY, SELECT, UPSERT, number};

/// The epoch that challenges belong to from now on.
pub(super) async fn settle(client: &Client) -> Result<i64, Fault> {
    let here: String = client.query_one(SELECT_HISTORY, &[]).await?.try_get(0)?;
    if find(client, HISTORY).await?.as_deref() == Some(here.as_bytes()) {
        return Ok(number(find(client, EPOCH).await?));
    }
    client.batch_execute("BEGIN").await?;
    let epoch = move_on(client, &here).await;
    client.batch_execute(if epoch.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    epoch
}

/// Whoever comes first moves the epoch on; the others find that it was.
async fn move_on(client: &Client, here: &str) -> Result<i64, Fault> {
    client.query(LOCK, &[&LOCK_NUMBER]).await?;
    let known = find(client, HISTORY).await?;
    let epoch = number(find(client, EPOCH).await?);
    if known.as_deref() == Some(here.as_bytes()) {
        return Ok(epoch);
    }
    save(client, HISTORY, here.as_bytes()).await?;
    let Some(known) = known else {
        return Ok(epoch);
    };
    let known = std::str::from_utf8(&known).unwrap_or("unreadable");
    tracing::warn!(known, here, "the database was failed over or restored; open challenges are void");
    save(client, EPOCH, &(epoch + 1).to_be_bytes()).await?;
    Ok(epoch + 1)
}

async fn find(client: &Client, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    let row = client.query_opt(&super::values::dollars(SELECT), &[&name]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

async fn save(client: &Client, name: &str, value: &[u8]) -> Result<(), Fault> {
    client.execute(&super::values::dollars(UPSERT), &[&name, &value]).await?;
    Ok(())
}

/// The timeline is the first eight digits of the name of the log file being written.
const SELECT_HISTORY: &str = "SELECT system_identifier::text || '/' || \
    substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) FROM pg_control_system()";

const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
/// Any number, as long as all nodes use the same and nobody else does.
const LOCK_NUMBER: i64 = 0x6f74_706f_7374_0002;
