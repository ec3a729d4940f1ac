//! What administrators do: checked changes, each with its audit line, visible at once.

pub mod admins;
pub mod api_keys;
pub mod audit;
pub mod criteria;
mod difference;
pub mod directories;
pub mod enrollments;
pub mod installation;
pub mod mailbox;
pub mod overview;
pub mod people;
pub mod policies;
pub mod provider_users;
pub mod providers;
pub mod realms;
pub mod relays;
pub mod sessions;
pub mod settings;
pub mod sites;
pub mod themes;
pub mod users;
mod wording;

use domain::random::NoRandomness;

use crate::app::App;
use crate::directory::DirectoryError;
use crate::hash::HashError;
use crate::store::StoreError;
use crate::store::command::{Change, Event};
use crate::store::sql::Statement;
use crate::telemetry::Chain;

/// Who changes something, for the audit.
#[derive(Debug, Clone, Default)]
pub struct By {
    /// The administrator, the API key, or the command line.
    pub actor: String,
    /// What was asked for, for instance `POST /token/init`.
    pub action: String,
    /// Where the request came from.
    pub address: String,
    /// The request, to find it in the log.
    pub request_id: String,
}

/// Whom and what a change is about, for the audit.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The user.
    pub user_name: String,
    /// Their realm.
    pub realm: String,
    /// Enrollments, separated by commas.
    pub serials: String,
    /// Anything else; never a secret.
    pub detail: String,
}

/// Why a change was not made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// A directory could not do its part.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Too many passwords are being hashed, or a stored hash is damaged.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A value is out of its range; says which, what is allowed, what to do.
    #[error("{0}")]
    Invalid(String),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// Somebody else was faster.
    #[error("somebody else changed this at the same moment, and nothing was changed here; try again")]
    Stale,
    /// The database could not do its part.
    #[error(transparent)]
    Store(StoreError),
    /// Something of that name exists, or is still used.
    #[error("{0}")]
    Taken(String),
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound("there is no such entry".to_owned()),
            StoreError::Stale => Self::Stale,
            StoreError::Taken => Self::Taken("an entry of that name exists, or is still used".to_owned()),
            other => Self::Store(other),
        }
    }
}

impl ManageError {
    /// Whether we only had too much to do.
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Hash(HashError::Busy) | Self::Store(StoreError::Busy))
    }
}

/// Makes a change as a whole, with its audit line, and draws the settings again. Once it is made it is said to be
/// made, also where they cannot be read at this moment: housekeeping draws them within a second.
pub async fn apply(app: &App, by: &By, about: About, statements: Vec<Statement>) -> Result<(), ManageError> {
    let event = event(app, by, about, "ok")?;
    app.store.change(Change { statements, event }).await?;
    if let Err(error) = app.settings.refresh(&app.store).await {
        tracing::warn!(error = %Chain(&error), "a change is made, and the settings cannot be read again yet");
    }
    Ok(())
}

/// The audit line of something an administrator did or tried.
pub(crate) fn event(app: &App, by: &By, about: About, outcome: &'static str) -> Result<Event, NoRandomness> {
    let at = app.now();
    Ok(Event {
        id: Event::new_id(at, &*app.random)?,
        at,
        action: by.action.clone(),
        outcome,
        user_name: about.user_name,
        realm: about.realm,
        serials: about.serials,
        actor: by.actor.clone(),
        address: by.address.clone(),
        request_id: by.request_id.clone(),
        detail: about.detail,
        ..Event::default()
    })
}
