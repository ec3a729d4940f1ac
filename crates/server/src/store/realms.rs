//! Realms, and the resolvers that supply their users.

use domain::name::RealmName;
use domain::provider::FirstFactor;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

/// A realm: a named set of users from one or more resolvers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// Its name, folded.
    pub name: RealmName,
    /// Whether names without a realm belong here.
    pub is_default: bool,
    /// What proves the first factor here, where it differs from the provider's setting.
    pub first_factor: Option<FirstFactor>,
    /// Its resolvers, in order of priority.
    pub resolvers: Vec<String>,
}

/// A source of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolver {
    /// Its name.
    pub name: String,
    /// What it is; `local` keeps its users in this database.
    pub kind: String,
}

impl Store {
    /// All realms, in order of name, with their resolvers.
    pub async fn list_realms(&self) -> Result<Vec<Realm>, StoreError> {
        let mut realms = self
            .select("realm", SELECT_REALMS, &[], |row| {
                Ok(Realm {
                    name: row.take_as(|name: String| RealmName::parse(&name).ok())?,
                    is_default: row.take()?,
                    first_factor: FirstFactor::parse(&row.take::<String>()?),
                    resolvers: Vec::new(),
                })
            })
            .await?;
        let members = self
            .select("realm_resolver", SELECT_MEMBERS, &[], |row| Ok((row.take::<String>()?, row.take::<String>()?)))
            .await?;
        for realm in &mut realms {
            let own = members.iter().filter(|(name, _)| name == realm.name.as_str());
            realm.resolvers = own.map(|(_, resolver)| resolver.clone()).collect();
        }
        Ok(realms)
    }

    /// All resolvers, in order of name.
    pub async fn list_resolvers(&self) -> Result<Vec<Resolver>, StoreError> {
        let read = |row: &mut Row| Ok(Resolver { name: row.take()?, kind: row.take()? });
        self.select("resolver", "SELECT name, kind FROM resolver ORDER BY name", &[], read).await
    }
}

/// Adds a realm or writes it back, members included.
pub fn save_realm(realm: &Realm) -> Vec<Statement> {
    let name = realm.name.as_str();
    let factor = realm.first_factor.map_or("", FirstFactor::as_str);
    let mut statements = Vec::new();
    if realm.is_default {
        statements.push(Statement::new("UPDATE realm SET is_default = 0 WHERE name <> ?1", values![name]));
    }
    statements.push(Statement::new(UPSERT_REALM, values![name, realm.is_default, factor]));
    statements.push(Statement::new("DELETE FROM realm_resolver WHERE realm = ?1", values![name]));
    let members = realm.resolvers.iter().enumerate();
    statements
        .extend(members.map(|(at, resolver)| Statement::new(INSERT_MEMBER, values![name, resolver.as_str(), at])));
    statements
}

/// Removes a realm; its users stay in their resolvers.
pub fn delete_realm(name: &RealmName) -> Vec<Statement> {
    vec![
        Statement::new("DELETE FROM realm_resolver WHERE realm = ?1", values![name.as_str()]),
        Statement::must_hit("DELETE FROM realm WHERE name = ?1", values![name.as_str()]),
    ]
}

/// No realm is the default one any more.
pub fn clear_default() -> Statement {
    Statement::new("UPDATE realm SET is_default = 0 WHERE is_default = 1", values![])
}

/// Adds a resolver, or writes it back.
pub fn save_resolver(resolver: &Resolver) -> Statement {
    Statement::new(UPSERT_RESOLVER, values![resolver.name.as_str(), resolver.kind.as_str()])
}

/// Removes a resolver that no realm uses and that has no users; otherwise [`StoreError::Taken`].
pub fn delete_resolver(name: &str) -> Statement {
    Statement::must_hit("DELETE FROM resolver WHERE name = ?1", values![name])
}

const SELECT_REALMS: &str = "SELECT name, is_default, first_factor FROM realm ORDER BY name";

const SELECT_MEMBERS: &str = "SELECT realm, resolver FROM realm_resolver ORDER BY realm, priority";

const UPSERT_REALM: &str = "INSERT INTO realm (name, is_default, first_factor) VALUES (?1, ?2, ?3) \
    ON CONFLICT (name) DO UPDATE SET is_default = ?2, first_factor = ?3";

const INSERT_MEMBER: &str = "INSERT INTO realm_resolver (realm, resolver, priority) VALUES (?1, ?2, ?3)";

const UPSERT_RESOLVER: &str =
    "INSERT INTO resolver (name, kind) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET kind = ?2";
