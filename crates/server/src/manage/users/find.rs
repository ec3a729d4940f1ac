//! Finding users: one by the name somebody typed, many by patterns.

use domain::name::{Login, RealmName, UserName};

use super::ManageError;
use crate::app::App;
use crate::directory::{Directory, Freshness, Said};
use crate::manage::enrollments::pattern;
use crate::settings::Settings;
use crate::store::accounts::Account;
use crate::store::{self, Store, StoreError};

/// A user in a realm.
pub type Owner = (Account, String);

/// Which users are wanted. Values may hold `*`; letter case does not matter; what is absent admits all.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only those of this realm; a realm that does not exist has none.
    pub realm: Option<String>,
    /// Only those of this resolver.
    pub resolver: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The identifier.
    pub id: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub surname: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// Note.
    pub description: Option<String>,
}

/// A user that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The user.
    pub account: Account,
    /// The realm asked for, or the first one that has this user.
    pub realm: String,
}

/// The user that somebody typed: `name`, `name@realm` or `realm\name`, with the realm beside it or
/// the default one.
pub async fn find_owner(app: &App, typed: &str, realm: Option<&str>) -> Result<Option<Owner>, ManageError> {
    let settings = app.settings();
    let exists = |realm: &RealmName| settings.splits_at_sign() && settings.realm(Some(realm)).is_some();
    let (Ok(login), Ok(given)) = (Login::parse(typed, exists), realm.map(RealmName::parse).transpose()) else {
        return Ok(None);
    };
    let Some(realm) = settings.realm(login.realm.or(given).as_ref()) else {
        return Ok(None);
    };
    for resolver in &realm.resolvers {
        if let Some(directory) = app.directories.find(&settings, &app.keys, resolver)? {
            let listed = match directory.find(&login.user, Freshness::Now, app.now()).await? {
                Said::Nobody => continue,
                Said::Somebody(listed) => listed,
                Said::Unclear => return Ok(None),
            };
            return Ok(Some((listed.account(resolver, app.now()), realm.name.as_str().to_owned())));
        }
        if let Some(account) = app.store.find_account(resolver, &login.user.canonical()).await? {
            return Ok(Some((account, realm.name.as_str().to_owned())));
        }
    }
    Ok(None)
}

/// Users that fit, by resolver and name. An exact name is looked up; a pattern reads everything,
/// away from the threads that answer requests.
pub async fn find(app: &App, wanted: Wanted) -> Result<Vec<Found>, ManageError> {
    let app = app.clone();
    store::apart(async move { Ok(search(&app, &wanted).await) }).await?
}

async fn search(app: &App, wanted: &Wanted) -> Result<Vec<Found>, ManageError> {
    let (store, settings, mut found) = (&app.store, app.settings(), Vec::new());
    for (resolver, realm) in places(&settings, wanted) {
        let exact = wanted.name.as_deref().filter(|name| !name.contains('*'));
        let accounts = match (app.directories.find(&settings, &app.keys, &resolver)?, exact) {
            (Some(directory), Some(name)) => in_directory(app, (&directory, &resolver), name).await?,
            (Some(directory), None) if wanted.realm.is_some() => {
                let pattern = wanted.name.as_deref().unwrap_or("*");
                let listed = directory.list(pattern, MOST_LISTED, app.now()).await?;
                listed.people.iter().map(|one| one.account(&resolver, app.now())).collect()
            }
            (None, Some(name)) => exact_name(store, &resolver, name).await?,
            // Of a directory's people those are kept to whom something belongs.
            (_, None) => fitting(store, &resolver, wanted).await?,
        };
        let fitting = accounts.into_iter().filter(|account| fits(wanted, account));
        found.extend(fitting.map(|account| Found { account, realm: realm.clone() }));
    }
    Ok(found)
}

/// Resolvers to look into, each with the realm its users are shown in.
fn places(settings: &Settings, wanted: &Wanted) -> Vec<(String, String)> {
    let admits = |resolver: &str| wanted.resolver.as_deref().is_none_or(|pattern| pattern::fits(pattern, resolver));
    let Some(realm) = &wanted.realm else {
        let all = settings.resolvers.iter().filter(|resolver| admits(&resolver.name));
        return all.map(|resolver| (resolver.name.clone(), realm_of(settings, &resolver.name))).collect();
    };
    let realm = RealmName::parse(realm).ok();
    let Some(realm) = realm.and_then(|name| settings.realm(Some(&name))) else {
        return Vec::new();
    };
    let resolvers = realm.resolvers.iter().filter(|resolver| admits(resolver));
    resolvers.map(|resolver| (resolver.clone(), realm.name.as_str().to_owned())).collect()
}

/// The realm in which users of a resolver are shown: the default one if it has them, else the first.
pub fn realm_of(settings: &Settings, resolver: &str) -> String {
    let holds = |members: &[String]| members.iter().any(|member| member == resolver);
    let default = settings.default_realm().filter(|realm| holds(&realm.resolvers));
    let realm = default.or_else(|| settings.realms.iter().find(|realm| holds(&realm.resolvers)));
    realm.map_or_else(String::new, |realm| realm.name.as_str().to_owned())
}

async fn in_directory(
    app: &App,
    (directory, resolver): (&Directory, &str),
    name: &str,
) -> Result<Vec<Account>, ManageError> {
    let Ok(name) = UserName::parse(name) else {
        return Ok(Vec::new());
    };
    let said = directory.find(&name, Freshness::Now, app.now()).await?;
    Ok(said.listed().into_iter().map(|one| one.account(resolver, app.now())).collect())
}

async fn exact_name(store: &Store, resolver: &str, name: &str) -> Result<Vec<Account>, StoreError> {
    let Ok(name) = UserName::parse(name) else {
        return Ok(Vec::new());
    };
    Ok(store.find_account(resolver, &name.canonical()).await?.into_iter().collect())
}

async fn fitting(store: &Store, resolver: &str, wanted: &Wanted) -> Result<Vec<Account>, StoreError> {
    let (mut kept, mut after) = (Vec::new(), String::new());
    loop {
        let batch = store.list_accounts(resolver, &after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(kept) };
        after.clone_from(&last.name_key);
        kept.extend(batch.into_iter().filter(|account| fits_name(wanted, account) && fits(wanted, account)));
    }
}

fn fits_name(wanted: &Wanted, account: &Account) -> bool {
    wanted.name.as_deref().is_none_or(|pattern| pattern::fits(pattern, &account.name))
}

fn fits(wanted: &Wanted, account: &Account) -> bool {
    let pairs = [
        (&wanted.id, &account.id),
        (&wanted.email, &account.email),
        (&wanted.given_name, &account.given_name),
        (&wanted.surname, &account.surname),
        (&wanted.phone, &account.phone),
        (&wanted.mobile, &account.mobile),
        (&wanted.description, &account.description),
    ];
    pairs.into_iter().all(|(pattern, text)| pattern.as_deref().is_none_or(|pattern| pattern::fits(pattern, text)))
}

/// People of a directory that one call lists.
const MOST_LISTED: u32 = 1_000;
/// Rows read at a time.
const BATCH: usize = 500;
