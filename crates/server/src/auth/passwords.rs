//! Where passwords are checked. In one realm every try costs the same, whoever it is about: a hash where some of its
//! users are kept here, and a question to a directory where some are there.

use std::sync::Arc;

use domain::secret::Secret;

use super::{AuthError, Scene};
use crate::app::App;
use crate::directory::{Directory, Password};
use crate::settings::Settings;

/// The places of one realm.
#[derive(Clone, Default)]
pub(super) struct Places {
    is_hash_due: bool,
    /// That of the person, else the first one of the realm.
    directory: Option<Arc<Directory>>,
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("is_hash_due", &self.is_hash_due).finish_non_exhaustive()
    }
}

impl Places {
    /// Passwords that are kept here.
    pub(super) const fn here() -> Self {
        Self { is_hash_due: true, directory: None }
    }

    /// Those of the resolvers of a realm; `own` is the one that the person is in.
    pub(super) fn of(
        app: &App,
        settings: &Settings,
        resolvers: &[String],
        own: Option<&str>,
    ) -> Result<Self, AuthError> {
        // Most installations have no directory at all.
        if settings.directories.is_empty() {
            return Ok(Self::here());
        }
        let is_directory = |name: &str| settings.directories.iter().any(|stored| stored.resolver == name);
        let own_first = own.into_iter().chain(resolvers.iter().map(String::as_str));
        let first = own_first.clone().find(|name| is_directory(name));
        let directory = match first {
            Some(resolver) => app.directories.find(settings, &app.keys, resolver)?,
            None => None,
        };
        let is_hash_due = directory.is_none() || own_first.clone().any(|name| !is_directory(name));
        Ok(Self { is_hash_due, directory })
    }
}

/// Whether the text is the password of the person.
pub(super) async fn check(scene: &Scene<'_>, typed: &Secret) -> Result<Password, AuthError> {
    let (person, places) = (scene.person, &scene.person.passwords);
    let stored = person.account.as_ref().and_then(|account| account.password.clone());
    let is_hash_due = places.is_hash_due && !typed.is_empty();
    let is_ours = is_hash_due && scene.app.hasher.matches(typed, &[stored]).await?.contains(&true);
    let theirs = match &places.directory {
        Some(directory) => {
            let entry = person.listed.as_ref().map(|listed| &listed.entry);
            directory.check_password(entry, typed, scene.app.now()).await?
        }
        None => Password::Wrong,
    };
    Ok(if is_ours { Password::Right } else { theirs })
}
