//! Administrators: adding, removing, new passwords, signing in.

pub mod accounts;
pub mod invitations;

use domain::budget::{ADMIN_SOURCE_BUDGET, Budget, PIN_BUDGET};
use domain::name::UserName;
use domain::random::NoRandomness;
use domain::secret::Secret;
use domain::subject::Subject;

use super::{About, By, ManageError, apply, event};
use crate::app::App;
use crate::auth::AuthError;
use crate::origin::Origin;
use crate::store::StoreError;
use crate::store::admin_sessions;
use crate::store::admins;
pub use crate::store::admins::Admin;
use crate::store::command::Event;

/// Adds an administrator who may everything.
pub async fn add(app: &App, by: &By, name: &str, password: &Secret) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    check_password(password)?;
    if app.store.find_admin(&name).await?.is_some() {
        return Err(ManageError::Taken(format!("there is an administrator named {} already", name.as_str())));
    }
    let hash = app.admin_hasher.hash(password, &owner(&name)).await?;
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    let admin = Admin::root(name, hash, &by.actor, app.now());
    apply(app, by, about, admins::insert(&admin).into()).await
}

/// Gives an administrator a new password; their sessions end.
pub async fn reset(app: &App, by: &By, name: &str, password: &Secret) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    check_password(password)?;
    let hash = app.admin_hasher.hash(password, &owner(&name)).await?;
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    let Some(mut admin) = app.store.find_admin(&name).await? else {
        return Err(unknown(&name));
    };
    admin.password = hash;
    admin.trace = admin.trace.changed(&by.actor, app.now());
    let statements = vec![admins::update(&admin), admin_sessions::end_sessions_of(&name)];
    apply(app, by, about, statements).await
}

/// Removes an administrator with their sessions; the last one who may everything stays.
pub async fn remove(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let name = parse_name(name)?;
    if app.store.find_admin(&name).await?.is_none() {
        return Err(unknown(&name));
    }
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    let removing = [admin_sessions::end_sessions_of(&name), admins::delete(&name)];
    let statements = [vec![admins::lock()], removing.into(), vec![admins::root_must_remain()]].concat();
    match apply(app, by, about, statements).await {
        Err(ManageError::NotFound(_)) if app.store.find_admin(&name).await?.is_some() => {
            Err(ManageError::Taken(accounts::LAST_ROOT.to_owned()))
        }
        done => done,
    }
}

/// What came of trying a password.
#[derive(Debug, Clone)]
pub(super) enum Tried {
    /// It is the password of this administrator.
    Right(Box<Admin>),
    /// It is not, or cannot be tried now.
    Wrong {
        /// There is an administrator of that name.
        is_known: bool,
        /// Too many were tried before, under this name or from there; none is compared for a while.
        is_spent: bool,
    },
}

/// Whether the password is that of this administrator, who may everything: whoever signs in here is
/// asked for no single right.
pub async fn sign_in(app: &App, origin: &Origin, name: &UserName, password: &Secret) -> Result<bool, AuthError> {
    let tried = match try_password(app, origin, name, password).await? {
        Tried::Right(admin) if !admin.is_acting_root() => Tried::Wrong { is_known: true, is_spent: false },
        tried => tried,
    };
    app.store.record(sign_in_line(app, origin, name, &tried, "")?).await?;
    Ok(matches!(tried, Tried::Right(_)))
}

/// Guesses are charged before they are compared, a stranger's too: to the name, and to the place they come from.
pub(super) async fn try_password(
    app: &App,
    origin: &Origin,
    name: &UserName,
    password: &Secret,
) -> Result<Tried, AuthError> {
    let purse = Purse::of(app, origin, name);
    let admin = app.store.find_admin(name).await?;
    if !purse.charge(app).await? {
        return Ok(Tried::Wrong { is_known: admin.is_some(), is_spent: true });
    }
    let stored = admin.as_ref().map(|admin| &admin.password);
    let compared = app.admin_hasher.matches_one(password, stored).await;
    match (admin, compared) {
        (Some(admin), Ok(true)) if admin.is_enabled => {
            purse.refund(app).await?;
            Ok(Tried::Right(Box::new(admin)))
        }
        (admin, Ok(_)) => Ok(Tried::Wrong { is_known: admin.is_some(), is_spent: false }),
        (_, Err(error)) => {
            // Nobody has said whether it was right, so it was no guess.
            purse.refund(app).await?;
            Err(error.into())
        }
    }
}

/// What a guess at the password of an administrator is charged to.
struct Purse([(Subject, Budget); 2]);

impl Purse {
    fn of(app: &App, origin: &Origin, name: &UserName) -> Self {
        let key = &app.keys.subject;
        let place = Subject::of_admin_source(key, origin.address);
        Self([(place, ADMIN_SOURCE_BUDGET), (Subject::of_admin(key, &name.canonical()), PIN_BUDGET)])
    }

    /// False when one is spent. The place pays first: where it is spent, the name pays nothing.
    async fn charge(&self, app: &App) -> Result<bool, StoreError> {
        for (subject, budget) in self.0 {
            if !app.store.charge_pin(subject, budget, app.now()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn refund(&self, app: &App) -> Result<(), StoreError> {
        for (subject, budget) in self.0 {
            app.store.refund_pin(subject, budget).await?;
        }
        Ok(())
    }
}

/// The audit line of such a try; `detail` says at which door. Every try has one, so that none shows
/// by its time whether the name is known. It says no stranger's name: often that is a password typed
/// into the wrong field.
pub(super) fn sign_in_line(
    app: &App,
    origin: &Origin,
    name: &UserName,
    tried: &Tried,
    detail: &str,
) -> Result<Event, NoRandomness> {
    let is_stranger = matches!(tried, Tried::Wrong { is_known: false, .. });
    let by = By {
        actor: if is_stranger { String::new() } else { name.as_str().to_owned() },
        action: "sign-in of an administrator".to_owned(),
        address: origin.place(),
        request_id: origin.request_id.clone(),
    };
    let about = About { detail: detail.to_owned(), ..About::default() };
    event(app, &by, about, if matches!(tried, Tried::Right(_)) { "ok" } else { "fail" })
}

fn unknown(name: &UserName) -> ManageError {
    ManageError::NotFound(format!("there is no administrator named {}", name.as_str()))
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
