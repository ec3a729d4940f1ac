//! API keys: hashed, scoped, revocable.

use domain::time::Timestamp;

use super::sql::{Statement, values};
use super::{Store, StoreError};

/// An API key as it is stored. The secret itself is shown once and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredApiKey {
    /// The public part, between `otpk_` and the secret.
    pub id: String,
    /// What the administrator calls it.
    pub name: String,
    /// SHA-256 of the secret, which has full entropy.
    pub secret_hash: [u8; 32],
    /// What it may do, separated by blanks.
    pub scopes: String,
    /// Networks it may be used from, separated by blanks; empty for all.
    pub networks: String,
    /// Clients of one group may answer each other's challenges.
    pub client_group: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// All keys, revoked ones too, in order of creation.
    pub async fn list_api_keys(&self) -> Result<Vec<StoredApiKey>, StoreError> {
        self.select("api_key", SELECT, &[], |row| {
            Ok(StoredApiKey {
                id: row.take()?,
                name: row.take()?,
                secret_hash: row.take()?,
                scopes: row.take()?,
                networks: row.take()?,
                client_group: row.take()?,
                created_at: Timestamp::from_millis(row.take()?),
                expires_at: row.take::<Option<i64>>()?.map(Timestamp::from_millis),
                revoked_at: row.take::<Option<i64>>()?.map(Timestamp::from_millis),
            })
        })
        .await
    }
}

/// Adds a key.
pub fn insert(key: &StoredApiKey) -> Statement {
    let params = values![
        key.id.as_str(),
        key.name.as_str(),
        key.secret_hash.as_slice(),
        key.scopes.as_str(),
        key.networks.as_str(),
        key.client_group.as_str(),
        key.created_at.millis(),
        key.expires_at.map(Timestamp::millis),
    ];
    Statement::new(INSERT, params)
}

/// Revokes a key, for good.
pub fn revoke(id: &str, now: Timestamp) -> Statement {
    Statement::must_hit(
        "UPDATE api_key SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
        values![id, now.millis()],
    )
}

const SELECT: &str = "SELECT id, name, secret_hash, scopes, networks, client_group, created_at, expires_at, revoked_at \
    FROM api_key ORDER BY created_at, id";

const INSERT: &str = "INSERT INTO api_key (id, name, secret_hash, scopes, networks, client_group, created_at, \
    expires_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)";
