//! Mails that wait: taken over, done, or put off.

use domain::address::MailAddress;
use domain::challenge::{ChallengeId, ChallengeKey, Subject};
use domain::code::CodeLength;
use domain::time::Timestamp;

use super::super::command::{ClaimMails, MailDone, MailJob, MailOutcome};
use super::super::sql::{Row, values};
use super::writer::Writer;
use super::{StoreError, run};
use crate::store::{audit, open_part};

/// Takes over mails of open challenges whose lease has run out.
pub(super) fn claim(writer: &Writer, command: &ClaimMails) -> Result<Vec<MailJob>, StoreError> {
    let params = values![command.now.millis(), command.limit, writer.epoch];
    let due = run::select(&writer.connection, SELECT_DUE, &params, |values| {
        let mut row = Row::new("outbox", values);
        // An address that has become unreadable is nobody's: the row is skipped, and purged in time.
        let address = MailAddress::parse(&row.take::<String>()?).ok();
        address.map(|address| read_job(&mut row, address)).transpose()
    })?;
    let lease_until = (command.now + command.lease).millis();
    let mut claimed = Vec::with_capacity(due.len());
    for job in due.into_iter().flatten() {
        let params = values![job.key.id.as_str(), i64::from(job.key.part), job.send, lease_until, command.now.millis()];
        if run::execute(&writer.connection, LEASE, &params)? == 1 {
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

fn read_job(row: &mut Row, address: MailAddress) -> Result<MailJob, StoreError> {
    let id = row.take_as(|id: String| ChallengeId::parse(&id))?;
    let part = row.take_as(|part: i64| u8::try_from(part).ok())?;
    Ok(MailJob {
        key: ChallengeKey { id, part },
        send: row.take()?,
        relay: row.take()?,
        provider_id: row.take()?,
        attempts: row.take()?,
        subject: Subject::new(row.take()?),
        purpose: row.take_as(|name: String| open_part::purpose(&name))?,
        group: row.take()?,
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        nonce: row.take()?,
        issued_at: Timestamp::from_millis(row.take()?),
        expires_at: Timestamp::from_millis(row.take()?),
        address,
    })
}

const SELECT_DUE: &str = "SELECT o.address, o.id, o.part, o.send, o.relay, o.provider_id, o.attempts, c.subject, \
    c.purpose, c.client_group, c.code_length, c.nonce, c.issued_at, c.expires_at \
    FROM outbox o JOIN challenge c ON c.id = o.id AND c.part = o.part \
    WHERE o.lease_until <= ?1 AND o.address <> '' AND c.state = 'open' AND c.epoch = ?3 ORDER BY o.id LIMIT ?2";

const LEASE: &str = "UPDATE outbox SET lease_until = ?4, attempts = attempts + 1 \
    WHERE id = ?1 AND part = ?2 AND send = ?3 AND lease_until <= ?5";

const REMOVE: &str = "DELETE FROM outbox WHERE id = ?1 AND part = ?2 AND send = ?3";

const PUT_OFF: &str = "UPDATE outbox SET lease_until = ?4 WHERE id = ?1 AND part = ?2 AND send = ?3";
