//! Use cases: the rules that say who is asked for a code, of a provider or of a site.

use domain::criteria::{Access, Criteria, Draft, Group, Kind, Matching, Member, NotAdded, Os};
use domain::provider::Provider;

use super::difference::{Difference, Texts};
use super::providers::{self, ATTEMPTS};
use super::wording::shown;
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::store::criteria as rows;
use crate::store::providers as provider_rows;

/// Whose rule it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// That of a provider; looked at while it does not inherit that of its site.
    Provider(i64),
    /// That of a site, for its providers that inherit it.
    Site(i64),
}

/// The rule.
pub async fn find(app: &App, owner: Owner) -> Result<Criteria, ManageError> {
    match owner {
        Owner::Provider(id) => Ok(providers::find(app, id).await?.provider.criteria),
        Owner::Site(id) => Ok(app.store.find_site_criteria(id).await?.unwrap_or_default()),
    }
}

/// Switches a rule and its groups.
pub async fn switch(app: &App, by: &By, owner: Owner, draft: &Draft) -> Result<(), ManageError> {
    edit(app, by, owner, |rule| {
        let switched = rule.clone().switched(draft);
        let changed = Difference::between(&switches(&rule), &switches(&switched));
        Ok((switched, changed.of("switched")))
    })
    .await
}

/// Adds one member.
pub async fn add(app: &App, by: &By, owner: Owner, member: &Member) -> Result<(), ManageError> {
    let (list, name) = words(member);
    edit(app, by, owner, |rule| {
        let refuse = |reason: NotAdded| match reason {
            NotAdded::Present => ManageError::Taken(format!("{list}: '{name}': {reason}")),
            NotAdded::TooMany => ManageError::Invalid(format!("{list}: {reason}; take others out first")),
        };
        Ok((rule.with(member).map_err(refuse)?, format!("{list} + '{name}'")))
    })
    .await
}

/// Removes one member.
pub async fn remove(app: &App, by: &By, owner: Owner, member: &Member) -> Result<(), ManageError> {
    let (list, name) = words(member);
    edit(app, by, owner, |rule| {
        let missing = || ManageError::NotFound(format!("{list} has no member '{name}'"));
        Ok((rule.without(member).ok_or_else(missing)?, format!("{list} - '{name}'")))
    })
    .await
}

/// Puts another rule in the place of one.
pub async fn replace(app: &App, by: &By, owner: Owner, rule: &Criteria) -> Result<(), ManageError> {
    edit(app, by, owner, |_| Ok((rule.clone(), "replaced".to_owned()))).await
}

/// Changes a rule as it is now; when somebody else is faster, once more.
async fn edit(
    app: &App,
    by: &By,
    owner: Owner,
    change: impl Fn(Criteria) -> Result<(Criteria, String), ManageError>,
) -> Result<(), ManageError> {
    for _ in 0..ATTEMPTS {
        let outcome = match owner {
            Owner::Provider(id) => edit_provider(app, by, id, &change).await,
            Owner::Site(id) => edit_site(app, by, id, &change).await,
        };
        match outcome {
            Err(ManageError::Stale) => {}
            done => return done,
        }
    }
    Err(ManageError::Stale)
}

async fn edit_provider(
    app: &App,
    by: &By,
    id: i64,
    change: impl Fn(Criteria) -> Result<(Criteria, String), ManageError>,
) -> Result<(), ManageError> {
    let before = providers::find(app, id).await?;
    let (criteria, detail) = change(before.provider.criteria.clone())?;
    if criteria == before.provider.criteria {
        return Ok(());
    }
    let after = before.changed(Provider { criteria, ..before.provider.clone() }, &by.actor, app.now());
    let about = about(format!("criteria of provider '{}' (id {id}): {detail}", shown(after.provider.name.as_str())));
    apply(app, by, about, vec![provider_rows::update(&after)]).await
}

async fn edit_site(
    app: &App,
    by: &By,
    site_id: i64,
    change: impl Fn(Criteria) -> Result<(Criteria, String), ManageError>,
) -> Result<(), ManageError> {
    let read = app.store.find_site_criteria(site_id).await?;
    let before = read.clone().unwrap_or_default();
    let (after, detail) = change(before.clone())?;
    if after == before {
        return Ok(());
    }
    let about = about(format!("criteria of site {site_id}: {detail}"));
    apply(app, by, about, vec![rows::save_site(site_id, read.as_ref(), &after)]).await
}

fn about(detail: String) -> About {
    About { detail, ..About::default() }
}

/// The switches of a rule as texts, for the audit.
fn switches(rule: &Criteria) -> Texts {
    let access = match rule.access {
        Access::Allow => "AllowCriteriaWhen",
        Access::Deny => "DenyCriteriaWhen",
    };
    let oses = rule.oses.members.iter().map(|os| Os::as_str(*os)).collect::<Vec<_>>().join(", ");
    vec![
        ("access", access.to_owned()),
        (list_name(Kind::Principals), state(&rule.principals)),
        (list_name(Kind::Gateways), state(&rule.gateways)),
        (list_name(Kind::Devices), state(&rule.devices)),
        (list_name(Kind::Oses), state(&rule.oses)),
        ("allowedOSes", oses),
        (list_name(Kind::Addresses), state(&rule.addresses)),
        (list_name(Kind::HardwareIds), state(&rule.hardware_ids)),
    ]
}

fn state<T>(group: &Group<T>) -> String {
    let matching = match group.matching {
        Matching::IsNotOneOf => "IsNotOneOfTheFollowing",
        Matching::IsOneOf => "IsOneOfTheFollowing",
    };
    format!("{} {matching}", if group.is_enabled { "on" } else { "off" })
}

fn list_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Addresses => "iPs",
        Kind::Devices => "devices",
        Kind::Gateways => "gateways",
        Kind::HardwareIds => "hardwareIDs",
        Kind::Oses => "oSs",
        Kind::Principals => "securityPrincipals",
    }
}

/// The list of a member, and the member in words.
fn words(member: &Member) -> (&'static str, String) {
    match member {
        Member::Address(range) => (list_name(Kind::Addresses), range.to_string()),
        Member::Device(name) => (list_name(Kind::Devices), shown(name.as_str())),
        Member::Gateway(gateway) => (list_name(Kind::Gateways), gateway.to_string()),
        Member::HardwareId(id) => (list_name(Kind::HardwareIds), shown(id.as_str())),
        Member::Principal(entry) => {
            let account = entry.account().map(|account| shown(account.as_str()));
            let sid = entry.sid().map(|sid| shown(sid.as_str()));
            (list_name(Kind::Principals), [account, sid].into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
    }
}
