//! Use cases: providers. Adding, changing, copying, removing, and which provider serves whom.
//!
//! A change names the row it read. When somebody else was faster it is made again on what is there
//! now, so that neither is lost.

mod fields;

use domain::provider::{Fault, Provider, ProviderDraft};

use super::difference::Difference;
use super::wording::shown;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::settings::Settings;
use crate::store::accounts::{self, Account};
use crate::store::providers;
pub use crate::store::providers::StoredProvider;
use crate::store::sql::Statement;

/// Why a provider was not made or changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Settings outside their ranges, all of them.
    #[error("{} settings are not valid", .0.len())]
    Faults(Vec<Fault>),
    /// Anything else.
    #[error(transparent)]
    Manage(#[from] ManageError),
}

/// The providers of a site, in order of their number.
pub async fn list(app: &App, site_id: i64) -> Result<Vec<StoredProvider>, ManageError> {
    let mut all = app.store.list_providers().await?;
    all.retain(|stored| stored.provider.site_id == site_id);
    Ok(all)
}

/// The provider of that number.
pub async fn find(app: &App, id: i64) -> Result<StoredProvider, ManageError> {
    let found = app.store.find_provider(id).await?;
    found.ok_or_else(|| ManageError::NotFound(format!("no MFA provider with id {id}")))
}

/// Adds a provider to a site.
pub async fn create(app: &App, by: &By, site_id: i64, draft: ProviderDraft) -> Result<StoredProvider, ProviderError> {
    let provider = draft.create(site_id, app.now()).map_err(ProviderError::Faults)?;
    let set = Difference::between(&fields::of(&Provider::blank(site_id)), &fields::of(&provider));
    let detail = set.of(&format!("provider {}", named(&provider)));
    Ok(insert(app, by, provider, detail).await?)
}

/// Changes a provider. What the draft leaves out stays.
pub async fn update(app: &App, by: &By, id: i64, draft: ProviderDraft) -> Result<StoredProvider, ProviderError> {
    edit(app, by, id, |provider| draft.clone().update(provider).map_err(ProviderError::Faults)).await
}

/// Changes a provider by a rule of one's own, which may be asked more than once.
pub async fn edit<E: From<ManageError>>(
    app: &App,
    by: &By,
    id: i64,
    change: impl Fn(Provider) -> Result<Provider, E>,
) -> Result<StoredProvider, E> {
    for _ in 0..ATTEMPTS {
        let before = find(app, id).await?;
        let after = change(before.provider.clone())?;
        let after = after.checked().map_err(|error| ManageError::Invalid(error.to_string()))?;
        if after == before.provider {
            return Ok(before);
        }
        match write(app, by, &before, after).await {
            Err(ManageError::Stale) => {}
            done => return Ok(done?),
        }
    }
    Err(ManageError::Stale.into())
}

/// Copies a provider with its criteria: switched off, under a name of its own, with nobody enrolled.
pub async fn duplicate(app: &App, by: &By, id: i64) -> Result<StoredProvider, ManageError> {
    let original = find(app, id).await?.provider;
    let mut number = 2;
    loop {
        let copy = Provider { id: 0, name: original.name.copied(number), is_enabled: false, ..original.clone() };
        let detail = format!("provider {} copied from id {id}", named(&copy));
        if app.store.find_provider_named(copy.site_id, &copy.name).await?.is_none() {
            match insert(app, by, copy, detail).await {
                Err(ManageError::Taken(_)) if number < MOST_COPIES => {}
                done => return done,
            }
        }
        number += 1;
    }
}

/// Removes a provider that nothing uses, with its enrollments; codes on their way are good for nothing.
pub async fn delete(app: &App, by: &By, id: i64) -> Result<(), ManageError> {
    let provider = find(app, id).await?.provider;
    let name = named(&provider);
    if id == Provider::STANDARD {
        let reason = format!("the provider {name} serves everybody who has no other: switch it off instead");
        return Err(ManageError::Taken(reason));
    }
    let hanging = app.store.count_provider_use(id).await?;
    if hanging.accounts > 0 {
        let reason = format!("the provider {name} is to serve {} users: give them another one first", hanging.accounts);
        return Err(ManageError::Taken(reason));
    }
    let (enrollments, challenges) = (hanging.enrollments, hanging.challenges);
    let detail = format!("provider {name}: {enrollments} enrollments removed, {challenges} open challenges ended");
    match apply(app, by, about(detail), Vec::from(providers::delete(id, app.now()))).await {
        Err(ManageError::Taken(_)) => {
            let reason = format!("the provider {name} is in use: choose another one where it is selected, in a theme");
            Err(ManageError::Taken(reason))
        }
        done => done,
    }
}

/// Has a user served by that provider, or by the default one, until they are enrolled: an
/// enrollment stays with the provider it was made for.
pub async fn assign(app: &App, by: &By, account: &Account, provider_id: Option<i64>) -> Result<(), ManageError> {
    let name = match provider_id {
        Some(id) => find(app, id).await?.provider.name.to_string(),
        None => "the default one".to_owned(),
    };
    let about = About { user_name: account.name.clone(), ..about(format!("provider {name}")) };
    apply(app, by, about, vec![accounts::set_provider(&account.id, provider_id)]).await
}

/// Writes the default provider back as part of a larger change, unless somebody else changed it
/// since these settings were read.
pub(super) fn write_default(app: &App, by: &By, settings: &Settings, provider: Provider) -> Statement {
    match settings.find_provider(Provider::STANDARD) {
        Some(stored) => providers::update(&stored.changed(provider, &by.actor, app.now())),
        None => providers::insert_first(&StoredProvider::new(provider, &by.actor, app.now())),
    }
}

/// The number is assigned by the database; until it is known, site and name say which one it is.
async fn insert(app: &App, by: &By, provider: Provider, detail: String) -> Result<StoredProvider, ManageError> {
    let new = StoredProvider::new(provider, &by.actor, app.now());
    let outcome = apply(app, by, about(detail), Vec::from(providers::insert(&new))).await;
    explain_taken(app, &new.provider, outcome).await?;
    let made = app.store.find_provider_named(new.provider.site_id, &new.provider.name).await?;
    made.ok_or(ManageError::Stale)
}

async fn write(app: &App, by: &By, before: &StoredProvider, after: Provider) -> Result<StoredProvider, ManageError> {
    let changed = Difference::between(&fields::of(&before.provider), &fields::of(&after));
    let detail = changed.of(&format!("provider {}", named(&before.provider)));
    let mut after = before.changed(after, &by.actor, app.now());
    let outcome = apply(app, by, about(detail), vec![providers::update(&after)]).await;
    explain_taken(app, &after.provider, outcome).await?;
    after.trace.version += 1;
    Ok(after)
}

/// Says which provider has the name that was wanted.
async fn explain_taken(app: &App, wanted: &Provider, outcome: Result<(), ManageError>) -> Result<(), ManageError> {
    let Err(ManageError::Taken(reason)) = outcome else { return outcome };
    let holder = app.store.find_provider_named(wanted.site_id, &wanted.name).await?;
    let holder = holder.filter(|holder| holder.provider.id != wanted.id);
    let words = |holder: StoredProvider| {
        let Provider { name, id, .. } = holder.provider;
        format!("an MFA provider named '{}' exists (id {id})", shown(name.as_str()))
    };
    Err(ManageError::Taken(holder.map_or(reason, words)))
}

fn about(detail: String) -> About {
    About { detail, ..About::default() }
}

/// A provider in messages and audit lines; one that is not stored yet has no number.
fn named(provider: &Provider) -> String {
    let name = shown(provider.name.as_str());
    match provider.id {
        0 => format!("'{name}' of site {}", provider.site_id),
        id => format!("'{name}' (id {id})"),
    }
}

/// How often a change is made again when others are faster.
pub(super) const ATTEMPTS: usize = 8;
/// Copies of one provider that may bear a number.
const MOST_COPIES: usize = 1000;
