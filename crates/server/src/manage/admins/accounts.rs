//! Accounts of administrators as programs manage them: with levels, rights and a switch. Somebody who can
//! sign in and may everything always remains, whoever else changes what at the same time.

use domain::address::MailAddress;
use domain::admin::{Custom, Level, Power, Rights};
use domain::enrollment::PinHash;
use domain::secret::Secret;

use super::{Admin, check_password, owner, parse_name};
use crate::app::App;
use crate::manage::difference::Difference;
use crate::manage::{About, By, ManageError, apply};
use crate::store::admins::{self, Trace};
use crate::store::{Statement, admin_sessions};

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name, under which to sign in.
    pub name: String,
    /// The password, 8 to 128 characters.
    pub password: Secret,
    /// The rest.
    pub rest: AccountUpdate,
}

/// What is to change; what is absent stays, or gets its usual value.
#[derive(Debug, Clone, Default)]
pub struct AccountUpdate {
    /// Whether signing in is possible; usually yes.
    pub is_enabled: Option<bool>,
    /// The level; usually power, which without further rights may nothing.
    pub level: Option<Level>,
    /// The mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub mobile: Option<String>,
    /// Whether the administrator wants to be told of events.
    pub is_notified: Option<bool>,
    /// A new password, which ends the account's sessions.
    pub password: Option<Secret>,
}

/// The account of that number.
pub async fn find(app: &App, id: i64) -> Result<Admin, ManageError> {
    let found = app.store.find_admin_by_id(id).await?;
    found.ok_or_else(|| ManageError::NotFound(format!("there is no administrator with id {id}")))
}

/// All accounts, in order of name.
pub async fn list(app: &App) -> Result<Vec<Admin>, ManageError> {
    Ok(app.store.list_admins().await?)
}

/// Adds an account; the answer has its number.
pub async fn create(app: &App, by: &By, new: NewAccount) -> Result<Admin, ManageError> {
    let name = parse_name(&new.name)?;
    check_password(&new.password)?;
    if let Some(there) = app.store.find_admin(&name).await? {
        return Err(taken(&there));
    }
    let hash = app.admin_hasher.hash(&new.password, &owner(&name)).await?;
    let mut admin = Admin::root(name, hash, &by.actor, app.now());
    admin.rights = Rights::default();
    let mut empty = admin.clone();
    empty.is_enabled = false;
    new.rest.write_into(&mut admin);
    let detail = format!("added {}", difference(&empty, &admin));
    let about = About { user_name: admin.name.as_str().to_owned(), detail, ..About::default() };
    let added = apply(app, by, about, admins::insert(&admin).into()).await;
    let there = app.store.find_admin(&admin.name).await?;
    match (added, there) {
        (Ok(()), Some(admin)) => Ok(admin),
        (Ok(()), None) => Err(ManageError::NotFound("the account was removed at once by somebody else".to_owned())),
        // Somebody else took the name in the same moment.
        (Err(ManageError::Taken(_)), Some(there)) => Err(taken(&there)),
        (Err(error), _) => Err(error),
    }
}

/// Changes an account.
pub async fn change(app: &App, by: &By, id: i64, update: &AccountUpdate) -> Result<(), ManageError> {
    let hash = match &update.password {
        Some(password) => {
            check_password(password)?;
            Some(app.admin_hasher.hash(password, &owner(&find(app, id).await?.name)).await?)
        }
        None => None,
    };
    rewrite(app, by, id, |admin| {
        update.write_into(admin);
        set_password(admin, hash.as_ref());
    })
    .await
}

/// Says what an account may as a power administrator.
pub async fn set_power(app: &App, by: &By, id: i64, edit: impl Fn(&mut Power)) -> Result<(), ManageError> {
    rewrite(app, by, id, |admin| edit(&mut admin.rights.power)).await
}

/// Grants something to an account as a custom administrator, in place of what was granted for the same
/// kind on the same site; or takes it away.
pub async fn grant(app: &App, by: &By, id: i64, grant: &Grant) -> Result<(), ManageError> {
    rewrite(app, by, id, |admin| {
        let custom = &mut admin.rights.custom;
        custom.retain(|one| (one.site, one.kind) != (grant.custom.site, grant.custom.kind));
        custom.extend(grant.is_given.then(|| grant.custom.clone()));
        custom.sort_by_key(|one| (one.site, format!("{:?}", one.kind)));
    })
    .await
}

/// A grant to give or to take.
#[derive(Debug, Clone)]
pub struct Grant {
    /// About what.
    pub custom: Custom,
    /// Whether it is given.
    pub is_given: bool,
}

/// Removes an account with its sessions.
pub async fn remove(app: &App, by: &By, id: i64) -> Result<(), ManageError> {
    let admin = find(app, id).await?;
    super::remove(app, by, admin.name.as_str()).await
}

/// Reads, changes and writes an account; once more when somebody else wrote in between, so that two who
/// change different things both succeed.
async fn rewrite(app: &App, by: &By, id: i64, edit: impl Fn(&mut Admin)) -> Result<(), ManageError> {
    for _ in 0..ATTEMPTS {
        let before = find(app, id).await?;
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            return Ok(());
        }
        after.trace = Trace::changed(&before.trace, &by.actor, app.now());
        let user_name = after.name.as_str().to_owned();
        let about = About { user_name, detail: difference(&before, &after), ..About::default() };
        match apply(app, by, about, writing(&before, &after)).await {
            Err(ManageError::NotFound(_)) => {}
            done => return done,
        }
        if find(app, id).await?.trace.version == before.trace.version {
            return Err(ManageError::Taken(LAST_ROOT.to_owned()));
        }
    }
    Err(ManageError::Taken(format!("somebody else keeps changing administrator {id}; try again")))
}

fn writing(before: &Admin, after: &Admin) -> Vec<Statement> {
    let mut statements = vec![admins::lock(), admins::update(after)];
    if before.password != after.password || !after.is_enabled {
        statements.push(admin_sessions::end_sessions_of(&after.name));
    }
    statements.push(admins::root_must_remain());
    statements
}

impl AccountUpdate {
    /// Everything but the password, which has to be hashed first.
    fn write_into(&self, admin: &mut Admin) {
        admin.is_enabled = self.is_enabled.unwrap_or(admin.is_enabled);
        admin.rights.level = self.level.unwrap_or(admin.rights.level);
        admin.is_notified = self.is_notified.unwrap_or(admin.is_notified);
        for (given, kept) in [(&self.email, &mut admin.email), (&self.mobile, &mut admin.mobile)] {
            if let Some(given) = given {
                given.clone_into(kept);
            }
        }
    }
}

fn set_password(admin: &mut Admin, hash: Option<&PinHash>) {
    if let Some(hash) = hash {
        admin.password = hash.clone();
    }
}

fn difference(before: &Admin, after: &Admin) -> String {
    let masked = |admin: &Admin| MailAddress::parse(&admin.email).map(|email| email.masked()).unwrap_or_default();
    let power = |admin: &Admin| format!("{:?}", admin.rights.power);
    let custom = |admin: &Admin| format!("{:?}", admin.rights.custom);
    let level = |admin: &Admin| admin.rights.level.as_str();
    Difference::default()
        .value("enabled", &before.is_enabled, &after.is_enabled)
        .value("level", &level(before), &level(after))
        .value("notify", &before.is_notified, &after.is_notified)
        .value("email", &masked(before), &masked(after))
        .masked("mobile", &before.mobile, &after.mobile)
        .masked("password", &before.password, &after.password)
        .ours("power", &power(before), &power(after))
        .ours("custom", &custom(before), &custom(after))
        .of("administrator")
}

fn taken(there: &Admin) -> ManageError {
    ManageError::Taken(format!("an administrator named '{}' exists (id {})", there.name.as_str(), there.id))
}

/// What the last one who can sign in and may everything must stay.
pub(super) const LAST_ROOT: &str = "the last enabled root administrator cannot be removed, disabled or demoted: \
    make another one first";
/// Several who write at the same instant; more of them is a loop somewhere.
const ATTEMPTS: usize = 5;
