//! Use cases: enrollments. Enrolling, switching, editing, owning, listing.
//!
//! A change touches only the columns it is about, so that two administrators never undo each
//! other's work, and calls off the challenges that it makes wrong, in the same transaction.

pub mod challenges;
mod edit;
mod enroll;
pub mod info;
pub mod list;
mod owner;
pub(crate) mod pattern;
mod switch;
mod told;

pub use edit::{Edit, change_address, edit, set_pin};
pub use enroll::{Existing, NewEnrollment, enroll};
pub use owner::{assign, set_realm, unassign};
pub use switch::{remove, reset, revoke, set_active};
pub(super) use told::told;

use domain::enrollment::{PinHash, Serial};
use domain::secret::{Key, Secret};
use domain::subject::Subject;

use super::users::Owner;
use super::{About, ManageError};
use crate::app::App;
use crate::hash::HashError;
use crate::store::StoreError;
use crate::store::audit;
use crate::store::enrollments::StoredEnrollment;

/// Enrollments that a change is about: one by its serial, or all of a user, who may have none.
#[derive(Debug, Clone)]
pub struct Targets(Vec<StoredEnrollment>, Option<Owner>);

/// Why an enrollment was not changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EnrollmentError {
    /// It belongs to somebody already.
    #[error("Token already assigned to user {0}")]
    Assigned(String),
    /// It was revoked, for good.
    #[error("This action is not possible, since the token is locked")]
    Locked,
    /// Anything else.
    #[error(transparent)]
    Manage(#[from] ManageError),
}

impl From<StoreError> for EnrollmentError {
    fn from(error: StoreError) -> Self {
        Self::Manage(error.into())
    }
}

impl From<HashError> for EnrollmentError {
    fn from(error: HashError) -> Self {
        Self::Manage(error.into())
    }
}

impl From<EnrollmentError> for ManageError {
    fn from(error: EnrollmentError) -> Self {
        match error {
            EnrollmentError::Manage(error) => error,
            other => Self::Taken(other.to_string()),
        }
    }
}

impl Targets {
    /// The enrollment of that serial. Not a pattern: nothing that changes ever takes one.
    pub async fn by_serial(app: &App, serial: &str) -> Result<Self, ManageError> {
        let found = app.store.find_enrollment_named(serial).await?;
        found.map(|stored| Self(vec![stored], None)).ok_or_else(|| no_such_token(serial))
    }

    /// All enrollments of a user; there may be none.
    pub async fn of(app: &App, owner: &Owner) -> Result<Self, ManageError> {
        Ok(Self(app.store.list_enrollments_of(&owner.0.id).await?, Some(owner.clone())))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn keep(mut self, wanted: impl Fn(&StoredEnrollment) -> bool) -> Self {
        self.0.retain(wanted);
        self
    }

    fn serials(&self) -> impl Iterator<Item = &Serial> {
        self.0.iter().map(|stored| &stored.enrollment.serial)
    }

    /// Whom guesses are charged to: the user, enrolled or not; an enrollment of nobody is one of its own.
    fn subjects<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = Subject> + 'a {
        let owners = self.0.iter().map(|stored| match stored.user_id.as_str() {
            "" => Subject::of_serial(key, stored.enrollment.serial.as_str()),
            user_id => Subject::of_user(key, user_id),
        });
        let user = self.1.iter().map(|owner| Subject::of_user(key, &owner.0.id));
        // All of them have one owner, or are one.
        user.chain(owners).take(1)
    }

    /// Refuses to go on with a revoked one.
    fn check_unlocked(&self) -> Result<(), EnrollmentError> {
        let is_locked = self.0.iter().any(|stored| stored.enrollment.is_revoked);
        if is_locked { Err(EnrollmentError::Locked) } else { Ok(()) }
    }

    /// For the audit. All of them have one owner, or are one.
    async fn about(&self, app: &App, detail: impl Into<String>) -> Result<About, ManageError> {
        let serials: Vec<_> = self.serials().cloned().collect();
        let first = self.0.first();
        let user_id = first.map_or("", |stored| stored.user_id.as_str());
        let account = if user_id.is_empty() { None } else { app.store.find_account_by_id(user_id).await? };
        let (user_name, realm) = match &self.1 {
            Some((account, realm)) if first.is_none() => (account.name.clone(), realm.clone()),
            _ => (
                account.map(|account| account.name).unwrap_or_default(),
                first.map(|stored| stored.realm.clone()).unwrap_or_default(),
            ),
        };
        Ok(About { user_name, realm, serials: audit::join(&serials), detail: detail.into() })
    }
}

fn no_such_token(serial: &str) -> ManageError {
    let shown: String = serial.chars().filter(|c| !domain::text::is_unprintable(*c)).take(MOST_SHOWN).collect();
    ManageError::NotFound(format!("No token found for serials: {shown}"))
}

/// Hashes a PIN; an empty one is none. All PINs of one owner share a salt.
async fn hash_pin(app: &App, pin: &Secret, stored: &StoredEnrollment) -> Result<Option<PinHash>, ManageError> {
    if pin.is_empty() {
        return Ok(None);
    }
    let serial = stored.enrollment.serial.as_str();
    let owner = if stored.user_id.is_empty() { serial } else { stored.user_id.as_str() };
    Ok(Some(app.hasher.hash(pin, owner).await?))
}

fn check_pin(pin: &Secret) -> Result<(), ManageError> {
    if pin.expose().len() > MOST_PIN_OCTETS {
        return Err(ManageError::Invalid(format!("a PIN has at most {MOST_PIN_OCTETS} bytes")));
    }
    Ok(())
}

const MOST_PIN_OCTETS: usize = 128;
const MOST_SHOWN: usize = 40;
