//! The invitation of the first administrator: a hash of its token and how long it is good. There is one at most.

use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError, counters, instance};

/// An invitation that nobody has accepted yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// A hash of its token.
    pub token_hash: [u8; 32],
    /// The first instant at which it is not good any more.
    pub expires_at: Timestamp,
}

impl Store {
    /// The invitation, whether or not it is still good.
    pub async fn find_invitation(&self) -> Result<Option<Invitation>, StoreError> {
        let read = |row: &mut Row| row.take_as(|bytes: Vec<u8>| Invitation::from_bytes(&bytes));
        self.select_one("instance", instance::SELECT, &values![NAME], read).await
    }
}

impl Invitation {
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (token_hash, expires_at) = bytes.split_first_chunk()?;
        let expires_at = Timestamp::from_millis(i64::from_be_bytes(expires_at.try_into().ok()?));
        Some(Self { token_hash: *token_hash, expires_at })
    }

    fn to_bytes(self) -> Vec<u8> {
        [self.token_hash.as_slice(), &self.expires_at.millis().to_be_bytes()].concat()
    }
}

/// Invites; an earlier invitation is good for nothing from now on.
pub fn save(invitation: &Invitation) -> Statement {
    Statement::new(instance::UPSERT, values![NAME, invitation.to_bytes()])
}

/// Takes the invitation: whoever does so first has it, and nobody else.
pub fn accept(invitation: &Invitation) -> Statement {
    Statement::must_hit("DELETE FROM instance WHERE name = ?1 AND value = ?2", values![NAME, invitation.to_bytes()])
}

/// Changes nothing, but lets the change fail if there is an administrator. Changes that hold it wait for each other.
pub fn nobody_may_be_there() -> [Statement; 2] {
    let nobody = "UPDATE counter SET last = last WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM admin)";
    [counters::lock(counters::ADMIN), Statement::must_hit(nobody, values![counters::ADMIN])]
}

const NAME: &str = "admin-invitation";
