//! Administrators.

use domain::enrollment::PinHash;
use domain::name::UserName;
use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// The name.
    pub name: UserName,
    /// The password, hashed.
    pub password: PinHash,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Store {
    /// The administrator of that canonical name.
    pub async fn find_admin(&self, name: &UserName) -> Result<Option<Admin>, StoreError> {
        let sql = "SELECT name, password_hash, created_at FROM admin WHERE name_key = ?1";
        self.select_one("admin", sql, &values![name.canonical()], read_admin).await
    }

    /// All administrators, in order of name.
    pub async fn list_admins(&self) -> Result<Vec<Admin>, StoreError> {
        let sql = "SELECT name, password_hash, created_at FROM admin ORDER BY name_key";
        self.select("admin", sql, &[], read_admin).await
    }
}

/// Adds an administrator; the name must be free.
pub fn insert(admin: &Admin) -> Statement {
    Statement::new(
        "INSERT INTO admin (name_key, name, password_hash, created_at) VALUES (?1, ?2, ?3, ?4)",
        values![admin.name.canonical(), admin.name.as_str(), admin.password.as_stored(), admin.created_at.millis()],
    )
}

/// Changes nothing, but lets the change fail if the administrator has gone or has another password
/// by now, and keeps both so until it is done.
pub fn must_still_have(admin: &Admin) -> Statement {
    Statement::must_hit(
        "UPDATE admin SET password_hash = password_hash WHERE name_key = ?1 AND password_hash = ?2",
        values![admin.name.canonical(), admin.password.as_stored()],
    )
}

/// Gives an administrator a new password.
pub fn set_password(name: &UserName, password: &PinHash) -> Statement {
    Statement::must_hit(
        "UPDATE admin SET password_hash = ?2 WHERE name_key = ?1",
        values![name.canonical(), password.as_stored()],
    )
}

/// Removes an administrator.
pub fn delete(name: &UserName) -> Statement {
    Statement::must_hit("DELETE FROM admin WHERE name_key = ?1", values![name.canonical()])
}

fn read_admin(row: &mut Row) -> Result<Admin, StoreError> {
    Ok(Admin {
        name: row.take_as(|name: String| UserName::parse(&name).ok())?,
        password: PinHash::from_stored(row.take()?),
        created_at: Timestamp::from_millis(row.take()?),
    })
}
