//! Numbers for things that have one: each is given once, and nobody else can take it at the same time.

use super::sql::{Statement, values};

/// Takes the next number of a kind; the statements that follow in the same change find it in `counter`.
pub fn next(kind: &str) -> Statement {
    Statement::must_hit("UPDATE counter SET last = last + 1 WHERE name = ?1", values![kind])
}

/// Makes all changes that begin with this one wait for each other, so that a rule about all things of a
/// kind is decided on what is there.
pub fn lock(kind: &str) -> Statement {
    Statement::must_hit("UPDATE counter SET last = last WHERE name = ?1", values![kind])
}

/// Administrators.
pub const ADMIN: &str = "admin";
/// Sessions of administrators.
pub const ADMIN_SESSION: &str = "admin_session";
/// Providers.
pub const PROVIDER: &str = "provider";
/// Sites.
pub const SITE: &str = "site";
