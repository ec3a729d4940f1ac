//! Opening the challenges of a batch, or continuing those that are open.

use std::collections::HashMap;

use domain::challenge::ChallengeId;
use domain::subject::Subject;

use super::fault::Fault;
use super::ledgers::Ledgers;
use super::session::Session;
use super::statements::SELECT_OPEN;
use super::values::take_apart;
use super::wave::Pending;
use super::writes::Writes;
use crate::store::command::{Begin, Begun};
use crate::store::first_step::FirstStep;
use crate::store::open_part::{self, OpenPart};
use crate::store::opening::{self, Known};
use crate::store::sql::Row;

/// The open challenges of each account that would be continued, the newest first.
type Open = HashMap<Subject, Vec<OpenPart>>;

/// Follows the trails of those accounts that have one. As a rule none has: a code that was used leaves it.
pub(super) async fn read_open(
    session: &Session,
    begins: &[Pending<Begin, Begun>],
    ledgers: &Ledgers,
) -> Result<Open, Fault> {
    let asked = begins.iter().map(|begin| &begin.command).filter(|begin| !begin.is_concurrent);
    let newest: Vec<&str> = asked.filter_map(|begin| ledgers.newest(begin.subject)).map(ChallengeId::as_str).collect();
    let mut open = Open::new();
    if newest.is_empty() {
        return Ok(open);
    }
    for row in session.query(SELECT_OPEN, &[&newest, &session.epoch]).await? {
        let part = open_part::read_open(&mut Row::new("challenge", take_apart(&row)?))?;
        open.entry(part.subject).or_default().push(part);
    }
    Ok(open)
}

/// Decides for each, and notes what has to be written.
pub(super) fn decide(
    begins: &mut [Pending<Begin, Begun>],
    mut open: Open,
    mut first_steps: HashMap<[u8; 16], FirstStep>,
    ledgers: &mut Ledgers,
    writes: &mut Writes,
) -> Result<(), Fault> {
    for begin in begins {
        let command = &begin.command;
        let known = Known {
            open: open.remove(&command.subject).unwrap_or_default(),
            before: command.mark.and_then(|mark| first_steps.remove(&mark.name)),
        };
        let opening = opening::decide(command, known, ledgers.change(command.subject)?);
        begin.answer = Some(opening.begun());
        writes.open(command, opening);
    }
    Ok(())
}
