//! Sessions of administrators at the console. A row holds a hash of the token, never the token.

use domain::name::UserName;
use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

/// A session that was opened and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// Whose it is.
    pub admin: UserName,
    /// When it was opened.
    pub opened_at: Timestamp,
}

impl Store {
    /// The session of that token; none once its administrator has gone.
    pub async fn find_admin_session(&self, token_hash: [u8; 32]) -> Result<Option<AdminSession>, StoreError> {
        let read = |row: &mut Row| {
            Ok(AdminSession {
                admin: row.take_as(|name: String| UserName::parse(&name).ok())?,
                opened_at: Timestamp::from_millis(row.take()?),
            })
        };
        self.select_one("admin_session", SELECT, &values![token_hash.as_slice()], read).await
    }
}

/// Opens a session; its administrator must be there.
pub fn open_session(token_hash: [u8; 32], admin: &UserName, now: Timestamp) -> Statement {
    Statement::new(INSERT, values![token_hash.as_slice(), admin.canonical(), now.millis()])
}

/// Ends one session; one that has ended is ended too.
pub fn end_session(token_hash: [u8; 32]) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE token_hash = ?1", values![token_hash.as_slice()])
}

/// Ends all sessions of an administrator.
pub fn end_sessions_of(admin: &UserName) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE name_key = ?1", values![admin.canonical()])
}

/// Ends the sessions of everybody that were opened at this instant or before.
pub fn end_sessions_before(instant: Timestamp) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE opened_at <= ?1", values![instant.millis()])
}

/// Ends the oldest sessions of an administrator, so that `kept` stay.
pub fn end_oldest_sessions(admin: &UserName, kept: usize) -> Statement {
    Statement::new(DELETE_OLDEST, values![admin.canonical(), kept])
}

const SELECT: &str = "SELECT a.name, s.opened_at FROM admin_session s JOIN admin a ON a.name_key = s.name_key \
    WHERE s.token_hash = ?1";

const INSERT: &str = "INSERT INTO admin_session (token_hash, name_key, opened_at) VALUES (?1, ?2, ?3)";

const DELETE_OLDEST: &str = "DELETE FROM admin_session WHERE name_key = ?1 AND token_hash NOT IN (\
    SELECT token_hash FROM admin_session WHERE name_key = ?1 ORDER BY opened_at DESC, token_hash LIMIT ?2)";
