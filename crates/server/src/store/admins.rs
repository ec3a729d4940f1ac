//! Administrators.

mod rights;

use domain::admin::{Level, Rights};
use domain::enrollment::PinHash;
use domain::name::UserName;
use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError, counters};

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// The number; 0 for one who is still to get it.
    pub id: i64,
    /// The name.
    pub name: UserName,
    /// The password, hashed.
    pub password: PinHash,
    /// Whether signing in is possible.
    pub is_enabled: bool,
    /// What is allowed.
    pub rights: Rights,
    /// The mail address; may be empty.
    pub email: String,
    /// The telephone number; may be empty.
    pub mobile: String,
    /// Whether the administrator wants to be told of events.
    pub is_notified: bool,
    /// Who made the account, and who changed it last.
    pub trace: Trace,
}

/// Who made a thing and who changed it last, and which state of it this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
    /// Goes up with each change: one that was made to another state than the present is refused.
    pub version: i64,
}

impl Admin {
    /// A new administrator who may everything.
    pub fn root(name: UserName, password: PinHash, by: &str, now: Timestamp) -> Self {
        Self {
            id: 0,
            name,
            password,
            is_enabled: true,
            rights: Rights::root(),
            email: String::new(),
            mobile: String::new(),
            is_notified: false,
            trace: Trace::new(by, now),
        }
    }

    /// Whether signing in is possible, and everything is allowed then.
    pub fn is_acting_root(&self) -> bool {
        self.is_enabled && self.rights.level == Level::Root
    }
}

impl Trace {
    /// That of something new.
    pub fn new(by: &str, now: Timestamp) -> Self {
        Self { created_by: by.to_owned(), created_at: now, changed_by: by.to_owned(), changed_at: now, version: 1 }
    }

    /// That of the same thing once it is changed. The version stays that of the state it is made to.
    #[must_use]
    pub fn changed(&self, by: &str, now: Timestamp) -> Self {
        Self { changed_by: by.to_owned(), changed_at: now, ..self.clone() }
    }
}

impl Store {
    /// The administrator of that canonical name.
    pub async fn find_admin(&self, name: &UserName) -> Result<Option<Admin>, StoreError> {
        self.select_one("admin", SELECT_BY_NAME, &values![name.canonical()], read_admin).await
    }

    /// The administrator of that number.
    pub async fn find_admin_by_id(&self, id: i64) -> Result<Option<Admin>, StoreError> {
        self.select_one("admin", SELECT_BY_ID, &values![id], read_admin).await
    }

    /// All administrators, in order of name.
    pub async fn list_admins(&self) -> Result<Vec<Admin>, StoreError> {
        self.select("admin", SELECT_ALL, &[], read_admin).await
    }
}

/// Adds an administrator with the next number; the name must be free.
pub fn insert(admin: &Admin) -> [Statement; 2] {
    let Trace { created_by, created_at, changed_by, changed_at, version } = &admin.trace;
    let row = values![
        admin.name.canonical(),
        admin.name.as_str(),
        admin.password.as_stored(),
        admin.is_enabled,
        admin.rights.level.as_str(),
        rights::to_json(&admin.rights),
        admin.email.as_str(),
        admin.mobile.as_str(),
        admin.is_notified,
        created_by.as_str(),
        created_at.millis(),
        changed_by.as_str(),
        changed_at.millis(),
        *version,
    ];
    [counters::next(counters::ADMIN), Statement::new(INSERT, row)]
}

/// Writes an administrator back, password included, unless somebody has changed the account since it was read.
pub fn update(admin: &Admin) -> Statement {
    let row = values![
        admin.id,
        admin.trace.version,
        admin.password.as_stored(),
        admin.is_enabled,
        admin.rights.level.as_str(),
        rights::to_json(&admin.rights),
        admin.email.as_str(),
        admin.mobile.as_str(),
        admin.is_notified,
        admin.trace.changed_by.as_str(),
        admin.trace.changed_at.millis(),
    ];
    Statement::must_hit(UPDATE, row)
}

/// Changes nothing, but lets the change fail if the administrator has gone, may not sign in, or has
/// another password by now, and keeps all that so until it is done.
pub fn must_still_have(admin: &Admin) -> Statement {
    Statement::must_hit(
        "UPDATE admin SET password_hash = password_hash WHERE name_key = ?1 AND password_hash = ?2 AND is_enabled = 1",
        values![admin.name.canonical(), admin.password.as_stored()],
    )
}

/// Changes nothing, but lets the change fail if it leaves nobody who can sign in and may everything.
/// Changes that end with it must begin with [`lock`].
pub fn root_must_remain() -> Statement {
    Statement::must_hit(ROOT_MUST_REMAIN, values![counters::ADMIN])
}

/// Makes changes of administrators wait for each other.
pub fn lock() -> Statement {
    counters::lock(counters::ADMIN)
}

/// Removes an administrator.
pub fn delete(name: &UserName) -> Statement {
    Statement::must_hit("DELETE FROM admin WHERE name_key = ?1", values![name.canonical()])
}

/// Reads the columns that every SELECT of this file begins with.
pub(super) fn read_admin(row: &mut Row) -> Result<Admin, StoreError> {
    Ok(Admin {
        id: row.take()?,
        name: row.take_as(|name: String| UserName::parse(&name).ok())?,
        password: PinHash::from_stored(row.take()?),
        is_enabled: row.take()?,
        rights: {
            let level = row.take_as(|level: String| Level::parse(&level))?;
            row.take_as(|text: String| rights::from_json(level, &text))?
        },
        email: row.take()?,
        mobile: row.take()?,
        is_notified: row.take()?,
        trace: read_trace(row)?,
    })
}

/// Reads who made a thing and who changed it last.
pub(super) fn read_trace(row: &mut Row) -> Result<Trace, StoreError> {
    Ok(Trace {
        created_by: row.take()?,
        created_at: Timestamp::from_millis(row.take()?),
        changed_by: row.take()?,
        changed_at: Timestamp::from_millis(row.take()?),
        version: row.take()?,
    })
}

const SELECT_ALL: &str = "SELECT id, name, password_hash, is_enabled, level, rights, email, mobile, is_notified, \
    created_by, created_at, changed_by, changed_at, version FROM admin ORDER BY name_key";

const SELECT_BY_ID: &str = "SELECT id, name, password_hash, is_enabled, level, rights, email, mobile, is_notified, \
    created_by, created_at, changed_by, changed_at, version FROM admin WHERE id = ?1";

const SELECT_BY_NAME: &str = "SELECT id, name, password_hash, is_enabled, level, rights, email, mobile, is_notified, \
    created_by, created_at, changed_by, changed_at, version FROM admin WHERE name_key = ?1";

const INSERT: &str = "INSERT INTO admin (id, name_key, name, password_hash, is_enabled, level, rights, email, mobile, \
    is_notified, created_by, created_at, changed_by, changed_at, version) \
    VALUES ((SELECT last FROM counter WHERE name = 'admin'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

const UPDATE: &str = "UPDATE admin SET password_hash = ?3, is_enabled = ?4, level = ?5, rights = ?6, email = ?7, \
    mobile = ?8, is_notified = ?9, changed_by = ?10, changed_at = ?11, version = version + 1 \
    WHERE id = ?1 AND version = ?2";

const ROOT_MUST_REMAIN: &str = "UPDATE counter SET last = last WHERE name = ?1 \
    AND EXISTS (SELECT 1 FROM admin WHERE level = 'root' AND is_enabled = 1)";
