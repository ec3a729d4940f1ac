//! Whose an enrollment is, and in which realm.

use domain::name::RealmName;
use domain::secret::Secret;

use super::info::{self, ASSIGNMENT_DATE};
use super::switch::change;
use super::{EnrollmentError, Targets, check_pin, hash_pin, told};
use crate::app::App;
use crate::manage::users::Owner;
use crate::manage::{By, ManageError, apply};
use crate::store::enrollments::{self, StoredEnrollment};
use crate::store::notices;

/// Gives enrollments that are nobody's to a user, with another PIN if one is given. A PIN that
/// stays keeps its stored form.
pub async fn assign(
    app: &App,
    by: &By,
    mut targets: Targets,
    owner: &Owner,
    pin: Option<Secret>,
) -> Result<(), EnrollmentError> {
    pin.as_ref().map_or(Ok(()), check_pin)?;
    targets.check_unlocked()?;
    check_unassigned(app, &targets).await?;
    let mut statements = owner.0.hold();
    for stored in &mut targets.0 {
        let read = std::mem::replace(&mut stored.user_id, owner.0.id.clone());
        stored.realm.clone_from(&owner.1);
        stored.info = info::with(&stored.info, ASSIGNMENT_DATE, &info::date(app.now()));
        statements.push(enrollments::set_owner(stored, &read));
        if let Some(pin) = &pin {
            let hash = hash_pin(app, pin, stored).await?;
            statements.push(enrollments::set_pin(&stored.enrollment.serial, hash.as_ref()));
        }
        statements.push(enrollments::cancel_challenges(&stored.enrollment.serial));
        statements.extend(told(app, &owner.0, stored).map_err(ManageError::from)?);
    }
    change(app, by, &targets, statements).await?;
    Ok(())
}

/// Takes enrollments away from their owner; answers how many had one.
pub async fn unassign(app: &App, by: &By, targets: Targets) -> Result<usize, ManageError> {
    let targets = targets.keep(|stored| !stored.user_id.is_empty());
    let statements = targets.0.iter().flat_map(|stored| {
        let info = info::without(&stored.info, ASSIGNMENT_DATE);
        let nobodys = StoredEnrollment { user_id: String::new(), info, ..stored.clone() };
        let serial = &stored.enrollment.serial;
        let leave = notices::leave(serial, app.now());
        [leave, enrollments::set_owner(&nobodys, &stored.user_id), enrollments::cancel_challenges(serial)]
    });
    change(app, by, &targets, statements.collect()).await
}

/// Puts an enrollment into a realm. One that has an owner goes only where the owner is.
pub async fn set_realm(app: &App, by: &By, mut targets: Targets, realms: &[&str]) -> Result<(), EnrollmentError> {
    targets.check_unlocked()?;
    let [name] = realms else {
        return Err(ManageError::Invalid("an enrollment is in one realm: name exactly one".to_owned()).into());
    };
    let settings = app.settings();
    let realm = RealmName::parse(name).ok().and_then(|name| settings.realm(Some(&name)).cloned());
    let realm = realm.ok_or_else(|| ManageError::Invalid("there is no realm of that name".to_owned()))?;
    let mut statements = Vec::new();
    for stored in &mut targets.0 {
        let account = app.store.find_account_by_id(&stored.user_id).await?;
        if account.is_some_and(|account| !realm.resolvers.contains(&account.resolver)) {
            return Err(ManageError::Invalid("the owner of this enrollment is not in that realm".to_owned()).into());
        }
        realm.name.as_str().clone_into(&mut stored.realm);
        statements.push(enrollments::set_owner(stored, &stored.user_id));
    }
    apply(app, by, targets.about(app, "").await?, statements).await?;
    Ok(())
}

async fn check_unassigned(app: &App, targets: &Targets) -> Result<(), EnrollmentError> {
    let Some(taken) = targets.0.iter().find(|stored| !stored.user_id.is_empty()) else {
        return Ok(());
    };
    let owner = app.store.find_account_by_id(&taken.user_id).await?.map(|account| account.name).unwrap_or_default();
    Err(EnrollmentError::Assigned(format!("<{owner}@{}>", taken.realm)))
}
