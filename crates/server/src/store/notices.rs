//! Notices: mails without a code that tell people where their codes go now; and the addresses that they
//! went to until an enrollment was removed. A notice is written with the change that it tells of.

use domain::address::MailAddress;
use domain::enrollment::Serial;
use domain::random::{NoRandomness, Random};
use domain::time::Timestamp;

use super::command::Event;
use super::sql::{Row, Statement, values};
use super::{Store, StoreError};
use crate::hex;

/// A notice that is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its name; unique together with the address.
    pub id: String,
    /// Whom it goes to.
    pub address: MailAddress,
    /// Why they are told.
    pub kind: NoticeKind,
    /// The user it is about.
    pub user_name: String,
    /// Where codes go now, masked.
    pub elsewhere: String,
    /// The provider whose codes they are.
    pub provider_id: i64,
    /// When the change was made.
    pub written_at: Timestamp,
    /// Attempts to send made so far.
    pub attempts: i64,
    /// From when on anybody may send it.
    pub lease_until: Timestamp,
}

/// Why an address is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Codes went there until now.
    Former,
    /// It is the one in the user's record, and codes go to another.
    Listed,
}

/// A person whose codes go to an address from now on.
#[derive(Debug, Clone)]
pub struct Arrival<'a> {
    /// Name of the notices; nothing else has it.
    pub id: String,
    /// The person.
    pub user_id: &'a str,
    /// Their name, to be read by them.
    pub user_name: &'a str,
    /// Where codes go now.
    pub address: &'a MailAddress,
    /// The provider whose codes they are.
    pub provider_id: i64,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Up to `limit` notices that nobody is sending, the oldest first.
    pub async fn list_due_notices(&self, now: Timestamp, limit: usize) -> Result<Vec<Notice>, StoreError> {
        let rows = self.select("notice", SELECT_DUE, &values![now.millis(), limit], read).await?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Takes a notice over until then. False when somebody else was faster.
    pub async fn claim_notice(&self, notice: &Notice, until: Timestamp) -> Result<bool, StoreError> {
        let (id, address) = (notice.id.as_str(), notice.address.as_str());
        let params = values![id, address, notice.lease_until.millis(), until.millis()];
        match self.mark(Statement::must_be_current(CLAIM, params)).await {
            Ok(()) => Ok(true),
            Err(StoreError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a notice off until then.
    pub async fn put_off_notice(&self, notice: &Notice, until: Timestamp) -> Result<(), StoreError> {
        let params = values![notice.id.as_str(), notice.address.as_str(), until.millis()];
        self.mark(Statement::new(PUT_OFF, params)).await
    }
}

/// Name of new notices, in order of time.
pub(crate) fn new_id(at: Timestamp, random: &dyn Random) -> Result<String, NoRandomness> {
    Ok(hex::encode(&Event::new_id(at, random)?))
}

/// Removes a notice that was sent, or given up.
pub fn done(notice: &Notice) -> Statement {
    Statement::new(REMOVE, values![notice.id.as_str(), notice.address.as_str()])
}

/// Remembers where the mail of an enrollment has gone until now, before it goes elsewhere or nowhere;
/// nothing for an enrollment of nobody.
pub fn leave(serial: &Serial, at: Timestamp) -> Statement {
    Statement::new(LEAVE, values![serial.as_str(), at.millis()])
}

/// The same for all enrollments of a provider.
pub fn leave_all(provider_id: i64, at: Timestamp) -> Statement {
    Statement::new(LEAVE_ALL, values![provider_id, at.millis()])
}

/// The same for enrollments that are mailed at the address in the user's record, before that is another.
pub fn leave_listed(user_id: &str, at: Timestamp) -> Statement {
    Statement::new(LEAVE_LISTED, values![user_id, at.millis()])
}

/// Tells the addresses that the person has left, which are then forgotten, and the one in their record, where it is
/// none of these and codes do not go there.
pub fn tell(arrival: &Arrival<'_>) -> [Statement; 3] {
    let [former, listed] = [TELL_FORMER, TELL_LISTED].map(|sql| Statement::new(sql, parameters(arrival)));
    [former, forget(arrival.user_id), listed]
}

/// Forgets the addresses that a person has left.
pub fn forget(user_id: &str) -> Statement {
    Statement::new("DELETE FROM former_address WHERE user_id = ?1", values![user_id])
}

fn parameters(arrival: &Arrival<'_>) -> Vec<super::sql::Value> {
    Vec::from(values![
        arrival.user_id,
        arrival.address.as_str(),
        arrival.id.as_str(),
        arrival.user_name,
        arrival.address.masked(),
        arrival.provider_id,
        arrival.at.millis(),
    ])
}

/// An address that has become unreadable is nobody's.
fn read(row: &mut Row) -> Result<Option<Notice>, StoreError> {
    let id = row.take()?;
    let address = MailAddress::parse(&row.take::<String>()?).ok();
    let kind = row.take_as(|kind: String| NoticeKind::parse(&kind))?;
    let (user_name, elsewhere, provider_id) = (row.take()?, row.take()?, row.take()?);
    let (written_at, attempts, lease_until) = (row.take()?, row.take()?, row.take()?);
    let (written_at, lease_until) = (Timestamp::from_millis(written_at), Timestamp::from_millis(lease_until));
    Ok(address.map(|address| Notice {
        id,
        address,
        kind,
        user_name,
        elsewhere,
        provider_id,
        written_at,
        attempts,
        lease_until,
    }))
}

impl NoticeKind {
    fn parse(kind: &str) -> Option<Self> {
        match kind {
            "former" => Some(Self::Former),
            "listed" => Some(Self::Listed),
            _ => None,
        }
    }
}

const SELECT_DUE: &str = "SELECT id, address, kind, user_name, elsewhere, provider_id, written_at, attempts, \
    lease_until FROM notice WHERE lease_until <= ?1 ORDER BY id, address LIMIT ?2";

const CLAIM: &str = "UPDATE notice SET lease_until = ?4, attempts = attempts + 1 \
    WHERE id = ?1 AND address = ?2 AND lease_until = ?3";

const PUT_OFF: &str = "UPDATE notice SET lease_until = ?3 WHERE id = ?1 AND address = ?2";

const REMOVE: &str = "DELETE FROM notice WHERE id = ?1 AND address = ?2";

/// The address that an enrollment is mailed at, kept for its owner.
macro_rules! leave {
    ($wanted:literal) => {
        concat!(
            "INSERT INTO former_address (user_id, address, left_at) \
             SELECT DISTINCT e.user_id, CASE WHEN e.is_address_dynamic = 1 THEN a.email ELSE e.address END, \
             CAST(?2 AS BIGINT) FROM enrollment e JOIN account a ON a.id = e.user_id WHERE ",
            $wanted,
            " AND CASE WHEN e.is_address_dynamic = 1 THEN a.email ELSE e.address END <> '' \
             ON CONFLICT (user_id, address) DO UPDATE SET left_at = EXCLUDED.left_at"
        )
    };
}

const LEAVE: &str = leave!("e.serial = ?1");

const LEAVE_ALL: &str = leave!("e.provider_id = ?1");

const LEAVE_LISTED: &str = leave!("e.user_id = ?1 AND e.is_address_dynamic = 1");

/// A mailbox is one whatever the letter case.
const TELL_FORMER: &str = "INSERT INTO notice (id, address, kind, user_name, elsewhere, provider_id, written_at, \
    attempts, lease_until) SELECT CAST(?3 AS TEXT), f.address, 'former', CAST(?4 AS TEXT), CAST(?5 AS TEXT), \
    CAST(?6 AS BIGINT), CAST(?7 AS BIGINT), 0, 0 FROM former_address f \
    WHERE f.user_id = ?1 AND LOWER(f.address) <> LOWER(?2) ON CONFLICT (id, address) DO NOTHING";

const TELL_LISTED: &str = "INSERT INTO notice (id, address, kind, user_name, elsewhere, provider_id, written_at, \
    attempts, lease_until) SELECT CAST(?3 AS TEXT), a.email, 'listed', CAST(?4 AS TEXT), CAST(?5 AS TEXT), \
    CAST(?6 AS BIGINT), CAST(?7 AS BIGINT), 0, 0 FROM account a \
    WHERE a.id = ?1 AND a.email <> '' AND LOWER(a.email) <> LOWER(?2) ON CONFLICT (id, address) DO NOTHING";
