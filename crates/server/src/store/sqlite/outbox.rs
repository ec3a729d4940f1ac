//! Mails that wait: taken over, done, or put off.

use super::super::command::{ClaimMails, MailDone, MailJob, MailOutcome};
use super::super::sql::values;
use super::writer::Writer;
use super::{StoreError, audit, run};
use crate::store::outbox;

/// Takes over mails of open challenges whose lease has run out.
pub(super) fn claim(writer: &Writer, command: &ClaimMails) -> Result<Vec<MailJob>, StoreError> {
    let params = values![command.now.millis(), command.limit, writer.epoch];
    let due = run::select(&writer.connection, outbox::SELECT_DUE, &params, outbox::read_due)?;
    let lease_until = (command.now + command.lease).millis();
    let mut claimed = Vec::with_capacity(due.len());
    for job in due.into_iter().flatten() {
        let params = values![job.key.id.as_str(), i64::from(job.key.part), job.send, lease_until, command.now.millis()];
        if run::execute(&writer.connection, outbox::LEASE, &params)? == 1 {
            claimed.push(job);
        }
    }
    Ok(claimed)
}

/// Removes a mail that is done with, or puts it off.
pub(super) fn done(writer: &Writer, command: &MailDone) -> Result<(), StoreError> {
    let mut params = Vec::from(values![command.key.id.as_str(), i64::from(command.key.part), command.send]);
    match &command.outcome {
        MailOutcome::Dropped(event) => {
            run::execute(&writer.connection, REMOVE, &params)?;
            audit::insert(&writer.connection, event)?;
        }
        MailOutcome::RetryAt(at) => {
            params.push(at.millis().into());
            run::execute(&writer.connection, PUT_OFF, &params)?;
        }
        MailOutcome::Sent => {
            run::execute(&writer.connection, REMOVE, &params)?;
        }
    }
    Ok(())
}

const REMOVE: &str = "DELETE FROM outbox WHERE id = ?1 AND part = ?2 AND send = ?3";

const PUT_OFF: &str = "UPDATE outbox SET lease_until = ?4 WHERE id = ?1 AND part = ?2 AND send = ?3";
