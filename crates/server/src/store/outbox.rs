//! Mails that wait for a node to take them over, as both engines read them.

use domain::address::MailAddress;
use domain::challenge::{ChallengeId, ChallengeKey};
use domain::code::CodeLength;
use domain::subject::Subject;
use domain::time::Timestamp;

use super::command::{ClaimMails, MailJob};
use super::job::Job;
use super::sql::{Row, Value, values};
use super::{Engine, Store, StoreError, apart, open_part};

impl Store {
    /// Takes over mails that nobody is sending.
    pub async fn claim_mails(&self, command: ClaimMails) -> Result<Vec<MailJob>, StoreError> {
        if let Engine::Sqlite(_) = &self.engine {
            // Most of the time there is none, and the one writer must not walk over all mails to learn that.
            let (reader, now) = (self.clone(), command.now.millis());
            let due = apart(async move { reader.select("outbox", ANY_DUE, &values![now], |_| Ok(())).await });
            if due.await?.is_empty() {
                return Ok(Vec::new());
            }
        }
        self.ask(|reply| Job::ClaimMails { command, reply }).await
    }
}

/// A row of [`SELECT_DUE`]. An address that has become unreadable is nobody's: the row is skipped,
/// and purged in time.
pub(super) fn read_due(values: Vec<Value>) -> Result<Option<MailJob>, StoreError> {
    let mut row = Row::new("outbox", values);
    let address = MailAddress::parse(&row.take::<String>()?).ok();
    address.map(|address| read_job(&mut row, address)).transpose()
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
        address: Some(address),
    })
}

const ANY_DUE: &str = "SELECT 1 FROM outbox WHERE lease_until <= ?1 AND address <> '' LIMIT 1";

/// Few mails wait, and there are many challenges. So each mail is looked at, and then its challenge: an outer join that
/// no condition turns into an inner one leaves a planner no other way, whatever it believes of their numbers.
pub(super) const SELECT_DUE: &str = "SELECT o.address, o.id, o.part, o.send, o.relay, o.provider_id, o.attempts, c.subject, \
    c.purpose, c.client_group, c.code_length, c.nonce, c.issued_at, c.expires_at \
    FROM outbox o LEFT JOIN challenge c ON c.id = o.id AND c.part = o.part \
    WHERE o.lease_until <= ?1 AND o.address <> '' AND COALESCE(c.state, '') = 'open' AND COALESCE(c.epoch, -1) = ?3 ORDER BY o.id LIMIT ?2";

pub(super) const LEASE: &str = "UPDATE outbox SET lease_until = ?4, attempts = attempts + 1 \
    WHERE id = ?1 AND part = ?2 AND send = ?3 AND lease_until <= ?5";
