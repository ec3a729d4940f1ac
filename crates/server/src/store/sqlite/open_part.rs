//! The rows of an open challenge and its mail: written, queued. Shared by opening a challenge, continuing it and
//! mailing it again.

use domain::address::MailAddress;
use domain::challenge::ChallengeId;
use domain::time::Timestamp;
use rusqlite::Connection;

use super::StoreError;
use super::writer::Writer;
use crate::store::open_part::{OpenPart, Recipient};
use crate::store::opening::NewPart;

pub(super) fn insert(writer: &Writer, new: &NewPart) -> Result<(), StoreError> {
    let NewPart { row, mac, parts, previous } = new;
    let challenge = &row.challenge;
    let mut statement = writer.connection.prepare_cached(INSERT_CHALLENGE)?;
    statement.execute(rusqlite::params![
        challenge.id.as_str(),
        row.part,
        row.subject.as_bytes(),
        row.purpose.as_str(),
        row.group,
        row.serial.as_str(),
        challenge.is_real,
        challenge.issued_at.millis(),
        challenge.expires_at.millis(),
        writer.epoch,
        row.code_length.digits_i64(),
        row.nonce,
        mac,
        previous.as_ref().map_or("", ChallengeId::as_str),
        parts,
    ])?;
    Ok(())
}

/// Writes the outbox row, leased to this node.
pub(super) fn enqueue(
    connection: &Connection,
    row: &OpenPart,
    to: &Recipient,
    lease: Timestamp,
) -> Result<(), StoreError> {
    let challenge = &row.challenge;
    let address = to.address.as_ref().map_or("", MailAddress::as_str);
    let mut statement = connection.prepare_cached(INSERT_OUTBOX)?;
    statement.execute(rusqlite::params![
        challenge.id.as_str(),
        row.part,
        challenge.sends,
        address,
        to.relay,
        to.provider_id,
        lease.millis(),
        challenge.expires_at.millis(),
    ])?;
    Ok(())
}

pub(super) const COUNT_SEND: &str =
    "UPDATE challenge SET sends = sends + 1, last_sent_at = ?2 WHERE id = ?1 AND state = 'open'";

const INSERT_CHALLENGE: &str = "INSERT INTO challenge (id, part, subject, purpose, client_group, serial, state, \
    is_real, tries, sends, issued_at, expires_at, last_sent_at, epoch, code_length, nonce, code_mac, \
    previous, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, 0, 1, ?8, ?9, ?8, ?10, ?11, ?12, ?13, ?14, ?15)";

pub(super) const SUPERSEDE: &str = "UPDATE challenge SET state = 'superseded' WHERE id = ?1 AND state = 'open'";

const INSERT_OUTBOX: &str = "INSERT INTO outbox (id, part, send, address, relay, provider_id, attempts, lease_until, \
    expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)";
