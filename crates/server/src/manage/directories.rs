//! Use cases: directories. Saving, trying out, and what a roll-out would meet. A stored password goes to no other
//! server and to no other account than it was given for.

mod report;
mod trial;

use std::collections::BTreeMap;

use super::realms::{DIRECTORY, LOCAL, Resolver};
use super::relays::PasswordChange;
use super::wording::{one_line, plain_name, shown};
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::directory::seal_place;
pub use crate::directory::settings::known;
use crate::directory::settings::{LdapSettings, Wrong};
pub use crate::directory::{READER, WRITER};
pub use crate::store::directories::StoredDirectory;
use crate::store::{directories, realms};

pub use report::{Finding, Report, report};
pub use trial::{Trial, try_attribute, try_out};

/// What a directory is to be.
#[derive(Debug, Clone, Default)]
pub struct NewDirectory {
    /// The name of its resolver.
    pub resolver: String,
    /// Its settings by name; those that are not known are left out.
    pub data: BTreeMap<String, String>,
    /// What becomes of the password of the account that looks up.
    pub password: PasswordChange,
    /// What becomes of the password of the account that writes.
    pub write_password: PasswordChange,
}

impl From<&StoredDirectory> for NewDirectory {
    /// The directory as it is; its passwords stay.
    fn from(stored: &StoredDirectory) -> Self {
        let (password, write_password) = (PasswordChange::Keep, PasswordChange::Keep);
        Self { resolver: stored.resolver.clone(), data: stored.data.clone(), password, write_password }
    }
}

/// Adds a directory, or writes it anew.
pub async fn save(app: &App, by: &By, new: NewDirectory) -> Result<(), ManageError> {
    let name = plain_name("resolver", &new.resolver)?.to_owned();
    let settings = app.settings();
    if settings.resolvers.iter().any(|resolver| resolver.name == name && resolver.kind == LOCAL) {
        let reason = format!("the resolver {name} keeps its users here; a directory needs a resolver of its own");
        return Err(ManageError::Taken(reason));
    }
    let stored = plan(app, new)?;
    let about = About { detail: summary(&stored), ..About::default() };
    let resolver = Resolver { name, kind: DIRECTORY.to_owned() };
    apply(app, by, about, vec![realms::save_resolver(&resolver), directories::save(&stored)]).await
}

/// The row that a directory would become, checked as a whole.
fn plan(app: &App, new: NewDirectory) -> Result<StoredDirectory, ManageError> {
    let is_known = |name: &str| known().iter().any(|known| known.name == name);
    let data: BTreeMap<_, _> = new.data.into_iter().filter(|(name, _)| is_known(name)).collect();
    for (name, value) in &data {
        one_line(name, value, MOST_CHARS)?;
    }
    let parsed = LdapSettings::parse(&data).map_err(|wrong| ManageError::Invalid(in_words(&wrong)))?;
    let settings = app.settings();
    let old = settings.directories.iter().find(|stored| stored.resolver == new.resolver);
    let kept = |account: &str, sealed: fn(&StoredDirectory) -> &Option<Vec<u8>>| {
        let is_same =
            old.is_some_and(|old| is_same_server(&old.data, &data) && old.data.get(account) == data.get(account));
        old.and_then(|old| sealed(old).clone()).map(|sealed| (sealed, is_same))
    };
    let reader = kept("BINDDN", |stored| &stored.sealed_password);
    let writer = kept("WRITEDN", |stored| &stored.sealed_write_password);
    let seal = |account: &str, change, kept, what| sealed(app, &new.resolver, (account, change, kept), what);
    Ok(StoredDirectory {
        sealed_password: seal(&parsed.reader, new.password, reader, READER)?,
        sealed_write_password: seal(&parsed.writer, new.write_password, writer, WRITER)?,
        resolver: new.resolver.clone(),
        data,
    })
}

/// The password of an account, sealed. An account has one, and nobody has none.
fn sealed(
    app: &App,
    resolver: &str,
    (account, change, kept): (&str, PasswordChange, Option<(Vec<u8>, bool)>),
    what: &'static str,
) -> Result<Option<Vec<u8>>, ManageError> {
    let wrong = |reason: &str| Err(ManageError::Invalid(format!("{what}: {reason}")));
    match (account.is_empty(), change, kept) {
        (true, _, _) => Ok(None),
        (false, PasswordChange::Set(secret), _) if secret.expose().contains('\0') => wrong("a NUL is not allowed"),
        (false, PasswordChange::Set(secret), _) => {
            Ok(Some(app.keys.seal(&seal_place(resolver, what), &secret, &*app.random)?))
        }
        (false, PasswordChange::Keep, Some((sealed, true))) => Ok(Some(sealed)),
        (false, PasswordChange::Keep, Some((_, false))) => {
            wrong("enter the password again: the stored one was given for another server or account")
        }
        (false, PasswordChange::Clear | PasswordChange::Keep, _) => {
            wrong("an account without a password proves nothing: enter it, or leave the account empty")
        }
    }
}

/// Whether a password given for one may be sent to the other. The certificates that are trusted are part of who the
/// server is.
fn is_same_server(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> bool {
    ["LDAPURI", "START_TLS", "ALLOW_PLAINTEXT", "TLS_CA_FILE"].into_iter().all(|name| old.get(name) == new.get(name))
}

/// Whether saving it would ask another server than this directory asks now.
pub fn is_moved(app: &App, new: &NewDirectory) -> bool {
    let settings = app.settings();
    let old = settings.directories.iter().find(|stored| stored.resolver == new.resolver);
    old.is_none_or(|old| !is_same_server(&old.data, &new.data))
}

/// For the audit.
fn summary(stored: &StoredDirectory) -> String {
    let text = |name: &str| shown(stored.data.get(name).map_or("", String::as_str));
    let account = |sealed: &Option<Vec<u8>>| if sealed.is_some() { "with" } else { "without" };
    format!(
        "directory {} at {}, base {}, {} an account that looks up, {} one that writes",
        stored.resolver,
        text("LDAPURI"),
        text("LDAPBASE"),
        account(&stored.sealed_password),
        account(&stored.sealed_write_password)
    )
}

fn in_words(wrong: &[Wrong]) -> String {
    wrong.iter().map(|one| format!("{}: {}", one.name, one.reason)).collect::<Vec<_>>().join("; ")
}

/// The longest value of a setting.
const MOST_CHARS: usize = 2_000;
