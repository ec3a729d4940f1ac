//! Mail relays: where mails are handed over, in which order, with which sealed password.

use super::sql::{Statement, values};
use super::{Store, StoreError};

/// A relay as it is stored; its password is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRelay {
    /// Its name.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// `implicit`, `starttls` or `plaintext`.
    pub security: String,
    /// User name; empty for none.
    pub user_name: String,
    /// Password or access token, sealed; see the `keys` module.
    // tidy: not a secret, because it is sealed
    pub sealed_password: Option<Vec<u8>>,
    /// `auto`, `plain`, `login` or `xoauth2`.
    pub mechanism: String,
    /// Sender address.
    pub sender: String,
    /// Most seconds one delivery may take.
    pub timeout_seconds: i64,
    /// File with the certificates of a private authority; empty for the system's.
    pub ca_file: String,
    /// Consent to send without TLS to a host that is not this one.
    pub allow_plaintext: bool,
    /// Anything the administrator noted.
    pub description: String,
    /// Place in the order of fallback.
    pub position: i64,
}

impl Store {
    /// All relays, in order of fallback.
    pub async fn list_relays(&self) -> Result<Vec<StoredRelay>, StoreError> {
        self.select("relay", SELECT, &[], |row| {
            Ok(StoredRelay {
                name: row.take()?,
                host: row.take()?,
                port: row.take_as(|port: i64| u16::try_from(port).ok())?,
                security: row.take()?,
                user_name: row.take()?,
                sealed_password: row.take()?,
                mechanism: row.take()?,
                sender: row.take()?,
                timeout_seconds: row.take()?,
                ca_file: row.take()?,
                allow_plaintext: row.take()?,
                description: row.take()?,
                position: row.take()?,
            })
        })
        .await
    }
}

/// Adds a relay, or writes it back.
pub fn save(relay: &StoredRelay) -> Statement {
    let params = values![
        relay.name.as_str(),
        relay.host.as_str(),
        i64::from(relay.port),
        relay.security.as_str(),
        relay.user_name.as_str(),
        relay.sealed_password.clone(),
        relay.mechanism.as_str(),
        relay.sender.as_str(),
        relay.timeout_seconds,
        relay.ca_file.as_str(),
        relay.allow_plaintext,
        relay.description.as_str(),
        relay.position,
    ];
    Statement::new(UPSERT, params)
}

/// Removes a relay.
pub fn delete(name: &str) -> Statement {
    Statement::must_hit("DELETE FROM relay WHERE name = ?1", values![name])
}

const SELECT: &str = "SELECT name, host, port, security, user_name, sealed_password, mechanism, sender, \
    timeout_seconds, ca_file, allow_plaintext, description, position FROM relay ORDER BY position, name";

const UPSERT: &str = "INSERT INTO relay (name, host, port, security, user_name, sealed_password, mechanism, sender, \
    timeout_seconds, ca_file, allow_plaintext, description, position) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (name) DO UPDATE SET host = ?2, \
    port = ?3, security = ?4, user_name = ?5, sealed_password = ?6, mechanism = ?7, sender = ?8, \
    timeout_seconds = ?9, ca_file = ?10, allow_plaintext = ?11, description = ?12, position = ?13";
