//! Use cases: users that are kept here. Adding, changing, removing, finding.

mod find;

pub use find::{Found, Owner, Wanted, find, find_owner, realm_of};

use domain::address::MailAddress;
use domain::enrollment::PinHash;
use domain::name::UserName;
use domain::random;
use domain::secret::Secret;
use domain::subject::Subject;

use super::enrollments::told;
use super::realms::LOCAL;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::store::accounts::{self, Account};
use crate::store::sql::Statement;
use crate::store::{audit, challenges, enrollments, notices};

/// What a new user is to be.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// The resolver that will hold it.
    pub resolver: String,
    /// The name, unique in the resolver whatever its spelling.
    pub name: String,
    /// The password, if it has one here.
    pub password: Option<Secret>,
    /// One mail address, or empty.
    pub email: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Telephone.
    pub phone: String,
    /// Mobile telephone.
    pub mobile: String,
    /// Anything worth noting.
    pub description: String,
}

/// What is to be changed about a user; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A new password.
    pub password: Option<Secret>,
    /// One mail address, or empty.
    pub email: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub surname: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// Anything worth noting.
    pub description: Option<String>,
}

/// Refuses what nobody can be, wherever they are added.
pub fn check(new: &NewUser) -> Result<(), ManageError> {
    parse_name(&new.name)?;
    new.password.as_ref().map_or(Ok(()), check_password)?;
    let NewUser { given_name, surname, phone, mobile, description, .. } = new;
    check_profile(new.email.trim(), [given_name, surname, phone, mobile, description])
}

/// Adds a user to a local resolver.
pub async fn add(app: &App, by: &By, new: NewUser) -> Result<Account, ManageError> {
    check(&new)?;
    let name = parse_name(&new.name)?;
    check_resolver(app, &new.resolver)?;
    if app.store.find_account(&new.resolver, &name.canonical()).await?.is_some() {
        return Err(ManageError::Taken(format!("the resolver {} has a user of that name already", new.resolver)));
    }
    let id = format!("{:032x}", u128::from_be_bytes(random::bytes(&*app.random)?));
    let mut account = Account {
        resolver: new.resolver,
        name: name.as_str().to_owned(),
        name_key: name.canonical(),
        given_name: new.given_name,
        surname: new.surname,
        email: new.email.trim().to_owned(),
        phone: new.phone,
        mobile: new.mobile,
        description: new.description,
        password: None,
        provider_id: None,
        created_at: app.now(),
        id,
    };
    if let Some(password) = &new.password {
        account.password = Some(hash(app, password, &account.id).await?);
    }
    apply(app, by, about(&account), vec![accounts::insert(&account)]).await?;
    Ok(account)
}

/// Changes a user. With a new address or password, codes that are on their way are good for nothing.
pub async fn update(
    app: &App,
    by: &By,
    resolver: &str,
    name: &str,
    change: UserChange,
) -> Result<Account, ManageError> {
    let before = find_in(app, resolver, name).await?;
    let mut account = before.clone();
    let fields = [
        (&mut account.email, change.email.map(|email| email.trim().to_owned())),
        (&mut account.given_name, change.given_name),
        (&mut account.surname, change.surname),
        (&mut account.phone, change.phone),
        (&mut account.mobile, change.mobile),
        (&mut account.description, change.description),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            *field = value;
        }
    }
    let Account { given_name, surname, phone, mobile, description, .. } = &account;
    check_profile(&account.email, [given_name, surname, phone, mobile, description])?;
    let mut statements = vec![accounts::set_profile(&account)];
    if account.email != before.email {
        statements = move_listed(app, &account, statements).await?;
    }
    if let Some(password) = &change.password {
        let password = hash(app, password, &account.id).await?;
        statements.push(accounts::set_password(&account.id, &password));
        account.password = Some(password);
    }
    if account.email != before.email || change.password.is_some() {
        statements.push(cancel_challenges(app, &account));
    }
    apply(app, by, about(&account), statements).await?;
    Ok(account)
}

/// Around a change of the address in somebody's record: who is told of it, if their codes go there.
async fn move_listed(app: &App, account: &Account, change: Vec<Statement>) -> Result<Vec<Statement>, ManageError> {
    let held = app.store.list_enrollments_of(&account.id).await?;
    let Some(listed) = held.iter().find(|stored| stored.enrollment.is_address_dynamic) else {
        return Ok(change);
    };
    let mut statements = vec![notices::leave_listed(&account.id, app.now())];
    statements.extend(change);
    statements.extend(told(app, account, listed)?);
    Ok(statements)
}

/// Removes a user. Their enrollments stay, switched off and without an owner.
pub async fn remove(app: &App, by: &By, resolver: &str, name: &str) -> Result<(), ManageError> {
    let account = find_in(app, resolver, name).await?;
    let serials: Vec<_> = app.store.list_enrollments_of(&account.id).await?;
    let serials: Vec<_> = serials.into_iter().map(|stored| stored.enrollment.serial).collect();
    let mut statements: Vec<_> = serials.iter().map(enrollments::cancel_challenges).collect();
    statements.push(cancel_challenges(app, &account));
    statements.push(enrollments::release_all(&account.id));
    statements.push(notices::forget(&account.id));
    statements.push(accounts::delete(&account.id));
    apply(app, by, About { serials: audit::join(&serials), ..about(&account) }, statements).await
}

async fn find_in(app: &App, resolver: &str, name: &str) -> Result<Account, ManageError> {
    let name = parse_name(name)?;
    check_resolver(app, resolver)?;
    let found = app.store.find_account(resolver, &name.canonical()).await?;
    found.ok_or_else(|| ManageError::NotFound(format!("the resolver {resolver} has no user of that name")))
}

fn cancel_challenges(app: &App, account: &Account) -> Statement {
    challenges::cancel_of(Subject::of_user(&app.keys.subject, &account.id))
}

fn about(account: &Account) -> About {
    let detail = format!("resolver {}", account.resolver);
    About { user_name: account.name.clone(), detail, ..About::default() }
}

fn parse_name(name: &str) -> Result<UserName, ManageError> {
    UserName::parse(name).map_err(|error| ManageError::Invalid(format!("the name of a user: {error}")))
}

fn check_resolver(app: &App, name: &str) -> Result<(), ManageError> {
    let settings = app.settings();
    let local = || settings.resolvers.iter().filter(|resolver| resolver.kind == LOCAL);
    if local().any(|resolver| resolver.name == name) {
        return Ok(());
    }
    let names: Vec<_> = local().map(|resolver| resolver.name.as_str()).collect();
    let reason =
        format!("there is no resolver of that name whose users are kept here; there are: {}", names.join(", "));
    Err(ManageError::Invalid(reason))
}

/// The texts stand in the order of [`PROFILE`].
fn check_profile(email: &str, texts: [&String; PROFILE.len()]) -> Result<(), ManageError> {
    if !email.is_empty() {
        MailAddress::parse(email).map_err(|error| ManageError::Invalid(format!("the mail address: {error}")))?;
    }
    PROFILE.into_iter().zip(texts).try_for_each(|(what, text)| check_text(what, text))
}

/// A short text on one line.
pub fn check_text(what: &str, text: &str) -> Result<(), ManageError> {
    if text.len() > MOST_TEXT_OCTETS {
        return Err(ManageError::Invalid(format!(
            "the {what} has at most {MOST_TEXT_OCTETS} octets, got {}",
            text.len()
        )));
    }
    if text.chars().any(domain::text::is_unprintable) {
        return Err(ManageError::Invalid(format!("the {what} must not contain line breaks or control characters")));
    }
    Ok(())
}

fn check_password(password: &Secret) -> Result<(), ManageError> {
    let length = password.expose().len();
    if (1..=MOST_PASSWORD_OCTETS).contains(&length) {
        return Ok(());
    }
    Err(ManageError::Invalid(format!("a password has 1 to {MOST_PASSWORD_OCTETS} bytes, got {length}")))
}

async fn hash(app: &App, password: &Secret, id: &str) -> Result<PinHash, ManageError> {
    check_password(password)?;
    Ok(app.hasher.hash(password, id).await?)
}

const PROFILE: [&str; 5] = ["given name", "surname", "phone", "mobile", "description"];
const MOST_PASSWORD_OCTETS: usize = 128;
const MOST_TEXT_OCTETS: usize = 255;
