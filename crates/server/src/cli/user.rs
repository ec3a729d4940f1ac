//! `otpost user …`

mod import;
mod remarks;

use clap::Subcommand;
use domain::address::MailAddress;
use domain::name::RealmName;
use domain::provider::FirstFactor;

use super::error::CliError;
use super::{Context, by, output, secret_input};
use crate::app::App;
use crate::manage::enrollments::{self, NewEnrollment, Targets};
use crate::manage::realms::{self, NewRealm};
use crate::manage::users::{self, NewUser, Owner, Wanted};
use crate::store::enrollments::StoredEnrollment;

/// Users and their enrollments.
#[derive(Subcommand)]
pub(super) enum User {
    /// Adds a user. The first one brings the resolver `local` and the realm `users` along.
    Add(Add),
    /// Enrolls a user: codes go to their address. If the first one of all has a password and gets no PIN, their realm
    /// asks for passwords from then on.
    Enroll(Enroll),
    /// Adds users from a CSV file with the columns name, email, `given_name`, surname.
    Import(import::Import),
    /// Lists users.
    List {
        /// Only those of this realm.
        #[arg(long)]
        realm: Option<String>,
    },
    /// Removes all enrollments of a user.
    Reset(Named),
    /// Forgets a user's wrong passwords, PINs and codes, and the failures of their enrollments.
    Unlock(Named),
}

/// What a new user is to be.
#[derive(clap::Args)]
pub(super) struct Add {
    /// The name.
    name: String,
    /// Mail address.
    #[arg(long, default_value = "")]
    email: String,
    /// Given name.
    #[arg(long, default_value = "")]
    given_name: String,
    /// Family name.
    #[arg(long, default_value = "")]
    surname: String,
    /// The resolver that will hold the user; the only one, if there is one.
    #[arg(long)]
    resolver: Option<String>,
    /// Read a password from standard input.
    #[arg(long)]
    password_stdin: bool,
}

/// Whom to enroll, and how.
#[derive(clap::Args)]
pub(super) struct Enroll {
    #[command(flatten)]
    user: Named,
    /// Where codes go; the user's own address, read at each sign-in, if not given.
    #[arg(long)]
    address: Option<String>,
    /// Read a PIN from standard input.
    #[arg(long)]
    pin_stdin: bool,
}

/// A user by name.
#[derive(clap::Args)]
pub(super) struct Named {
    /// The name, or name@realm.
    name: String,
    /// The realm; the default one, if not given.
    #[arg(long)]
    realm: Option<String>,
}

pub(super) async fn run(app: &App, context: &Context, verb: User) -> Result<(), CliError> {
    match verb {
        User::Add(add) => add_user(app, context, add).await,
        User::Enroll(enroll) => enroll_user(app, context, enroll).await,
        User::Import(import) => import::run(app, context, &import).await,
        User::List { realm } => list(app, context, realm).await,
        User::Reset(named) => {
            context.confirm(&format!("Remove all enrollments of {}?", named.name))?;
            let owner = find(app, &named).await?;
            let count = enrollments::remove(app, &by("user reset"), Targets::of(app, &owner).await?).await?;
            context.out.line(&format!("{count} enrollments removed"))
        }
        User::Unlock(named) => {
            let owner = find(app, &named).await?;
            let count = enrollments::reset(app, &by("user unlock"), Targets::of(app, &owner).await?).await?;
            context.out.line(&format!("{} unlocked, with {count} enrollments", owner.0.name))
        }
    }
}

async fn add_user(app: &App, context: &Context, add: Add) -> Result<(), CliError> {
    let password = if add.password_stdin { Some(secret_input::read_line("Password")?) } else { None };
    let new = NewUser {
        name: add.name.clone(),
        password,
        email: add.email,
        given_name: add.given_name,
        surname: add.surname,
        ..NewUser::default()
    };
    // Before a resolver is made for them.
    users::check(&new)?;
    let resolver = resolver_for(app, add.resolver).await?;
    let account = users::add(app, &by("user add"), NewUser { resolver, ..new }).await?;
    if account.password.is_some() && is_anybody_enrolled(app).await? {
        remarks::with_password(app, &users::realm_of(&app.settings(), &account.resolver));
    }
    context.out.line(&format!("user {} added", add.name))
}

async fn enroll_user(app: &App, context: &Context, enroll: Enroll) -> Result<(), CliError> {
    let owner = find(app, &enroll.user).await?;
    let pin = if enroll.pin_stdin { Some(secret_input::read_line("PIN")?) } else { None };
    let address = enroll.address.as_deref().map(MailAddress::parse).transpose();
    let address = address.map_err(|error| CliError::usage(format!("--address: {error}")))?;
    if address.is_none() && owner.0.email.is_empty() {
        return Err(CliError::usage(format!("{} has no mail address; say --address", enroll.user.name)));
    }
    check_new(app, &owner, address.as_ref()).await?;
    let has_pin = pin.as_ref().is_some_and(|pin| !pin.is_empty());
    if !has_pin {
        settle_first_factor(app, &owner).await?;
    }
    let new = NewEnrollment {
        owner: Some(owner.clone()),
        is_address_dynamic: address.is_none(),
        address,
        pin,
        ..NewEnrollment::default()
    };
    let serial = enrollments::enroll(app, &by("user enroll"), new).await?;
    remarks::enrolled(app, &owner, has_pin);
    context.out.value("serial", serial.as_str())
}

/// What the first enrollment of all says of its realm, where nothing is set: whoever has a password and gets no PIN
/// proves the password. Otherwise an empty one would do.
async fn settle_first_factor(app: &App, (account, realm): &Owner) -> Result<(), CliError> {
    let settings = app.settings();
    let name = RealmName::parse(realm).ok();
    let Some(realm) = name.as_ref().and_then(|name| settings.realm(Some(name))) else { return Ok(()) };
    let asks = settings.first_factor(Some(realm), &settings.default_provider());
    if account.password.is_none() || asks != FirstFactor::TokenPin || is_anybody_enrolled(app).await? {
        return Ok(());
    }
    let with_passwords = NewRealm {
        name: realm.name.as_str().to_owned(),
        resolvers: realm.resolvers.clone(),
        is_default: realm.is_default,
        first_factor: Some(FirstFactor::UserStore),
    };
    realms::save_realm(app, &by("user enroll"), with_passwords).await?;
    let (name, realm) = (&account.name, realm.name.as_str());
    output::complain(&format!("the realm {realm} asks for passwords now, because {name} has one and gets no PIN"));
    Ok(())
}

async fn is_anybody_enrolled(app: &App) -> Result<bool, CliError> {
    Ok(!app.store.list_enrollments("", 1).await?.is_empty())
}

/// Refuses a second enrollment that mails to where one mails already: a sign-in would send two codes.
async fn check_new(app: &App, (account, _): &Owner, address: Option<&MailAddress>) -> Result<(), CliError> {
    let held = app.store.list_enrollments_of(&account.id).await?;
    let mails_there = |stored: &StoredEnrollment| match address {
        Some(_) => stored.enrollment.address.as_ref() == address,
        None => stored.enrollment.is_address_dynamic,
    };
    let is_in_force = |stored: &StoredEnrollment| stored.enrollment.is_active && !stored.enrollment.is_revoked;
    match held.iter().find(|stored| is_in_force(stored) && mails_there(stored)) {
        None => Ok(()),
        Some(stored) => Err(CliError::conflict(format!(
            "{name} is enrolled there already, as {serial}; otpost user reset {name} removes what there is",
            name = account.name,
            serial = stored.enrollment.serial.as_str()
        ))),
    }
}

async fn list(app: &App, context: &Context, realm: Option<String>) -> Result<(), CliError> {
    if let Some(realm) = &realm {
        check_realm(app, realm)?;
    }
    let found = users::find(app, Wanted { realm, ..Wanted::default() }).await?;
    let mut rows = Vec::with_capacity(found.len());
    for user in found {
        let enrolled = app.store.list_enrollments_of(&user.account.id).await?.len();
        rows.push(vec![user.account.name, user.realm, user.account.email, enrolled.to_string()]);
    }
    context.out.table(&["name", "realm", "email", "enrollments"], &rows)
}

async fn find(app: &App, named: &Named) -> Result<Owner, CliError> {
    users::find_owner(app, &named.name, named.realm.as_deref())
        .await?
        .ok_or_else(|| CliError::not_found(format!("there is no user {}", named.name)))
}

/// Refuses a realm that is not there.
pub(super) fn check_realm(app: &App, realm: &str) -> Result<(), CliError> {
    let settings = app.settings();
    let is_there = RealmName::parse(realm).is_ok_and(|name| settings.realm(Some(&name)).is_some());
    if is_there { Ok(()) } else { Err(CliError::not_found(format!("there is no realm {realm}"))) }
}

/// The resolver to put users into. Where there is none yet, one is made, with a realm around it.
async fn resolver_for(app: &App, named: Option<String>) -> Result<String, CliError> {
    let settings = app.settings();
    match (named, settings.resolvers.as_slice()) {
        (Some(name), _) => Ok(name),
        (None, [only]) => Ok(only.name.clone()),
        (None, []) => {
            realms::save_resolver(app, &by("user add"), "local").await?;
            let realm = NewRealm {
                name: "users".to_owned(),
                resolvers: vec!["local".to_owned()],
                is_default: true,
                first_factor: None,
            };
            realms::save_realm(app, &by("user add"), realm).await?;
            output::complain("made the resolver local and the realm users, the default one");
            Ok("local".to_owned())
        }
        (None, _) => Err(CliError::usage("there are several resolvers; say which with --resolver")),
    }
}
