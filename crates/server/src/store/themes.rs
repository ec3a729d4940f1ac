//! Themes as they are stored: the entrances at which people sign in, who made and changed them.

use domain::name::RealmName;
use domain::theme::{Message, Note, ReturnPrefix, Theme, ThemeName};
use domain::time::Timestamp;

use super::admins::{Trace, read_trace};
use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError, criteria, passages};

/// A theme as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTheme {
    /// Its settings.
    pub theme: Theme,
    /// Who made it, who changed it last, and which state of it this is.
    pub trace: Trace,
}

impl StoredTheme {
    /// A theme that somebody makes now.
    pub fn new(theme: Theme, by: &str, now: Timestamp) -> Self {
        Self { theme, trace: Trace::new(by, now) }
    }

    /// The same with settings that somebody changes now.
    #[must_use]
    pub fn changed(&self, theme: Theme, by: &str, now: Timestamp) -> Self {
        Self { theme, trace: self.trace.changed(by, now) }
    }
}

impl Store {
    /// All themes, in order of their number.
    pub async fn list_themes(&self) -> Result<Vec<StoredTheme>, StoreError> {
        let read = |row: &mut Row| Ok(StoredTheme { theme: read(row)?, trace: read_trace(row)? });
        self.select("theme", SELECT, &[], read).await
    }
}

/// Adds a theme; its provider must be there.
pub fn insert(stored: &StoredTheme) -> Statement {
    Statement::new(INSERT, parameters(stored))
}

/// Writes a changed theme back, if nobody else has changed it since; otherwise [`StoreError::Stale`].
pub fn update(stored: &StoredTheme) -> Statement {
    Statement::must_be_current(UPDATE, parameters(stored))
}

/// Removes a theme, with the tickets, passes and sessions of those who signed in there.
pub fn delete(id: i64) -> Vec<Statement> {
    let mut statements = Vec::from(passages::forget_theme(id));
    statements.push(Statement::must_hit("DELETE FROM theme WHERE id = ?1", values![id]));
    statements
}

fn parameters(stored: &StoredTheme) -> Vec<Value> {
    let StoredTheme { theme, trace } = stored;
    let return_to: Vec<&str> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
    Vec::from(values![
        theme.id,
        theme.name.as_str(),
        theme.name.key(),
        theme.description.as_str(),
        theme.is_enabled,
        theme.post_logon_message.as_str(),
        theme.overrides_realm,
        theme.realm.as_ref().map_or("", RealmName::as_str),
        theme.filters_members,
        criteria::principals_to_json(&theme.members),
        theme.provider_id,
        return_to.join(" "),
        trace.created_by.as_str(),
        trace.created_at.millis(),
        trace.changed_by.as_str(),
        trace.changed_at.millis(),
        trace.version,
    ])
}

fn read(row: &mut Row) -> Result<Theme, StoreError> {
    Ok(Theme {
        id: row.take()?,
        name: row.take_as(|name: String| ThemeName::parse(&name).ok())?,
        description: row.take_as(|text: String| Note::parse(&text).ok())?,
        is_enabled: row.take()?,
        post_logon_message: row.take_as(|text: String| Message::parse(&text).ok())?,
        overrides_realm: row.take()?,
        realm: row.take_as(|name: String| match name.as_str() {
            "" => Some(None),
            name => RealmName::parse(name).ok().map(Some),
        })?,
        filters_members: row.take()?,
        members: row.take_as(|text: String| criteria::principals_from_json(&text))?,
        provider_id: row.take()?,
        return_to: row.take_as(|list: String| {
            list.split_whitespace().map(|prefix| ReturnPrefix::parse(prefix).ok()).collect::<Option<_>>()
        })?,
    })
}

const SELECT: &str = "SELECT id, name, description, is_enabled, post_logon_message, overrides_realm, realm, \
    filters_members, members, provider_id, return_to, created_by, created_at, changed_by, changed_at, version \
    FROM theme ORDER BY id";

const INSERT: &str = "INSERT INTO theme (id, name, name_key, description, is_enabled, post_logon_message, \
    overrides_realm, realm, filters_members, members, provider_id, return_to, created_by, created_at, \
    changed_by, changed_at, version) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";

const UPDATE: &str = "UPDATE theme SET name = ?2, name_key = ?3, description = ?4, is_enabled = ?5, \
    post_logon_message = ?6, overrides_realm = ?7, realm = ?8, filters_members = ?9, members = ?10, provider_id = ?11, \
    return_to = ?12, created_by = ?13, created_at = ?14, changed_by = ?15, changed_at = ?16, version = ?17 + 1 \
    WHERE id = ?1 AND version = ?17";
