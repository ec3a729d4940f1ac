//! The schema on a server: the same numbered steps, by one node at a time.

use domain::secret::Secret;
use tokio_postgres::Transaction;

use super::fault::Fault;
use super::server::Server;
use super::session;
use super::values::dollars;
use crate::store::StoreError;
use crate::store::migrate::{
    INSERT, Migrated, Migration, POSTGRES, SELECT_APPLIED, check_version, checksum, judge_applied,
};

/// Brings the database, which must exist, to this program's schema.
pub(in crate::store) async fn migrate(url: &Secret, now_millis: i64) -> Result<Migrated, StoreError> {
    run(url, now_millis).await.map_err(Fault::into_error)
}

/// Refuses a database whose schema is not exactly this program's.
pub(in crate::store) async fn check(url: &Secret) -> Result<(), StoreError> {
    let found = async {
        let mut client = session::connect(&Server::parse(url.expose())?).await?;
        let transaction = client.transaction().await?;
        Ok(if has_table(&transaction).await? { applied(&transaction).await? } else { 0 })
    };
    check_version(found.await.map_err(Fault::into_error)?)
}

/// All steps in one transaction, under one lock: a node that starts beside another waits, and finds
/// nothing left to do.
async fn run(url: &Secret, now_millis: i64) -> Result<Migrated, Fault> {
    let mut client = session::connect(&Server::parse(url.expose())?).await?;
    session::set_up(&client, SETTINGS).await?;
    let transaction = client.transaction().await?;
    transaction.query(LOCK, &[&LOCK_NUMBER]).await?;
    transaction.batch_execute(CREATE_TABLE).await?;
    let from = applied(&transaction).await?;
    for migration in POSTGRES.iter().filter(|migration| migration.version > from) {
        let Migration { version, name, sql } = migration;
        transaction.batch_execute(sql).await?;
        transaction.execute(&dollars(INSERT), &[version, name, &checksum(migration), &now_millis]).await?;
    }
    let to = applied(&transaction).await?;
    transaction.commit().await?;
    Ok(Migrated { from, to })
}

async fn has_table(transaction: &Transaction<'_>) -> Result<bool, Fault> {
    Ok(transaction.query_one("SELECT to_regclass('migration') IS NOT NULL", &[]).await?.try_get(0)?)
}

async fn applied(transaction: &Transaction<'_>) -> Result<i64, Fault> {
    let rows = transaction.query(SELECT_APPLIED, &[]).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let applied: Vec<_> = rows.collect::<Result<_, tokio_postgres::Error>>()?;
    Ok(judge_applied(POSTGRES, &applied)?)
}

/// A schema may take its time; a lock that is not free within half a minute is somebody's mistake.
const SETTINGS: &str = "SET statement_timeout = 0; SET lock_timeout = 30000";

const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
/// Any number, as long as all nodes use the same and nobody else does.
const LOCK_NUMBER: i64 = 0x6f74_706f_7374_0001;

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (version BIGINT NOT NULL PRIMARY KEY, \
    name TEXT COLLATE \"C\" NOT NULL, checksum TEXT COLLATE \"C\" NOT NULL, applied_at BIGINT NOT NULL)";
