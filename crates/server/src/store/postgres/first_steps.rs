//! First steps of a batch that their clients have named: those that are known, and those to be noted.

use std::collections::HashMap;

use super::fault::Fault;
use super::session::Session;
use super::statements::{INSERT_FIRST_STEPS, SELECT_FIRST_STEPS};
use super::values::{column, refer, take_apart};
use super::wave::Pending;
use crate::store::command::{Begin, Begun};
use crate::store::first_step::{self, FirstStep};
use crate::store::sql::Row;

/// Reads those of these names. The accounts are locked by then, so a copy that another node works on is
/// waited for.
pub(super) async fn read(
    session: &Session,
    begins: &[Pending<Begin, Begun>],
) -> Result<HashMap<[u8; 16], FirstStep>, Fault> {
    let marks = begins.iter().filter_map(|begin| begin.command.mark.as_ref());
    let names: Vec<&[u8]> = marks.map(|mark| mark.name.as_slice()).collect();
    let mut found = HashMap::new();
    if names.is_empty() {
        return Ok(found);
    }
    for row in session.query(SELECT_FIRST_STEPS, &[&names]).await? {
        let known = first_step::read(&mut Row::new("first_step", take_apart(&row)?))?;
        found.insert(known.mark.name, known);
    }
    Ok(found)
}

/// Notes these.
pub(super) async fn write(session: &Session, rows: &[FirstStep]) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let columns = [
        column(rows, |row| row.mark.name.as_slice()),
        column(rows, |row| row.mark.fingerprint.as_slice()),
        column(rows, |row| row.challenge.as_str()),
        column(rows, |row| row.expires_at.millis()),
    ];
    session.query(INSERT_FIRST_STEPS, &refer(&columns)).await.map(drop)
}
