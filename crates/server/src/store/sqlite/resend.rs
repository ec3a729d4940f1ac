//! Mailing an open challenge once more.

use super::super::command::{Resend, Resent};
use super::super::sql::{Row, values};
use super::open_part::{COUNT_SEND, enqueue};
use super::writer::Writer;
use super::{StoreError, audit, budgets, run};
use crate::store::budgets::BudgetRow;
use crate::store::resending;

/// Mails the code of an open challenge once more, if the rule allows it.
pub(super) fn resend(writer: &Writer, command: &Resend) -> Result<Resent, StoreError> {
    let connection = &writer.connection;
    let subject = command.subject.as_bytes().as_slice();
    let params = values![command.id.as_str(), subject, command.group.as_str(), writer.epoch];
    let open = run::select(connection, resending::SELECT, &params, |values| {
        resending::read(&mut Row::new("challenge", values))
    })?;
    let decide = |account: &mut BudgetRow| Ok(resending::decide(command, open, account));
    let resending = match budgets::change(connection, command.subject, decide)? {
        Err(reason) => return Ok(Resent::Not(reason)),
        Ok(resending) => resending,
    };
    run::execute(connection, COUNT_SEND, &values![command.id.as_str(), command.now.millis()])?;
    for (part, to) in &resending.queued {
        enqueue(connection, part, to, command.now + command.lease)?;
    }
    audit::insert(connection, &resending.event)?;
    Ok(resending.resent())
}
