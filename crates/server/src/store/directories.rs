//! Directories: where users are looked up who are not kept here, with sealed passwords.

use std::collections::BTreeMap;

use super::sql::{Statement, values};
use super::{Store, StoreError};

/// A directory as it is stored; its passwords are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDirectory {
    /// The resolver that it is.
    pub resolver: String,
    /// Its settings by name.
    pub data: BTreeMap<String, String>,
    /// Password of the account that looks up, sealed; see the `keys` module.
    // tidy: not a secret, because it is sealed
    pub sealed_password: Option<Vec<u8>>,
    /// Password of the account that writes, sealed.
    // tidy: not a secret, because it is sealed
    pub sealed_write_password: Option<Vec<u8>>,
}

impl Store {
    /// All directories, in order of name.
    pub async fn list_directories(&self) -> Result<Vec<StoredDirectory>, StoreError> {
        self.select("directory", SELECT, &[], |row| {
            Ok(StoredDirectory {
                resolver: row.take()?,
                data: row.take_as(|text: String| serde_json::from_str(&text).ok())?,
                sealed_password: row.take()?,
                sealed_write_password: row.take()?,
            })
        })
        .await
    }
}

/// Adds the directory of a resolver that is there, or writes it back.
pub fn save(directory: &StoredDirectory) -> Statement {
    let data = serde_json::to_string(&directory.data);
    let data = data.unwrap_or_else(|_| unreachable!("no map with keys that are no text"));
    let params = values![
        directory.resolver.as_str(),
        data,
        directory.sealed_password.clone(),
        directory.sealed_write_password.clone(),
    ];
    Statement::new(UPSERT, params)
}

/// Removes the directory of a resolver, if it is one.
pub fn delete(resolver: &str) -> Statement {
    Statement::new("DELETE FROM directory WHERE resolver = ?1", values![resolver])
}

const SELECT: &str = "SELECT resolver, data, sealed_password, sealed_write_password FROM directory ORDER BY resolver";

const UPSERT: &str = "INSERT INTO directory (resolver, data, sealed_password, sealed_write_password) \
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (resolver) DO UPDATE SET data = ?2, sealed_password = ?3, \
    sealed_write_password = ?4";
