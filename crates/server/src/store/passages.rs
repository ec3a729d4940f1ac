//! What somebody has who signed in: a ticket on its way to an application, a session at a gate, a pass for
//! another door. A row holds a hash of the token, never the token; a pass has none, it is good for one address.

use std::net::IpAddr;

use domain::enrollment::Serial;
use domain::time::Timestamp;

use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError};

/// Somebody who signed in at a theme, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The theme.
    pub theme_id: i64,
    /// The account.
    pub user_id: String,
    /// Its name.
    pub user_name: String,
    /// Its realm.
    pub realm: String,
    /// The enrollment whose code was right; none where a rule asked for no code.
    pub serial: Option<Serial>,
    /// What the password that was right is recognised by.
    pub proven_by: String,
    /// When they signed in.
    pub at: Timestamp,
}

/// A session that was opened and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateSession {
    /// Whose, and what it rests on.
    pub passage: Passage,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Timestamp,
}

/// What opens another door once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Whose, and what it rests on.
    pub passage: Passage,
    /// Where they signed in from.
    pub address: IpAddr,
}

impl Store {
    /// What somebody has left at a theme for another door, and not used.
    pub async fn find_pass(&self, theme_id: i64, user_id: &str) -> Result<Option<Pass>, StoreError> {
        let read = |row: &mut Row| {
            let passage = read(row)?;
            Ok(Pass { passage, address: row.take_as(|address: String| address.parse().ok())? })
        };
        self.select_one("pass", SELECT_PASS, &values![theme_id, user_id], read).await
    }

    /// A ticket that was not redeemed, with the address it was issued for.
    pub async fn find_ticket(&self, token_hash: [u8; 32]) -> Result<Option<(Passage, String)>, StoreError> {
        let read = |row: &mut Row| Ok((read(row)?, row.take()?));
        self.select_one("ticket", SELECT_TICKET, &values![token_hash.as_slice()], read).await
    }

    /// The session of that token.
    pub async fn find_gate_session(&self, token_hash: [u8; 32]) -> Result<Option<GateSession>, StoreError> {
        let read = |row: &mut Row| {
            Ok(GateSession {
                passage: read(row)?,
                opened_at: Timestamp::from_millis(row.take()?),
                used_at: Timestamp::from_millis(row.take()?),
            })
        };
        self.select_one("gate_session", SELECT_SESSION, &values![token_hash.as_slice()], read).await
    }
}

/// Keeps a ticket for that address; its theme must be there.
pub fn issue_ticket(token_hash: [u8; 32], passage: &Passage, return_to: &str) -> Statement {
    let mut params = parameters(token_hash, passage);
    params.push(return_to.into());
    Statement::new(INSERT_TICKET, params)
}

/// Redeems a ticket: whoever takes the row has it, and nobody else.
pub fn redeem_ticket(token_hash: [u8; 32]) -> Statement {
    Statement::must_hit("DELETE FROM ticket WHERE token_hash = ?1", values![token_hash.as_slice()])
}

/// Forgets the tickets of sign-ins of this instant or before.
pub fn forget_tickets_before(instant: Timestamp) -> Statement {
    Statement::new("DELETE FROM ticket WHERE signed_in_at <= ?1", values![instant.millis()])
}

/// Opens a session.
pub fn open_gate_session(token_hash: [u8; 32], passage: &Passage, now: Timestamp) -> Statement {
    let mut params = parameters(token_hash, passage);
    params.push(now.millis().into());
    Statement::new(INSERT_SESSION, params)
}

/// Notes that a session is in use.
pub fn use_gate_session(token_hash: [u8; 32], now: Timestamp) -> Statement {
    Statement::new(
        "UPDATE gate_session SET used_at = ?2 WHERE token_hash = ?1",
        values![token_hash.as_slice(), now.millis()],
    )
}

/// Ends a session; one that has ended is ended too.
pub fn end_gate_session(token_hash: [u8; 32]) -> Statement {
    Statement::new("DELETE FROM gate_session WHERE token_hash = ?1", values![token_hash.as_slice()])
}

/// Ends the sessions of everybody that were opened at the first instant, or last used at the second, or before.
pub fn end_gate_sessions_before(opened: Timestamp, used: Timestamp) -> Statement {
    Statement::new(DELETE_OLD_SESSIONS, values![opened.millis(), used.millis()])
}

/// Keeps a pass, in the place of an older one of the same person at the same theme.
pub fn leave_pass(pass: &Pass) -> Statement {
    let passage = &pass.passage;
    Statement::new(
        UPSERT_PASS,
        values![
            passage.theme_id,
            passage.user_id.as_str(),
            passage.user_name.as_str(),
            passage.realm.as_str(),
            passage.serial.as_ref().map_or("", Serial::as_str),
            passage.proven_by.as_str(),
            passage.at.millis(),
            pass.address.to_string(),
        ],
    )
}

/// Uses a pass: whoever takes the row comes in, and nobody else.
pub fn use_pass(pass: &Pass) -> Statement {
    let (passage, address) = (&pass.passage, pass.address.to_string());
    let params = values![passage.theme_id, passage.user_id.as_str(), passage.at.millis(), address];
    Statement::must_hit(DELETE_PASS, params)
}

/// Forgets the passes of sign-ins of this instant or before.
pub fn forget_passes_before(instant: Timestamp) -> Statement {
    Statement::new("DELETE FROM pass WHERE signed_in_at <= ?1", values![instant.millis()])
}

/// Everything that hangs on a theme.
pub(super) fn forget_theme(id: i64) -> [Statement; 3] {
    [
        Statement::new("DELETE FROM pass WHERE theme_id = ?1", values![id]),
        Statement::new("DELETE FROM ticket WHERE theme_id = ?1", values![id]),
        Statement::new("DELETE FROM gate_session WHERE theme_id = ?1", values![id]),
    ]
}

fn parameters(token_hash: [u8; 32], passage: &Passage) -> Vec<Value> {
    Vec::from(values![
        token_hash.as_slice(),
        passage.theme_id,
        passage.user_id.as_str(),
        passage.user_name.as_str(),
        passage.realm.as_str(),
        passage.serial.as_ref().map_or("", Serial::as_str),
        passage.proven_by.as_str(),
        passage.at.millis(),
    ])
}

fn read(row: &mut Row) -> Result<Passage, StoreError> {
    Ok(Passage {
        theme_id: row.take()?,
        user_id: row.take()?,
        user_name: row.take()?,
        realm: row.take()?,
        serial: row.take_as(|serial: String| match serial.as_str() {
            "" => Some(None),
            serial => Serial::parse(serial).map(Some),
        })?,
        proven_by: row.take()?,
        at: Timestamp::from_millis(row.take()?),
    })
}

const SELECT_TICKET: &str = "SELECT theme_id, user_id, user_name, realm, serial, proven_by, signed_in_at, return_to \
    FROM ticket WHERE token_hash = ?1";

const SELECT_SESSION: &str = "SELECT theme_id, user_id, user_name, realm, serial, proven_by, signed_in_at, \
    opened_at, used_at FROM gate_session WHERE token_hash = ?1";

const INSERT_TICKET: &str = "INSERT INTO ticket (token_hash, theme_id, user_id, user_name, realm, serial, proven_by, \
    signed_in_at, return_to) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const INSERT_SESSION: &str = "INSERT INTO gate_session (token_hash, theme_id, user_id, user_name, realm, serial, \
    proven_by, signed_in_at, opened_at, used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)";

const SELECT_PASS: &str = "SELECT theme_id, user_id, user_name, realm, serial, proven_by, signed_in_at, address \
    FROM pass WHERE theme_id = ?1 AND user_id = ?2";

const UPSERT_PASS: &str = "INSERT INTO pass (theme_id, user_id, user_name, realm, serial, proven_by, signed_in_at, \
    address) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (theme_id, user_id) DO UPDATE SET \
    user_name = excluded.user_name, realm = excluded.realm, serial = excluded.serial, \
    proven_by = excluded.proven_by, signed_in_at = excluded.signed_in_at, address = excluded.address";

const DELETE_PASS: &str =
    "DELETE FROM pass WHERE theme_id = ?1 AND user_id = ?2 AND signed_in_at = ?3 AND address = ?4";

const DELETE_OLD_SESSIONS: &str = "DELETE FROM gate_session WHERE opened_at <= ?1 OR used_at <= ?2";
