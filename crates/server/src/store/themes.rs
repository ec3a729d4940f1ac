//! Themes: the entrances at which people sign in.

use domain::name::RealmName;
use domain::theme::{Message, Note, ReturnPrefix, Theme, ThemeName};

use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError, criteria, passages};

impl Store {
    /// All themes, in order of their number.
    pub async fn list_themes(&self) -> Result<Vec<Theme>, StoreError> {
        self.select("theme", SELECT, &[], read).await
    }
}

/// Adds a theme; its provider must be there.
pub fn insert(theme: &Theme) -> Statement {
    Statement::new(INSERT, parameters(theme))
}

/// Writes a theme back.
pub fn update(theme: &Theme) -> Statement {
    Statement::must_hit(UPDATE, parameters(theme))
}

/// Removes a theme, with the tickets, passes and sessions of those who signed in there.
pub fn delete(id: i64) -> Vec<Statement> {
    let mut statements = Vec::from(passages::forget_theme(id));
    statements.push(Statement::must_hit("DELETE FROM theme WHERE id = ?1", values![id]));
    statements
}

fn parameters(theme: &Theme) -> Vec<Value> {
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
    filters_members, members, provider_id, return_to FROM theme ORDER BY id";

const INSERT: &str = "INSERT INTO theme (id, name, name_key, description, is_enabled, post_logon_message, \
    overrides_realm, realm, filters_members, members, provider_id, return_to) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const UPDATE: &str = "UPDATE theme SET name = ?2, name_key = ?3, description = ?4, is_enabled = ?5, \
    post_logon_message = ?6, overrides_realm = ?7, realm = ?8, filters_members = ?9, members = ?10, provider_id = ?11, \
    return_to = ?12 WHERE id = ?1";
