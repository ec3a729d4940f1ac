//! Sessions of administrators, at the console and at the REST interface. A row holds a hash of the
//! token, never the token.

use domain::name::UserName;
use domain::time::Timestamp;

use super::admins::{Admin, read_admin};
use super::sql::{Row, Statement, values};
use super::{Store, StoreError, counters};

/// Where a session was opened. What one kind of door gave is worth nothing at the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// With a token in a header.
    Api,
    /// With a cookie.
    Console,
}

/// A session that was opened and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// The number, by which others may name it.
    pub id: i64,
    /// Where it was opened.
    pub kind: SessionKind,
    /// Whose it is.
    pub admin: Admin,
    /// From which address.
    pub address: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used_at: Timestamp,
}

/// A session to open.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Hash of its token.
    pub token_hash: [u8; 32],
    /// Where it is opened.
    pub kind: SessionKind,
    /// Whose it is.
    pub admin: UserName,
    /// From which address.
    pub address: String,
    /// Now.
    pub now: Timestamp,
}

impl SessionKind {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Console => "console",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::Console].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Store {
    /// The session of that token and kind; none once its administrator has gone or may not sign in.
    pub async fn find_admin_session(
        &self,
        token_hash: [u8; 32],
        kind: SessionKind,
    ) -> Result<Option<AdminSession>, StoreError> {
        let params = values![token_hash.as_slice(), kind.as_str()];
        self.select_one("admin_session", SELECT_ONE, &params, read_session).await
    }

    /// All sessions, the oldest first.
    pub async fn list_admin_sessions(&self) -> Result<Vec<AdminSession>, StoreError> {
        self.select("admin_session", SELECT_ALL, &[], read_session).await
    }

    /// Remembers that a session is in use.
    pub async fn touch_admin_session(&self, token_hash: [u8; 32], now: Timestamp) -> Result<(), StoreError> {
        self.mark(Statement::new(TOUCH, values![token_hash.as_slice(), now.millis()])).await
    }
}

/// Opens a session with the next number; its administrator must be there.
pub fn open_session(new: &NewSession) -> [Statement; 2] {
    let NewSession { token_hash, kind, admin, address, now } = new;
    let row = values![token_hash.as_slice(), kind.as_str(), admin.canonical(), address.as_str(), now.millis()];
    [counters::next(counters::ADMIN_SESSION), Statement::new(INSERT, row)]
}

/// Ends one session; one that has ended is ended too.
pub fn end_session(token_hash: [u8; 32]) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE token_hash = ?1", values![token_hash.as_slice()])
}

/// Ends the session of that number, which must be there.
pub fn end_session_by_id(id: i64) -> Statement {
    Statement::must_hit("DELETE FROM admin_session WHERE id = ?1", values![id])
}

/// Ends all sessions of an administrator.
pub fn end_sessions_of(admin: &UserName) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE name_key = ?1", values![admin.canonical()])
}

/// Ends the sessions of everybody that were opened at this instant or before.
pub fn end_sessions_before(instant: Timestamp) -> Statement {
    Statement::new("DELETE FROM admin_session WHERE opened_at <= ?1", values![instant.millis()])
}

/// Ends the sessions of this kind that were last used at this instant or before.
pub fn end_idle_sessions(kind: SessionKind, instant: Timestamp) -> Statement {
    let params = values![kind.as_str(), instant.millis()];
    Statement::new("DELETE FROM admin_session WHERE kind = ?1 AND last_used_at <= ?2", params)
}

/// Ends the oldest sessions of an administrator of this kind, so that `kept` stay.
pub fn end_oldest_sessions(admin: &UserName, kind: SessionKind, kept: usize) -> Statement {
    Statement::new(DELETE_OLDEST, values![admin.canonical(), kind.as_str(), kept])
}

fn read_session(row: &mut Row) -> Result<AdminSession, StoreError> {
    Ok(AdminSession {
        admin: read_admin(row)?,
        id: row.take()?,
        kind: row.take_as(|kind: String| SessionKind::parse(&kind))?,
        address: row.take()?,
        opened_at: Timestamp::from_millis(row.take()?),
        last_used_at: Timestamp::from_millis(row.take()?),
    })
}

const SELECT_ONE: &str = "SELECT a.id, a.name, a.password_hash, a.is_enabled, a.level, a.rights, a.email, a.mobile, \
    a.is_notified, a.created_by, a.created_at, a.changed_by, a.changed_at, a.version, \
    s.id, s.kind, s.address, s.opened_at, s.last_used_at \
    FROM admin_session s JOIN admin a ON a.name_key = s.name_key \
    WHERE s.token_hash = ?1 AND s.kind = ?2 AND a.is_enabled = 1";

const SELECT_ALL: &str = "SELECT a.id, a.name, a.password_hash, a.is_enabled, a.level, a.rights, a.email, a.mobile, \
    a.is_notified, a.created_by, a.created_at, a.changed_by, a.changed_at, a.version, \
    s.id, s.kind, s.address, s.opened_at, s.last_used_at \
    FROM admin_session s JOIN admin a ON a.name_key = s.name_key ORDER BY s.id";

const INSERT: &str = "INSERT INTO admin_session (id, token_hash, kind, name_key, address, opened_at, last_used_at) \
    VALUES ((SELECT last FROM counter WHERE name = 'admin_session'), ?1, ?2, ?3, ?4, ?5, ?5)";

const TOUCH: &str = "UPDATE admin_session SET last_used_at = ?2 WHERE token_hash = ?1 AND last_used_at < ?2";

const DELETE_OLDEST: &str = "DELETE FROM admin_session WHERE name_key = ?1 AND kind = ?2 AND token_hash NOT IN (\
    SELECT token_hash FROM admin_session WHERE name_key = ?1 AND kind = ?2 ORDER BY opened_at DESC, token_hash LIMIT ?3)";
