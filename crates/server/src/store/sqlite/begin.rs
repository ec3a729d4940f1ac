//! Opening a challenge, or continuing the one that is open.

use super::super::command::{Begin, Begun};
use super::super::sql::{Row, Value, values};
use super::open_part::{BudgetRow, COUNT_SEND, enqueue, insert};
use super::writer::Writer;
use super::{StoreError, audit, run};
use crate::store::first_step::{self, FirstStep};
use crate::store::open_part::{OpenPart, read_open};
use crate::store::opening::{self, Known, Opening};

/// Opens a challenge, unless the rule says to stay with the open one.
pub(super) fn begin(writer: &Writer, command: &Begin) -> Result<Begun, StoreError> {
    let mut known = Known { before: before(writer, command)?, ..Known::default() };
    if known.before.is_none() && !command.is_concurrent {
        known.open = newest_open(writer, command)?;
    }
    let mut purse = BudgetRow { connection: &writer.connection, subject: command.subject };
    let opening = opening::decide(command, &known, &mut purse)?;
    match write(writer, command, &opening) {
        Err(StoreError::Taken) => {
            // Nothing happened: the caller asks again, and must not pay or supersede twice.
            run::execute(&writer.connection, "ROLLBACK TO command", &[])?;
            Ok(Begun::IdTaken)
        }
        written => written.map(|()| opening.begun()),
    }
}

/// The first step that its client has named alike.
fn before(writer: &Writer, command: &Begin) -> Result<Option<FirstStep>, StoreError> {
    let Some(mark) = &command.mark else { return Ok(None) };
    let read = |values| first_step::read(&mut Row::new("first_step", values));
    let found = run::select(&writer.connection, SELECT_FIRST_STEP, &values![mark.name.as_slice()], read)?;
    Ok(found.into_iter().next())
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
    if let Some(FirstStep { mark, challenge, expires_at }) = &opening.noted {
        let (name, fingerprint) = (mark.name.as_slice(), mark.fingerprint.as_slice());
        let params = values![name, fingerprint, challenge.as_str(), expires_at.millis()];
        run::execute(connection, INSERT_FIRST_STEP, &params)?;
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

const SELECT_FIRST_STEP: &str = "SELECT name, fingerprint, challenge, expires_at FROM first_step WHERE name = ?1";

const INSERT_FIRST_STEP: &str =
    "INSERT INTO first_step (name, fingerprint, challenge, expires_at) VALUES (?1, ?2, ?3, ?4)";

const SUPERSEDE: &str = "UPDATE challenge SET state = 'superseded' \
    WHERE subject = ?1 AND state = 'open' AND client_group = ?2 AND purpose = ?3";
