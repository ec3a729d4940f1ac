//! Enrolling: a new enrollment, or an old one once more under its serial.

use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::Serial;
use domain::secret::Secret;
use domain::time::Timestamp;

use super::info::{self, ASSIGNMENT_DATE};
use super::{EnrollmentError, Targets, check_pin, hash_pin, told};
use crate::app::App;
use crate::manage::users::{Owner, check_text};
use crate::manage::{By, ManageError, apply};
use crate::store::accounts::Account;
use crate::store::enrollments::{self, StoredEnrollment};
use crate::store::notices;
use crate::store::sql::Statement;

/// What becomes of an enrollment that has the serial already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// It is enrolled once more: for those who may change enrollments.
    EnrolledAgain,
    /// It stays as it is, and nothing is enrolled.
    #[default]
    Kept,
}

/// What a new enrollment is to be.
#[derive(Debug, Clone, Default)]
pub struct NewEnrollment {
    /// Its serial; a new one is made up where there is none.
    pub serial: Option<Serial>,
    /// What becomes of the one that has this serial.
    pub existing: Existing,
    /// Its owner with the realm; an existing enrollment keeps the one it has.
    pub owner: Option<Owner>,
    /// Where its mail goes.
    pub address: Option<MailAddress>,
    /// Whether the address is read from the owner's record each time.
    pub is_address_dynamic: bool,
    /// Its PIN; an existing enrollment keeps the one it has, an empty one is none.
    pub pin: Option<Secret>,
    /// Digits of its codes, where not the provider's.
    pub code_length: Option<CodeLength>,
    /// Anything worth noting.
    pub description: String,
}

/// Enrolls. A serial is [`ManageError::Taken`] by an enrollment that was revoked, or is kept.
pub async fn enroll(app: &App, by: &By, new: NewEnrollment) -> Result<Serial, ManageError> {
    if new.address.is_none() && !new.is_address_dynamic {
        return Err(ManageError::Invalid("an enrollment needs an address, or a dynamic one".to_owned()));
    }
    check_text("description", &new.description)?;
    new.pin.as_ref().map_or(Ok(()), check_pin)?;
    let serial = match &new.serial {
        Some(serial) => serial.clone(),
        None => Serial::new(&*app.random)?,
    };
    let existing = app.store.find_enrollment(&serial).await?;
    if existing.is_some() && new.existing == Existing::Kept {
        return Err(ManageError::Taken(format!("there is an enrollment {} already", serial.as_str())));
    }
    if existing.as_ref().is_some_and(|stored| stored.enrollment.is_revoked) {
        return Err(EnrollmentError::Locked.into());
    }
    let mut stored = existing.clone().unwrap_or_else(|| blank(app, serial.clone()));
    fill(app, &mut stored, &new);
    if let Some(pin) = &new.pin {
        stored.enrollment.pin = hash_pin(app, pin, &stored).await?;
    }
    let mut statements = statements(existing.as_ref(), &stored, &new, app.now());
    if let Some(account) = owner_elsewhere(app, existing.as_ref(), &stored, &new).await? {
        statements.extend(told(app, &account, &stored)?);
    }
    let about = Targets(vec![stored], None).about(app, if existing.is_some() { "once more" } else { "" }).await?;
    apply(app, by, about, statements).await?;
    Ok(serial)
}

/// The owner, if their codes have not gone to this address until now.
async fn owner_elsewhere(
    app: &App,
    before: Option<&StoredEnrollment>,
    stored: &StoredEnrollment,
    new: &NewEnrollment,
) -> Result<Option<Account>, ManageError> {
    let is_known = before.is_some_and(|before| !is_mailed_elsewhere(before, stored));
    match &new.owner {
        _ if is_known || stored.user_id.is_empty() => Ok(None),
        Some((account, _)) => Ok(Some(account.clone())),
        None => Ok(app.store.find_account_by_id(&stored.user_id).await?),
    }
}

fn statements(
    before: Option<&StoredEnrollment>,
    stored: &StoredEnrollment,
    new: &NewEnrollment,
    now: Timestamp,
) -> Vec<Statement> {
    let mut statements = new.owner.as_ref().map_or_else(Vec::new, |(account, _)| account.hold());
    let Some(before) = before else {
        statements.push(enrollments::insert(stored));
        return statements;
    };
    let serial = &stored.enrollment.serial;
    if is_mailed_elsewhere(before, stored) {
        statements.push(notices::leave(serial, now));
    }
    statements.push(enrollments::enroll_again(stored, &before.user_id));
    if new.pin.is_some() {
        statements.push(enrollments::set_pin(serial, stored.enrollment.pin.as_ref()));
    }
    if is_mailed_elsewhere(before, stored) || before.enrollment.pin != stored.enrollment.pin {
        statements.push(enrollments::cancel_challenges(serial));
    }
    statements
}

fn blank(app: &App, serial: Serial) -> StoredEnrollment {
    let settings = app.settings();
    let new = StoredEnrollment::new(serial, &settings.default_provider(), settings.max_failures(), app.now());
    StoredEnrollment { info: info::EMPTY.to_owned(), ..new }
}

fn fill(app: &App, stored: &mut StoredEnrollment, new: &NewEnrollment) {
    let enrollment = &mut stored.enrollment;
    enrollment.is_address_dynamic = new.is_address_dynamic;
    enrollment.address = new.address.clone().filter(|_| !new.is_address_dynamic);
    enrollment.code_length = new.code_length.unwrap_or(enrollment.code_length);
    if !new.description.is_empty() {
        stored.description.clone_from(&new.description);
    }
    if let Some((account, realm)) = &new.owner {
        if stored.user_id != account.id {
            stored.info = info::with(&stored.info, ASSIGNMENT_DATE, &info::date(app.now()));
        }
        stored.user_id.clone_from(&account.id);
        stored.realm.clone_from(realm);
    }
}

/// Whether codes go to somebody else from now on, or elsewhere.
fn is_mailed_elsewhere(before: &StoredEnrollment, after: &StoredEnrollment) -> bool {
    let place = |stored: &StoredEnrollment| {
        let enrollment = &stored.enrollment;
        (stored.user_id.clone(), enrollment.address.clone(), enrollment.is_address_dynamic)
    };
    place(before) != place(after)
}
