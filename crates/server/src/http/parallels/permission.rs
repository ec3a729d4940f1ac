//! `/api/AdminAccount/{id}/PowerPermission` and `…/CustomPermission`: what an account may below root.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::admin::{Allowance, Custom, Level, ObjectKind, Power, Sites};
use serde_json::{Map, Value, json};

use super::body::Body;
use super::fields::{Choice, number_of};
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::admins::Admin;
use crate::manage::admins::accounts::{self, Grant};
use crate::manage::sites;

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/adminaccount/{id}/powerpermission", get(show_power).put(set_power))
        .route("/api/adminaccount/{id}/custompermission", get(show_custom).put(set_custom))
}

impl Choice for ObjectKind {
    const ALL: &'static [(i64, &'static str, Self)] = &[(0, "Site", Self::Site), (1, "Connection", Self::Connection)];
}

/// What a grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Granted {
    Modify,
    Nothing,
    View,
}

impl Choice for Granted {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "None", Self::Nothing), (1, "View", Self::View), (3, "Modify", Self::Modify)];
}

struct PowerUpdate {
    allowed: Vec<(Allowance, Option<bool>)>,
    all_sites: Option<bool>,
    sites: Option<Vec<i64>>,
}

/// `GET /api/AdminAccount/{id}/PowerPermission`
async fn show_power(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.must_be_root()?;
    Ok(reply::ok(&power(&accounts::find(&app, id).await?)))
}

/// `PUT /api/AdminAccount/{id}/PowerPermission`
async fn set_power(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let settings = app.settings();
    let update = body.read(|fields| {
        let allowed = ALLOWANCES.map(|(name, allowance)| (allowance, fields.flag(name))).into();
        let all_sites = fields.flag("allowAllSites");
        let sites = fields.ids("allowInSiteIds", MOST_SITES);
        for unknown in sites.iter().flatten().filter(|id| !settings.sites.iter().any(|site| site.id == **id)) {
            fields.refuse("allowInSiteIds", format!("there is no site with id {unknown}"));
        }
        if all_sites == Some(true) && sites.as_ref().is_some_and(|sites| !sites.is_empty()) {
            fields.refuse("allowInSiteIds", "says nothing while allowAllSites is true; leave one of the two out");
        }
        PowerUpdate { allowed, all_sites, sites }
    })?;
    let by = signed.by("PUT /api/AdminAccount/<id>/PowerPermission");
    accounts::set_power(&app, &by, id, |power| update.write_into(power)).await?;
    Ok(reply::done())
}

/// `GET /api/AdminAccount/{id}/CustomPermission`
async fn show_custom(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let grants = accounts::find(&app, id).await?.rights.custom;
    let shown = grants.iter().map(|grant| {
        let granted = if grant.may_modify { Granted::Modify } else { Granted::View };
        json!({"siteId": grant.site, "objType": number_of(grant.kind), "permissions": number_of(granted)})
    });
    Ok(reply::ok(&shown.collect::<Value>()))
}

/// `PUT /api/AdminAccount/{id}/CustomPermission?SiteId`: one grant, in place of the one that was there.
async fn set_custom(
    State(app): State<App>,
    signed: Signed,
    Id(id): Id,
    query: Query,
    body: Body,
) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let site = sites::find(&app, query.id("SiteId")?.unwrap_or(1))?;
    let (kind, granted) = body.read(|fields| {
        if fields.id("objId").is_some() {
            fields.refuse("objId", "permissions are not kept for single objects; leave it out to grant the whole kind");
        }
        (fields.required_choice::<ObjectKind>("objType"), fields.required_choice::<Granted>("permissions"))
    })?;
    let custom = Custom { site: site.id, kind, may_modify: granted == Granted::Modify };
    let grant = Grant { custom, is_given: granted != Granted::Nothing };
    accounts::grant(&app, &signed.by("PUT /api/AdminAccount/<id>/CustomPermission"), id, &grant).await?;
    Ok(reply::done())
}

/// What an administrator may as a power administrator. A root administrator may everything, and is shown so.
pub(super) fn power(admin: &Admin) -> Value {
    let rights = &admin.rights;
    let is_root = rights.level == Level::Root;
    let mut shown = Map::from_iter([("adminId".to_owned(), json!(admin.id))]);
    for (name, allowance) in ALLOWANCES {
        shown.insert(name.to_owned(), (is_root || rights.power.allowed.contains(&allowance)).into());
    }
    let (all, some) = match &rights.power.sites {
        Sites::All => (true, Value::Array(Vec::new())),
        Sites::Some(sites) => (is_root, json!(sites)),
    };
    shown.insert("allowAllSites".to_owned(), all.into());
    shown.insert("allowInSiteIds".to_owned(), some);
    shown.into()
}

impl PowerUpdate {
    fn write_into(&self, power: &mut Power) {
        for (allowance, wanted) in &self.allowed {
            match wanted {
                Some(true) => drop(power.allowed.insert(*allowance)),
                Some(false) => drop(power.allowed.remove(allowance)),
                None => {}
            }
        }
        match (self.all_sites, &self.sites) {
            (Some(true), _) => power.sites = Sites::All,
            (_, Some(sites)) => power.sites = Sites::Some(sites.iter().copied().collect()),
            (Some(false), None) if power.sites == Sites::All => power.sites = Sites::Some(BTreeSet::new()),
            _ => {}
        }
    }
}

/// The properties of a power permission.
const ALLOWANCES: [(&str, Allowance); 10] = [
    ("allowSiteChanges", Allowance::SiteChanges),
    ("allowConnectionChanges", Allowance::ConnectionChanges),
    ("allowSessionManagement", Allowance::SessionManagement),
    ("allowDeviceManagementChanges", Allowance::DeviceManagementChanges),
    ("allowViewingReportingInfo", Allowance::ViewingReportingInfo),
    ("allowViewingLicenseInfo", Allowance::ViewingLicenseInfo),
    ("allowViewingSiteInfo", Allowance::ViewingSiteInfo),
    ("allowPublishingChanges", Allowance::PublishingChanges),
    ("allowPolicyChanges", Allowance::PolicyChanges),
    ("allowViewingPolicyInfo", Allowance::ViewingPolicyInfo),
];
const MOST_SITES: usize = 1000;
