//! `…/Criteria` of a provider and of a site: one set of calls for both. Switches are put, members are
//! added and removed one by one.

mod groups;
mod members;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use domain::criteria::{Criteria, Draft, GroupDraft, Kind, Os};
use serde_json::{Value, json};

use self::members::Listed;
use super::rule::Rule;
use crate::app::App;
use crate::http::parallels::body::Body;
use crate::http::parallels::fields::{Fields, number_of};
use crate::http::parallels::problem::Problem;
use crate::http::parallels::reply;
use crate::manage::criteria::{self, Owner};

/// The routes of both.
pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new().route("/api/mfadefaultsettings", get(defaults));
    for place in ["/api/mfa/{id}/criteria", "/api/mfadefaultsettings/criteria"] {
        routes = routes.route(place, get(all).put(switch)).route(&format!("{place}/oses"), get(oses).put(list_oses));
        for group in Listed::ALL {
            let path = format!("{place}/{}", group.as_str().to_ascii_lowercase());
            routes = routes.route(&path, members_of(group));
        }
    }
    routes
}

/// The whole rule.
pub(super) fn shown(criteria: &Criteria) -> Value {
    groups::whole(criteria)
}

fn members_of(group: Listed) -> MethodRouter<App> {
    get(async move |State(app): State<App>, rule: Rule| members::list(&app, &rule, group).await)
        .post(async move |State(app): State<App>, rule: Rule, body: Body| members::add(&app, &rule, body, group).await)
        .delete(async move |State(app): State<App>, rule: Rule, body: Body| {
            members::remove(&app, &rule, body, group).await
        })
}

/// `GET /api/MFADefaultSettings`
async fn defaults(State(app): State<App>, rule: Rule) -> Result<Response, Problem> {
    let site_id = match rule.owner {
        Owner::Provider(id) | Owner::Site(id) => id,
    };
    let found = criteria::find(&app, rule.owner).await?;
    Ok(reply::ok(&json!({ "criteria": groups::whole(&found), "siteId": site_id })))
}

/// `GET …/Criteria`
async fn all(State(app): State<App>, rule: Rule) -> Result<Response, Problem> {
    Ok(reply::ok(&groups::whole(&criteria::find(&app, rule.owner).await?)))
}

/// `PUT …/Criteria`: what is absent or null stays as it is.
async fn switch(State(app): State<App>, rule: Rule, body: Body) -> Result<Response, Problem> {
    let draft = body.read(|fields| Draft {
        access: fields.choice("access"),
        groups: SWITCHES.map(|(kind, enabled, mode)| (kind, switches(fields, enabled, mode))).to_vec(),
        oses: Vec::new(),
    })?;
    criteria::switch(&app, &rule.by(""), rule.owner, &draft).await?;
    Ok(reply::done())
}

fn switches(fields: &mut Fields<'_>, enabled: &'static str, mode: &'static str) -> GroupDraft {
    GroupDraft { is_enabled: fields.flag(enabled), matching: fields.choice(mode) }
}

/// `GET …/Criteria/OSes`
async fn oses(State(app): State<App>, rule: Rule) -> Result<Response, Problem> {
    Ok(reply::ok(&groups::oses(&criteria::find(&app, rule.owner).await?)))
}

/// `PUT …/Criteria/OSes`: what is absent or null stays as it is.
async fn list_oses(State(app): State<App>, rule: Rule, body: Body) -> Result<Response, Problem> {
    let oses = body.read(|fields| {
        let flags = OSES.map(|(os, name)| fields.flag(name).map(|is_listed| (os, is_listed)));
        flags.into_iter().flatten().collect()
    })?;
    let draft = Draft { oses, ..Draft::default() };
    criteria::switch(&app, &rule.by("/OSes"), rule.owner, &draft).await?;
    Ok(reply::done())
}

/// The switches of each group, as PUT spells them.
const SWITCHES: [(Kind, &str, &str); 6] = [
    (Kind::Principals, "securityPrincipalsEnabled", "securityPrincipalsMatchingMode"),
    (Kind::Gateways, "gatewaysEnabled", "gatewaysMatchingMode"),
    (Kind::Devices, "devicesEnabled", "devicesMatchingMode"),
    (Kind::Oses, "oSsEnabled", "oSsMatchingMode"),
    (Kind::Addresses, "iPsEnabled", "iPsMatchingMode"),
    (Kind::HardwareIds, "hardwareIDsEnabled", "hardwareIDsMatchingMode"),
];

/// Operating systems, as this dialect spells them.
const OSES: [(Os, &str); 8] = [
    (Os::Chrome, "chrome"),
    (Os::Android, "android"),
    (Os::WebClient, "webClient"),
    (Os::Ios, "iOS"),
    (Os::Linux, "linux"),
    (Os::Mac, "mac"),
    (Os::Wyse, "wyse"),
    (Os::Windows, "windows"),
];
