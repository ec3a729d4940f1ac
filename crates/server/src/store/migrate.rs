//! Numbered migrations with checksums. Forward only; a schema newer than the program is refused.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use super::{StoreError, postgres, sqlite};
use crate::config::StoreUrl;
use crate::hex;

/// One step of the schema. A released step never changes.
pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

const SQLITE: &[Migration] =
    &[Migration { version: 1, name: "first", sql: include_str!("../../migrations/sqlite/0001_first.sql") }];

pub(super) const POSTGRES: &[Migration] =
    &[Migration { version: 1, name: "first", sql: include_str!("../../migrations/postgres/0001_first.sql") }];

/// What a migration run found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Version before; 0 for a new database.
    pub from: i64,
    /// Version now.
    pub to: i64,
}

/// Brings the database to this program's schema.
pub async fn migrate(url: &StoreUrl, now_millis: i64) -> Result<Migrated, StoreError> {
    match url {
        StoreUrl::Postgres(url) => postgres::migrate::migrate(url, now_millis).await,
        StoreUrl::Sqlite(path) => migrate_sqlite(path, now_millis),
    }
}

/// Refuses a database whose schema is not exactly this program's.
pub async fn check(url: &StoreUrl) -> Result<(), StoreError> {
    match url {
        StoreUrl::Postgres(url) => postgres::migrate::check(url).await,
        StoreUrl::Sqlite(path) => check_sqlite(path),
    }
}

/// Brings the database file to this program's schema, creating it (mode 0600) where there is none.
pub fn migrate_sqlite(path: &Path, now_millis: i64) -> Result<Migrated, StoreError> {
    create_private(path)?;
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure(&connection)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(CREATE_TABLE)?;
    let from = check_applied(&connection)?;
    for migration in SQLITE.iter().filter(|migration| migration.version > from) {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have got here first.
        if check_applied(&transaction)? < migration.version {
            transaction.execute_batch(migration.sql)?;
            let params = rusqlite::params![migration.version, migration.name, checksum(migration), now_millis];
            transaction.execute(INSERT, params)?;
        }
        transaction.commit()?;
    }
    Ok(Migrated { from, to: check_applied(&connection)? })
}

/// Switching to write-ahead mode needs the file alone, and does not wait for it: two programs that
/// make one database at the same time take turns here.
fn configure(connection: &Connection) -> Result<(), StoreError> {
    for _ in 0..PATIENCE.as_millis() / TURN.as_millis() {
        match sqlite::configure(connection) {
            Err(error) if is_locked(&error) => std::thread::sleep(TURN),
            configured => return configured,
        }
    }
    sqlite::configure(connection)
}

fn is_locked(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else { return false };
    let cause = cause.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    matches!(cause, Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked))
}

/// Refuses a database whose schema is not exactly this program's.
pub fn check_sqlite(path: &Path) -> Result<(), StoreError> {
    let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = opened.map_err(|_| why_closed(path))?;
    connection.execute_batch(CREATE_TABLE)?;
    check_version(check_applied(&connection)?)
}

/// Why a file could not be opened as a database; `SQLite` says the same whatever the reason.
fn why_closed(path: &Path) -> StoreError {
    match std::fs::File::open(path).err() {
        Some(error) if error.kind() == ErrorKind::NotFound => {
            StoreError::Schema(format!("there is no database at {}; run `otpost migrate`", path.display()))
        }
        Some(error) => unusable("open", path, &error),
        None => StoreError::Unavailable(format!("{} cannot be opened as a database", path.display()).into()),
    }
}

/// The error with what was tried and where; its kind stays.
fn unusable(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    let words = format!("cannot {what} {}: {error}", path.display());
    StoreError::Unavailable(Box::new(std::io::Error::new(error.kind(), words)))
}

/// The newest version applied, after holding every applied one to its checksum.
fn check_applied(connection: &Connection) -> Result<i64, StoreError> {
    let mut statement = connection.prepare(SELECT_APPLIED)?;
    let applied = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    judge_applied(SQLITE, &applied.collect::<rusqlite::Result<Vec<_>>>()?)
}

/// The newest of the applied versions, given with their checksums in order.
pub(super) fn judge_applied(migrations: &[Migration], applied: &[(i64, String)]) -> Result<i64, StoreError> {
    let newest_applied = applied.last().map_or(0, |(version, _)| *version);
    if newest_applied > newest() {
        return Err(StoreError::Schema(format!(
            "the database has schema version {newest_applied}, newer than the {} this program knows; \
             use the newer program, it was left as it is",
            newest()
        )));
    }
    for migration in migrations {
        let found = applied.iter().find(|(version, _)| *version == migration.version);
        if found.is_some_and(|(_, sum)| *sum != checksum(migration)) {
            return Err(StoreError::Schema(format!(
                "migration {} was applied in another form than this program holds; the database was left as it is",
                migration.version
            )));
        }
    }
    Ok(newest_applied)
}

/// Refuses a schema that is still to be brought up to date.
pub(super) fn check_version(found: i64) -> Result<(), StoreError> {
    let known = newest();
    if found == known {
        return Ok(());
    }
    Err(StoreError::Schema(format!(
        "the database has schema version {found}, this program needs {known}; run `otpost migrate`"
    )))
}

fn newest() -> i64 {
    SQLITE.last().map_or(0, |migration| migration.version)
}

pub(super) fn checksum(migration: &Migration) -> String {
    hex::encode(&Sha256::digest(migration.sql.as_bytes()))
}

fn create_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| unusable("create or write", path, &error))
}

/// Nobody waits for a sign-in while a schema is written; another program that migrates may take a while.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

const TURN: std::time::Duration = std::time::Duration::from_millis(20);

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (version INTEGER NOT NULL PRIMARY KEY, \
    name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

pub(super) const INSERT: &str = "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)";

pub(super) const SELECT_APPLIED: &str = "SELECT version, checksum FROM migration ORDER BY version";
