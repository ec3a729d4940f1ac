//! Opening a challenge, or continuing the one that is open.

use domain::challenge::ChallengeId;

use super::super::command::{Begin, Begun};
use super::super::sql::{Row, values};
use super::open_part::{COUNT_SEND, SUPERSEDE, enqueue, insert};
use super::writer::Writer;
use super::{StoreError, audit, budgets, run};
use crate::store::budgets::BudgetRow;
use crate::store::first_step::{self, FirstStep};
use crate::store::open_part::{OpenPart, read_open};
use crate::store::opening::{self, Known, Opening};

/// Opens a challenge, unless the rule says to stay with the open one.
pub(super) fn begin(writer: &Writer, command: &Begin) -> Result<Begun, StoreError> {
    let opening = budgets::change(&writer.connection, command.subject, |account| {
        Ok(opening::decide(command, known(writer, command, account)?, account))
    })?;
    match write(writer, command, &opening) {
        Err(StoreError::Taken) => {
            // Nothing happened: the caller asks again, and must not pay or supersede twice.
            run::execute(&writer.connection, "ROLLBACK TO command", &[])?;
            Ok(Begun::IdTaken)
        }
        written => written.map(|()| opening.begun()),
    }
}

fn known(writer: &Writer, command: &Begin, account: &BudgetRow) -> Result<Known, StoreError> {
    let before = before(writer, command)?;
    let open = match &account.newest {
        Some(newest) if before.is_none() && !command.is_concurrent => open(writer, newest)?,
        _ => Vec::new(),
    };
    Ok(Known { open, before })
}

/// The first step that its client has named alike.
fn before(writer: &Writer, command: &Begin) -> Result<Option<FirstStep>, StoreError> {
    let Some(mark) = &command.mark else { return Ok(None) };
    let read = |values| first_step::read(&mut Row::new("first_step", values));
    let found = run::select(&writer.connection, SELECT_FIRST_STEP, &values![mark.name.as_slice()], read)?;
    Ok(found.into_iter().next())
}

/// All open challenges on the trail, the newest first.
fn open(writer: &Writer, newest: &ChallengeId) -> Result<Vec<OpenPart>, StoreError> {
    let params = values![newest.as_str(), writer.epoch];
    run::select(&writer.connection, SELECT_OPEN, &params, |values| read_open(&mut Row::new("challenge", values)))
}

fn write(writer: &Writer, command: &Begin, opening: &Opening) -> Result<(), StoreError> {
    let connection = &writer.connection;
    for id in &opening.superseded {
        run::execute(connection, SUPERSEDE, &values![id.as_str()])?;
    }
    for new in &opening.inserted {
        insert(writer, new)?;
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

const SELECT_OPEN: &str = "WITH RECURSIVE trail (id) AS (SELECT ?1 \
    UNION SELECT c.previous FROM trail CROSS JOIN challenge AS c WHERE c.id = trail.id) \
    SELECT c.id, c.part, c.serial, c.subject, c.purpose, c.client_group, c.code_length, c.nonce, c.is_real, \
    c.tries, c.sends, c.issued_at, c.expires_at, c.last_sent_at FROM trail CROSS JOIN challenge AS c \
    WHERE c.id = trail.id AND c.state = 'open' AND c.epoch = ?2 ORDER BY c.id DESC, c.part";

const SELECT_FIRST_STEP: &str = "SELECT name, fingerprint, challenge, expires_at FROM first_step WHERE name = ?1";

const INSERT_FIRST_STEP: &str =
    "INSERT INTO first_step (name, fingerprint, challenge, expires_at) VALUES (?1, ?2, ?3, ?4)";
