//! Facts about this installation: its keys, its epoch, when it was last seen, the version of its settings.

use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

/// The sealed constant that tells whether a key file belongs to this database.
const KEY_CHECK: &str = "key-check";
/// How often this database was restored; challenges of an older epoch are void.
pub(super) const EPOCH: &str = "epoch";
/// Where the database server stood in its history when the epoch was settled.
pub(super) const HISTORY: &str = "history";
pub(super) const LAST_SEEN: &str = "last-seen";
pub(super) const SETTINGS_CHANGED: &str = "settings-changed";

impl Store {
    /// The sealed constant, if this database was ever opened with a key.
    pub async fn find_key_check(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.select_one("instance", SELECT, &values![KEY_CHECK], Row::take).await
    }

    /// The latest instant this database has seen, so that a clock set back revives nothing.
    pub async fn last_seen(&self) -> Result<Timestamp, StoreError> {
        let bytes: Option<Vec<u8>> = self.select_one("instance", SELECT, &values![LAST_SEEN], Row::take).await?;
        Ok(Timestamp::from_millis(number(bytes)))
    }

    /// Changes whenever administrators' data changes, on any node and from the command line.
    pub async fn settings_version(&self) -> Result<i64, StoreError> {
        let bytes: Option<Vec<u8>> = self.select_one("instance", SELECT, &values![SETTINGS_CHANGED], Row::take).await?;
        Ok(number(bytes))
    }
}

/// Remembers the sealed constant.
pub fn save_key_check(sealed: Vec<u8>) -> Statement {
    Statement::new(UPSERT, values![KEY_CHECK, sealed])
}

pub(super) fn number(bytes: Option<Vec<u8>>) -> i64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, i64::from_be_bytes)
}

pub(super) const SELECT: &str = "SELECT value FROM instance WHERE name = ?1";

pub(super) const UPSERT: &str =
    "INSERT INTO instance (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
