//! Opening the challenges of a batch, or continuing those that are open.

use domain::subject::Subject;
use std::collections::HashMap;

use futures_util::future::try_join;

use super::fault::Fault;
use super::first_steps;
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

/// What is there before a wave opens anything.
#[derive(Default)]
pub(super) struct Found {
    open: Open,
    first_steps: HashMap<[u8; 16], FirstStep>,
}

/// The newest open challenge of each account that would be continued.
type Open = HashMap<Subject, Vec<OpenPart>>;

/// Reads what is open, and first steps that were named alike.
pub(super) async fn read(session: &Session, begins: &[Pending<Begin, Begun>]) -> Result<Found, Fault> {
    let (open, first_steps) = try_join(read_open(session, begins), first_steps::read(session, begins)).await?;
    Ok(Found { open, first_steps })
}

async fn read_open(session: &Session, begins: &[Pending<Begin, Begun>]) -> Result<Open, Fault> {
    let asked = || begins.iter().map(|begin| &begin.command).filter(|begin| !begin.is_concurrent);
    let subjects: Vec<&[u8]> = asked().map(|begin| begin.subject.as_bytes().as_slice()).collect();
    if subjects.is_empty() {
        return Ok(Open::new());
    }
    let groups: Vec<&str> = asked().map(|begin| begin.group.as_str()).collect();
    let purposes: Vec<&str> = asked().map(|begin| begin.purpose.as_str()).collect();
    let rows = session.query(SELECT_OPEN, &[&subjects, &groups, &purposes, &session.epoch]).await?;
    let mut open = Open::new();
    for row in rows {
        let part = open_part::read_open(&mut Row::new("challenge", take_apart(&row)?))?;
        open.entry(part.subject).or_default().push(part);
    }
    for parts in open.values_mut() {
        opening::keep_newest(parts);
    }
    Ok(open)
}

/// Decides for each, and notes what has to be written.
pub(super) fn decide(
    begins: &mut [Pending<Begin, Begun>],
    mut found: Found,
    ledgers: &mut Ledgers,
    writes: &mut Writes,
) -> Result<(), Fault> {
    for begin in begins {
        let command = &begin.command;
        let known = Known {
            open: found.open.remove(&command.subject).unwrap_or_default(),
            before: command.mark.and_then(|mark| found.first_steps.remove(&mark.name)),
        };
        let opening = opening::decide(command, &known, ledgers.change(command.subject)?)?;
        begin.answer = Some(opening.begun());
        writes.open(command, opening);
    }
    Ok(())
}
