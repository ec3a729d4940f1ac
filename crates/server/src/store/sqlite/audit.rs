//! Writing audit lines, inside the transaction of what they record.

use rusqlite::Connection;

use super::StoreError;
use crate::store::audit::INSERT;
use crate::store::command::Event;

/// Appends one line.
pub(super) fn insert(connection: &Connection, event: &Event) -> Result<(), StoreError> {
    connection.prepare_cached(INSERT)?.execute(rusqlite::params![
        event.id,
        event.at.millis(),
        event.action,
        event.outcome,
        event.reason,
        event.user_name,
        event.realm,
        event.serials,
        event.challenge,
        event.actor,
        event.client,
        event.address,
        event.request_id,
        event.detail,
    ])?;
    Ok(())
}
