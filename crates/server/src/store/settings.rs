//! Settings by name.

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

impl Store {
    /// All settings, in order of name.
    pub async fn list_settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        let read = |row: &mut Row| Ok((row.take()?, row.take()?));
        self.select("setting", "SELECT name, value FROM setting ORDER BY name", &[], read).await
    }
}

/// Sets a setting.
pub fn save(name: &str, value: &str) -> Statement {
    Statement::new(UPSERT, values![name, value])
}

/// Removes a setting.
pub fn delete(name: &str) -> Statement {
    Statement::must_hit("DELETE FROM setting WHERE name = ?1", values![name])
}

const UPSERT: &str = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
