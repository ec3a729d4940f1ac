//! Opening a challenge, or continuing the one that is open.

use super::super::command::{Begin, Begun};
use super::super::sql::{Row, Value, values};
use super::open_part::{BudgetRow, COUNT_SEND, enqueue, insert};
use super::writer::Writer;
use super::{StoreError, audit, run};
use crate::store::open_part::{OpenPart, read_open};
use crate::store::opening::{self, Opening};

/// Opens a challenge, unless the rule says to stay with the open one.
pub(super) fn begin(writer: &Writer, command: &Begin) -> Result<Begun, StoreError> {
    let open = if command.is_concurrent { Vec::new() } else { newest_open(writer, command)? };
    let mut purse = BudgetRow { connection: &writer.connection, subject: command.subject };
    let opening = opening::decide(command, &open, &mut purse)?;
    match write(writer, command, &opening) {
        Err(StoreError::Taken) => {
            // Nothing happened: the caller asks again, and must not pay or supersede twice.
            run::execute(&writer.connection, "ROLLBACK TO command", &[])?;
            Ok(Begun::IdTaken)
        }
        written => written.map(|()| opening.begun()),
    }
}

fn newest_open(writer: &Writer, command: &Begin) -> Result<Vec<OpenPart>, StoreError> {
    let mut params = scope(command);
    params.push(writer.epoch.into());
    let mut open =
        run::select(&writer.connection, SELECT_OPEN, &params, |values| read_open(&mut Row::new("challenge", values)))?;
    opening::keep_newest(&mut open);
    Ok(open)
}

fn write(writer: &Writer, command: &Begin, opening: &Opening) -> Result<(), StoreError> {
    let connection = &writer.connection;
    if opening.supersedes {
        run::execute(connection, SUPERSEDE, &scope(command))?;
    }
    for (row, mac) in &opening.inserted {
        insert(writer, row, mac)?;
    }
    if opening.is_counted {
        run::execute(connection, COUNT_SEND, &values![opening.id.as_str(), command.now.millis()])?;
    }
    for (row, to) in &opening.queued {
        enqueue(connection, row, to, command.now + command.lease)?;
    }
    audit::insert(connection, &opening.event)
}

fn scope(command: &Begin) -> Vec<Value> {
    Vec::from(values![command.subject.as_bytes().as_slice(), command.group.as_str(), command.purpose.as_str()])
}

const SELECT_OPEN: &str = "SELECT id, part, serial, subject, purpose, client_group, code_length, nonce, is_real, \
    tries, sends, issued_at, expires_at, last_sent_at FROM challenge \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3 AND epoch = ?4 \
    ORDER BY id DESC, part";

const SUPERSEDE: &str = "UPDATE challenge SET state = 'superseded' \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3";
