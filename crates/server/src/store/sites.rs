//! Sites.

use super::admins::{Trace, read_trace};
use super::sql::{Row, Statement, values};
use super::{Store, StoreError, counters};

/// A site: a part of the installation with providers, themes and criteria of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The number; 0 for one that is still to get it.
    pub id: i64,
    /// The name.
    pub name: String,
    /// Anything worth noting; may be empty.
    pub description: String,
    /// Who made it, and who changed it last.
    pub trace: Trace,
}

/// The site that is always there.
pub const FIRST: i64 = 1;

impl Store {
    /// All sites, in order of their number.
    pub async fn list_sites(&self) -> Result<Vec<Site>, StoreError> {
        let read = |row: &mut Row| {
            Ok(Site { id: row.take()?, name: row.take()?, description: row.take()?, trace: read_trace(row)? })
        };
        self.select("site", SELECT, &[], read).await
    }
}

/// Adds a site with the next number; its name must be free.
pub fn insert(site: &Site) -> [Statement; 2] {
    let Trace { created_by, created_at, changed_by, changed_at, version } = &site.trace;
    let row = values![
        site.name.as_str(),
        domain::name::canonical(&site.name),
        site.description.as_str(),
        created_by.as_str(),
        created_at.millis(),
        changed_by.as_str(),
        changed_at.millis(),
        *version,
    ];
    [counters::next(counters::SITE), Statement::new(INSERT, row)]
}

/// Writes a site back, unless somebody has changed it since it was read.
pub fn update(site: &Site) -> Statement {
    let row = values![
        site.id,
        site.trace.version,
        site.name.as_str(),
        domain::name::canonical(&site.name),
        site.description.as_str(),
        site.trace.changed_by.as_str(),
        site.trace.changed_at.millis(),
    ];
    Statement::must_hit(UPDATE, row)
}

/// Removes a site that nothing refers to; otherwise [`StoreError::Taken`].
pub fn delete(id: i64) -> Statement {
    Statement::must_hit("DELETE FROM site WHERE id = ?1", values![id])
}

const SELECT: &str = "SELECT id, name, description, created_by, created_at, changed_by, changed_at, version \
    FROM site ORDER BY id";

const INSERT: &str = "INSERT INTO site (id, name, name_key, description, created_by, created_at, changed_by, \
    changed_at, version) VALUES ((SELECT last FROM counter WHERE name = 'site'), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const UPDATE: &str = "UPDATE site SET name = ?3, name_key = ?4, description = ?5, changed_by = ?6, changed_at = ?7, \
    version = version + 1 WHERE id = ?1 AND version = ?2";
