//! Administrators: adding, removing, new passwords, signing in.

use domain::budget::PIN_BUDGET;
use domain::challenge::Subject;
use domain::name::UserName;
use domain::secret::Secret;

use super::{About, By, ManageError, apply, event};
use crate::app::App;
use crate::auth::AuthError;
use crate::origin::Origin;
use crate::store::admins::{self, Admin};

/// Adds an administrator.
pub async fn add(app: &App, by: &By, name: &str, password: &Secret) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    check_password(password)?;
    if app.store.find_admin(&name).await?.is_some() {
        return Err(ManageError::Taken(format!("there is an administrator named {} already", name.as_str())));
    }
    let hash = app.admin_hasher.hash(password, &owner(&name)).await?;
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    let admin = Admin { name, password: hash, created_at: app.now() };
    apply(app, by, about, vec![admins::insert(&admin)]).await
}

/// Gives an administrator a new password.
pub async fn reset(app: &App, by: &By, name: &str, password: &Secret) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    check_password(password)?;
    let hash = app.admin_hasher.hash(password, &owner(&name)).await?;
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    apply(app, by, about, vec![admins::set_password(&name, &hash)]).await
}

/// Removes an administrator; the last one stays.
pub async fn remove(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    if app.store.list_admins().await?.len() == 1 && app.store.find_admin(&name).await?.is_some() {
        return Err(ManageError::Invalid("the last administrator cannot be removed".to_owned()));
    }
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    apply(app, by, about, vec![admins::delete(&name)]).await
}

/// Whether the password is this administrator's. Guesses are charged before they are compared, a
/// stranger's too. The audit trail has every outcome for an administrator there is; a stranger's
/// name is often a password typed into the wrong field.
pub async fn sign_in(app: &App, origin: &Origin, name: &UserName, password: &Secret) -> Result<bool, AuthError> {
    let subject = Subject::of_unknown(&app.keys.subject, "administrators", &name.canonical());
    let admin = app.store.find_admin(name).await?;
    let is_charged = app.store.charge_pin(subject, PIN_BUDGET, app.now()).await?;
    let stored = admin.as_ref().map(|admin| &admin.password);
    let is_right = is_charged && app.admin_hasher.matches_one(password, stored).await?;
    if is_right {
        app.store.refund_pin(subject, PIN_BUDGET).await?;
    }
    if admin.is_some() {
        let by = By {
            actor: name.as_str().to_owned(),
            action: "sign-in of an administrator".to_owned(),
            address: origin.address.to_string(),
            request_id: origin.request_id.clone(),
        };
        app.store.record(event(app, &by, About::default(), if is_right { "ok" } else { "fail" })?).await?;
    }
    Ok(is_right)
}

fn parse_name(name: &str) -> Result<UserName, ManageError> {
    UserName::parse(name).map_err(|error| ManageError::Invalid(format!("the name of an administrator: {error}")))
}

fn check_password(password: &Secret) -> Result<(), ManageError> {
    let length = password.expose().chars().count();
    if (LEAST_LENGTH..=MOST_LENGTH).contains(&length) {
        return Ok(());
    }
    let limits = format!("a password of an administrator has {LEAST_LENGTH} to {MOST_LENGTH} characters, got {length}");
    Err(ManageError::Invalid(limits))
}

fn owner(name: &UserName) -> String {
    format!("admin {}", name.canonical())
}

const LEAST_LENGTH: usize = 8;
const MOST_LENGTH: usize = 128;
