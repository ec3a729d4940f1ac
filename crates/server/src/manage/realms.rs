//! Realms and resolvers: which users there are, and what proves their first factor.

use domain::name::RealmName;
use domain::provider::FirstFactor;

use super::wording::{plain_name, shown};
use super::{About, By, ManageError, apply};
use crate::app::App;
pub use crate::store::realms::{Realm, Resolver};
use crate::store::{accounts, directories, realms};

/// What a realm is to be.
#[derive(Debug, Clone, Default)]
pub struct NewRealm {
    /// Its name.
    pub name: String,
    /// Its resolvers, in order of priority.
    pub resolvers: Vec<String>,
    /// Whether names without a realm belong here; the first realm is the default one anyway.
    pub is_default: bool,
    /// What proves the first factor here; none leaves it as it is.
    pub first_factor: Option<FirstFactor>,
}

/// Which resolvers a realm has got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Those that exist.
    pub added: Vec<String>,
    /// Those that do not.
    pub failed: Vec<String>,
}

/// Users kept in this database.
pub const LOCAL: &str = "local";
/// Users looked up in a directory.
pub const DIRECTORY: &str = "ldap";

/// Reads the kind of a resolver, under any of its names.
pub fn parse_kind(kind: &str) -> Result<&'static str, ManageError> {
    match kind.trim().to_ascii_lowercase().as_str() {
        "local" | "internal" => Ok(LOCAL),
        "ldap" | "ldapresolver" => Ok(DIRECTORY),
        _ => Err(ManageError::Invalid(format!(
            "type '{}' is not offered; resolvers are of type: local (users kept in this database; also called \
             internal), ldapresolver (users looked up in a directory)",
            shown(kind)
        ))),
    }
}

/// Adds a resolver for users kept in this database.
pub async fn save_resolver(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let name = plain_name("resolver", name)?.to_owned();
    let about = About { detail: format!("resolver {name}"), ..About::default() };
    apply(app, by, about, vec![realms::save_resolver(&Resolver { name, kind: LOCAL.to_owned() })]).await
}

/// Removes a resolver that no realm uses and that holds no users.
pub async fn delete_resolver(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let settings = app.settings();
    if let Some(realm) = settings.realms.iter().find(|realm| realm.resolvers.iter().any(|one| one == name)) {
        let realm = realm.name.as_str();
        let reason = format!("The resolver '{}' is still contained in realm '{realm}'.", shown(name));
        return Err(ManageError::Taken(reason));
    }
    let about = About { detail: format!("resolver {}", shown(name)), ..About::default() };
    let mut statements = Vec::new();
    if settings.directories.iter().any(|stored| stored.resolver == name) {
        // Of people in a directory only those stay whom an enrollment belongs to.
        statements.extend([accounts::forget_unenrolled(name), directories::delete(name)]);
    }
    statements.push(realms::delete_resolver(name));
    match apply(app, by, about, statements).await {
        Err(ManageError::NotFound(_)) => {
            Err(ManageError::NotFound(format!("The resolver '{}' does not exist.", shown(name))))
        }
        Err(ManageError::Taken(_)) => {
            Err(ManageError::Taken(format!("The resolver '{}' still holds users; delete them first.", shown(name))))
        }
        done => done,
    }
}

/// Adds a realm, or gives it other resolvers. Unknown resolvers are left out; a realm that would
/// be left with none of those it was to get stays as it is.
pub async fn save_realm(app: &App, by: &By, new: NewRealm) -> Result<Members, ManageError> {
    let name = parse_realm(&new.name)?;
    let settings = app.settings();
    let members = split_members(&settings.resolvers, new.resolvers);
    if members.added.is_empty() && !members.failed.is_empty() {
        return Ok(members);
    }
    let old = settings.realms.iter().find(|realm| realm.name == name);
    let realm = Realm {
        is_default: new.is_default || old.map_or(settings.realms.is_empty(), |old| old.is_default),
        first_factor: new.first_factor.or(old.and_then(|old| old.first_factor)),
        resolvers: members.added.clone(),
        name,
    };
    let factor = realm.first_factor.map_or("that of the provider", FirstFactor::as_str);
    let detail = format!("resolvers {}; first factor {factor}", realm.resolvers.join(","));
    let about = About { realm: realm.name.as_str().to_owned(), detail, ..About::default() };
    apply(app, by, about, realms::save_realm(&realm)).await?;
    Ok(members)
}

/// Removes a realm; its users stay in their resolvers.
pub async fn delete_realm(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let realm = find(app, name)?;
    let about = About { realm: realm.name.as_str().to_owned(), ..About::default() };
    apply(app, by, about, realms::delete_realm(&realm.name)).await
}

/// Makes a realm the default one.
pub async fn set_default(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let realm = Realm { is_default: true, ..find(app, name)? };
    let about = About { realm: realm.name.as_str().to_owned(), ..About::default() };
    apply(app, by, about, realms::save_realm(&realm)).await
}

/// No realm is the default one any more; answers which one was.
pub async fn clear_default(app: &App, by: &By) -> Result<Option<Realm>, ManageError> {
    let was = app.settings().realms.iter().find(|realm| realm.is_default).cloned();
    let Some(realm) = was else { return Ok(None) };
    let about = About { realm: realm.name.as_str().to_owned(), ..About::default() };
    apply(app, by, about, vec![realms::clear_default()]).await?;
    Ok(Some(realm))
}

fn find(app: &App, name: &str) -> Result<Realm, ManageError> {
    let parsed = parse_realm(name)?;
    let settings = app.settings();
    let found = settings.realms.iter().find(|realm| realm.name == parsed).cloned();
    found.ok_or_else(|| ManageError::NotFound(format!("The realm '{}' does not exist.", shown(name))))
}

/// A realm's name must not hold what separates names in lists, logins and paths.
fn parse_realm(name: &str) -> Result<RealmName, ManageError> {
    let invalid = |reason: &str| ManageError::Invalid(format!("the name of a realm: {reason}, got '{}'", shown(name)));
    if name.contains(['@', '\\', ',', '/', '*']) {
        return Err(invalid("the characters @ \\ , / * are not allowed"));
    }
    RealmName::parse(name).map_err(|error| invalid(&error.to_string()))
}

fn split_members(known: &[Resolver], wanted: Vec<String>) -> Members {
    let mut members = Members::default();
    for name in wanted {
        let is_known = known.iter().any(|resolver| resolver.name == name);
        let list = if is_known { &mut members.added } else { &mut members.failed };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    members
}
