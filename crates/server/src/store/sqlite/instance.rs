//! Facts about this installation, read and written inside a transaction.

use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::StoreError;
use crate::store::instance::{EPOCH, LAST_SEEN, SELECT, SETTINGS_CHANGED, UPSERT, number};

pub(super) fn read_epoch(connection: &Connection) -> Result<i64, StoreError> {
    read(connection, EPOCH)
}

pub(super) fn write_last_seen(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    if now.millis() > read(connection, LAST_SEEN)? {
        write(connection, LAST_SEEN, now.millis())?;
    }
    Ok(())
}

/// Moves the settings version on; two changes in one millisecond still make two versions.
pub(super) fn touch_settings(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let next = now.millis().max(read(connection, SETTINGS_CHANGED)? + 1);
    write(connection, SETTINGS_CHANGED, next)
}

fn read(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached(SELECT)?;
    Ok(number(statement.query_row([name], |row| row.get(0)).optional()?))
}

fn write(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    connection.prepare_cached(UPSERT)?.execute(rusqlite::params![name, value.to_be_bytes()])?;
    Ok(())
}
