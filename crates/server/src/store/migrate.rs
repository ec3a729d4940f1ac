//! Numbered migrations with checksums. Forward only; a schema newer than the program is refused.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{StoreError, sqlite};
use crate::hex;

/// One step of the schema. A released step never changes.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "first", sql: include_str!("../../migrations/sqlite/0001_first.sql") }];

/// What a migration run found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Version before; 0 for a new database.
    pub from: i64,
    /// Version now.
    pub to: i64,
}

/// Brings the database file to this program's schema, creating it (mode 0600) where there is none.
pub fn migrate_sqlite(path: &Path, now_millis: i64) -> Result<Migrated, StoreError> {
    create_private(path)?;
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    sqlite::configure(&connection)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(CREATE_TABLE)?;
    let from = check_applied(&connection)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > from) {
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

/// Refuses a database whose schema is not exactly this program's.
pub fn check_sqlite(path: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|_| StoreError::Schema(format!("there is no database at {}; run `otpost migrate`", path.display())))?;
    connection.execute_batch(CREATE_TABLE)?;
    let found = check_applied(&connection)?;
    let known = newest();
    if found < known {
        return Err(StoreError::Schema(format!(
            "the database has schema version {found}, this program needs {known}; run `otpost migrate`"
        )));
    }
    Ok(())
}

/// The newest version applied, after holding every applied one to its checksum.
fn check_applied(connection: &Connection) -> Result<i64, StoreError> {
    let newest_applied: i64 = connection.query_row(SELECT_NEWEST, [], |row| row.get(0))?;
    if newest_applied > newest() {
        return Err(StoreError::Schema(format!(
            "the database has schema version {newest_applied}, newer than the {} this program knows; \
             use the newer program, it was left as it is",
            newest()
        )));
    }
    for migration in MIGRATIONS {
        let applied: Option<String> =
            connection.query_row(SELECT_CHECKSUM, [migration.version], |row| row.get(0)).optional()?;
        if applied.is_some_and(|applied| applied != checksum(migration)) {
            return Err(StoreError::Schema(format!(
                "migration {} was applied in another form than this program holds; the database was left as it is",
                migration.version
            )));
        }
    }
    Ok(newest_applied)
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

fn checksum(migration: &Migration) -> String {
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
        .map_err(|error| StoreError::Unavailable(format!("cannot create or write {}: {error}", path.display()).into()))
}

/// Nobody waits for a sign-in while a schema is written; another program that migrates may take a while.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (version INTEGER NOT NULL PRIMARY KEY, \
    name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";

const INSERT: &str = "INSERT INTO migration (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)";

const SELECT_NEWEST: &str = "SELECT COALESCE(MAX(version), 0) FROM migration";

const SELECT_CHECKSUM: &str = "SELECT checksum FROM migration WHERE version = ?1";
