//! The audit trail: one row per verdict and per change, in the transaction of what it records.

mod search;

use domain::challenge::Purpose;
use domain::enrollment::Serial;
use domain::time::Timestamp;

pub use self::search::{AuditFilter, Order};
use super::command::{Event, Judge, Judged};
use super::sql::{Row, Value, values};
use super::{Store, StoreError};

/// One line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Time-ordered identifier.
    pub id: [u8; 16],
    /// When it happened.
    pub at: Timestamp,
    /// What was asked for.
    pub action: String,
    /// What came of it.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// Whom it was about.
    pub user_name: String,
    /// Their realm.
    pub realm: String,
    /// Enrollments, separated by commas.
    pub serials: String,
    /// The challenge.
    pub challenge: String,
    /// Who acted.
    pub actor: String,
    /// Which client asked.
    pub client: String,
    /// Address of the end user.
    pub address: String,
    /// The request.
    pub request_id: String,
    /// Anything else.
    pub detail: String,
}

impl Store {
    /// Up to `limit` lines before the given one, the newest first.
    pub async fn list_audit(&self, before: Option<[u8; 16]>, limit: usize) -> Result<Vec<Line>, StoreError> {
        let before = before.unwrap_or([0xff; 16]);
        self.select("audit", SELECT_BEFORE, &values![before.as_slice(), limit], read_line).await
    }

    /// How many lines have come since an instant for this reason.
    pub async fn count_audit_reason(&self, reason: &str, since: Timestamp) -> Result<i64, StoreError> {
        let params = values![first_id(since).as_slice(), reason];
        Ok(self.select_one("audit", COUNT_REASON, &params, Row::take).await?.unwrap_or(0))
    }

    /// How many lines there are.
    pub async fn count_audit(&self) -> Result<i64, StoreError> {
        let count = self.select_one("audit", "SELECT COUNT(*) FROM audit", &[], Row::take).await?;
        Ok(count.unwrap_or(0))
    }
}

/// The least identifier that a line of this instant can have: identifiers begin with the time.
pub(super) fn first_id(at: Timestamp) -> [u8; 16] {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(at.millis().to_be_bytes().into_iter().skip(2)) {
        *to = from;
    }
    id
}

/// Serials as one column.
pub fn join(serials: &[Serial]) -> String {
    serials.iter().map(Serial::as_str).collect::<Vec<_>>().join(",")
}

/// The line of a verdict.
pub(super) fn event_of_verdict(command: &Judge, judged: &Judged) -> Event {
    let mut event = command.event.clone();
    command.id.as_str().clone_into(&mut event.challenge);
    match judged {
        Judged::Accepted(serial) => {
            match command.purpose {
                Purpose::SignIn => event.outcome = "accept",
                // Nobody is in yet.
                Purpose::Enroll => (event.outcome, event.reason) = ("ok", "address-proven".to_owned()),
            }
            serial.as_str().clone_into(&mut event.serials);
        }
        Judged::Refused { refusal, serials } => {
            event.outcome = "refuse";
            refusal.as_str().clone_into(&mut event.reason);
            event.serials = join(serials);
        }
    }
    event
}

/// The columns of a line, in order of [`INSERT`].
pub(super) fn params(event: &Event) -> [Value; 14] {
    values![
        event.id.as_slice(),
        event.at.millis(),
        event.action.as_str(),
        event.outcome,
        event.reason.as_str(),
        event.user_name.as_str(),
        event.realm.as_str(),
        event.serials.as_str(),
        event.challenge.as_str(),
        event.actor.as_str(),
        event.client.as_str(),
        event.address.as_str(),
        event.request_id.as_str(),
        event.detail.as_str(),
    ]
}

fn read_line(row: &mut Row) -> Result<Line, StoreError> {
    Ok(Line {
        id: row.take()?,
        at: Timestamp::from_millis(row.take()?),
        action: row.take()?,
        outcome: row.take()?,
        reason: row.take()?,
        user_name: row.take()?,
        realm: row.take()?,
        serials: row.take()?,
        challenge: row.take()?,
        actor: row.take()?,
        client: row.take()?,
        address: row.take()?,
        request_id: row.take()?,
        detail: row.take()?,
    })
}

pub(super) const INSERT: &str = "INSERT INTO audit (id, at, action, outcome, reason, user_name, realm, serials, challenge, \
    actor, client, address, request_id, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const SELECT_BEFORE: &str = "SELECT id, at, action, outcome, reason, user_name, realm, serials, challenge, actor, \
    client, address, request_id, detail FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2";

const COUNT_REASON: &str = "SELECT COUNT(*) FROM audit WHERE id > ?1 AND reason = ?2";
