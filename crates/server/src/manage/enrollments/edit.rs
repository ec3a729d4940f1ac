//! Editing enrollments: PIN, address, description, limit of failures.

use domain::address::MailAddress;
use domain::secret::Secret;

use super::{EnrollmentError, Targets, check_pin, hash_pin, told};
use crate::app::App;
use crate::manage::users::check_text;
use crate::manage::{By, ManageError, apply};
use crate::settings::FAILURE_LIMITS;
use crate::store::enrollments::{self, StoredEnrollment};
use crate::store::notices;
use crate::store::sql::Statement;

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The PIN; an empty one is none.
    pub pin: Option<Secret>,
    /// Where the mail goes from now on; ends the reading from the owner's record.
    pub address: Option<MailAddress>,
    /// Whether the address is read from the owner's record.
    pub is_address_dynamic: Option<bool>,
    /// Failures that lock it.
    pub max_failures: Option<i64>,
    /// The note.
    pub description: Option<String>,
}

/// Sets the PIN; answers how many enrollments have it now.
pub async fn set_pin(app: &App, by: &By, targets: Targets, pin: Secret) -> Result<usize, EnrollmentError> {
    edit(app, by, targets, Edit { pin: Some(pin), ..Edit::default() }).await
}

/// Sets where the mail goes.
pub async fn change_address(
    app: &App,
    by: &By,
    targets: Targets,
    address: MailAddress,
) -> Result<usize, EnrollmentError> {
    edit(app, by, targets, Edit { address: Some(address), ..Edit::default() }).await
}

/// Makes all changes at once; answers how many values were set. With another PIN or address, codes
/// on their way are good for nothing.
pub async fn edit(app: &App, by: &By, mut targets: Targets, edit: Edit) -> Result<usize, EnrollmentError> {
    check(&edit)?;
    targets.check_unlocked()?;
    let names = edit.names();
    if names.is_empty() || targets.count() == 0 {
        return Ok(0);
    }
    let mut statements = Vec::new();
    for stored in &mut targets.0 {
        statements.extend(statements_for(app, stored, &edit).await?);
    }
    apply(app, by, targets.about(app, format!("set {}", names.join(", "))).await?, statements).await?;
    Ok(names.len() * targets.count())
}

fn check(edit: &Edit) -> Result<(), ManageError> {
    edit.pin.as_ref().map_or(Ok(()), check_pin)?;
    check_text("description", edit.description.as_deref().unwrap_or_default())?;
    let in_range = |count: i64| u32::try_from(count).is_ok_and(|count| FAILURE_LIMITS.contains(&count));
    match edit.max_failures {
        Some(count) if !in_range(count) => {
            let (least, most) = FAILURE_LIMITS.into_inner();
            Err(ManageError::Invalid(format!("max_failcount must be between {least} and {most}, got {count}")))
        }
        _ => Ok(()),
    }
}

impl Edit {
    /// What it sets, for the audit and the count.
    fn names(&self) -> Vec<&'static str> {
        let all = [
            (self.pin.is_some(), "pin"),
            (self.address.is_some(), "address"),
            (self.is_address_dynamic.is_some(), "dynamic address"),
            (self.max_failures.is_some(), "limit of failures"),
            (self.description.is_some(), "description"),
        ];
        all.into_iter().filter_map(|(is_set, name)| is_set.then_some(name)).collect()
    }
}

async fn statements_for(
    app: &App,
    stored: &mut StoredEnrollment,
    edit: &Edit,
) -> Result<Vec<Statement>, EnrollmentError> {
    let serial = stored.enrollment.serial.clone();
    let mut statements = Vec::new();
    if let Some(pin) = &edit.pin {
        let hash = hash_pin(app, pin, stored).await?;
        statements.push(enrollments::set_pin(&serial, hash.as_ref()));
    }
    if edit.address.is_some() || edit.is_address_dynamic.is_some() {
        statements.extend(move_to(app, stored, edit).await?);
    }
    if !statements.is_empty() {
        statements.push(enrollments::cancel_challenges(&serial));
    }
    if edit.max_failures.is_some() || edit.description.is_some() {
        let count = edit.max_failures.and_then(|count| u32::try_from(count).ok());
        stored.enrollment.max_failures = count.unwrap_or(stored.enrollment.max_failures);
        if let Some(description) = &edit.description {
            stored.description.clone_from(description);
        }
        statements.push(enrollments::set_limits(stored));
    }
    Ok(statements)
}

/// Where the mail goes from now on, and who is told of it.
async fn move_to(app: &App, stored: &mut StoredEnrollment, edit: &Edit) -> Result<Vec<Statement>, ManageError> {
    let place = |stored: &StoredEnrollment| (stored.enrollment.address.clone(), stored.enrollment.is_address_dynamic);
    let before = place(stored);
    redirect(stored, edit)?;
    let set = enrollments::set_address(&stored.enrollment);
    let owner = app.store.find_account_by_id(&stored.user_id).await?;
    let Some(owner) = owner.filter(|_| place(stored) != before) else {
        return Ok(vec![set]);
    };
    let mut statements = vec![notices::leave(&stored.enrollment.serial, app.now()), set];
    statements.extend(told(app, &owner, stored)?);
    Ok(statements)
}

/// The address to be is the one given, or the owner's, or the one that was there.
fn redirect(stored: &mut StoredEnrollment, edit: &Edit) -> Result<(), ManageError> {
    let enrollment = &mut stored.enrollment;
    enrollment.is_address_dynamic = edit.is_address_dynamic.unwrap_or(false);
    if enrollment.is_address_dynamic {
        enrollment.address = None;
    } else if edit.address.is_some() {
        enrollment.address.clone_from(&edit.address);
    }
    if enrollment.address.is_none() && !enrollment.is_address_dynamic {
        return Err(ManageError::Invalid(
            "an address that is not dynamic has to be given: pass 'email' too".to_owned(),
        ));
    }
    Ok(())
}
