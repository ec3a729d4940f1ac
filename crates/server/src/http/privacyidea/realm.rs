//! `/realm/` and `/defaultrealm`: sets of users.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use domain::provider::FirstFactor;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::envelope::{Answer, Failure, wrong_method};
use super::token::call::{Call, short};
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::realms::Realm;
use crate::manage::realms::{self, NewRealm};
use crate::settings::Settings;

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/realm", get(to_slash).fallback(wrong_method))
        .route("/realm/", get(list).fallback(wrong_method))
        .route("/realm/{name}", post(save).delete(remove).fallback(wrong_method))
        .route("/defaultrealm", get(default).delete(clear_default).fallback(wrong_method))
        .route("/defaultrealm/{name}", post(set_default).fallback(wrong_method))
}

/// `GET /realm/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/realm/").await?;
    let settings = call.app.settings();
    Ok(call.answer(settings.realms.iter().map(|realm| object(&settings, realm)).collect::<Map<_, _>>()))
}

/// `POST /realm/NAME`.
async fn save(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/realm/<realm>").await?;
    let first_factor = match call.params.text("first_factor") {
        None => None,
        Some(text) => Some(FirstFactor::parse(text).ok_or_else(|| {
            Failure::parameter(format!("first_factor: tokenpin, userstore or none is allowed, got '{}'", short(text)))
        })?),
    };
    let new = NewRealm { name, resolvers: resolvers(&call)?, is_default: false, first_factor };
    let members = realms::save_realm(&call.app, &by, new).await?;
    Ok(call.answer(json!({"added": members.added, "failed": members.failed})))
}

/// `DELETE /realm/NAME`.
async fn remove(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/realm/<realm>").await?;
    realms::delete_realm(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `GET /defaultrealm`.
async fn default(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/defaultrealm").await?;
    let settings = call.app.settings();
    let realm = settings.default_realm();
    Ok(call.answer(realm.map(|realm| object(&settings, realm)).into_iter().collect::<Map<_, _>>()))
}

/// `POST /defaultrealm/NAME`.
async fn set_default(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/defaultrealm/<realm>").await?;
    realms::set_default(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `DELETE /defaultrealm`.
async fn clear_default(call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/defaultrealm").await?;
    let was = realms::clear_default(&call.app, &by).await?;
    Ok(call.answer(was.map_or(0, |realm| number(realm.name.as_str()))))
}

/// The resolvers in the order of their priorities; those without one come last, as they were given.
fn resolvers(call: &Call) -> Result<Vec<String>, Failure> {
    let names = call.params.required("resolvers")?.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut ranked = Vec::new();
    for name in names {
        ranked.push((call.params.number(&format!("priority.{name}"))?.unwrap_or(i64::MAX), name.to_owned()));
    }
    ranked.sort_by_key(|(priority, _)| *priority);
    Ok(ranked.into_iter().map(|(_, name)| name).collect())
}

fn object(settings: &Settings, realm: &Realm) -> (String, Value) {
    let kind = |name: &str| settings.resolvers.iter().find(|one| one.name == name).map(|one| one.kind.as_str());
    let members = realm.resolvers.iter().enumerate().map(|(at, name)| {
        // The order is all we keep of the priorities.
        json!({"name": name, "node": "", "priority": at + 1, "type": kind(name)})
    });
    let is_default = settings.default_realm().is_some_and(|default| default.name == realm.name);
    let value = json!({
        "default": is_default,
        "first_factor": realm.first_factor.map(FirstFactor::as_str),
        "id": number(realm.name.as_str()),
        "resolver": members.collect::<Vec<_>>(),
    });
    (realm.name.as_str().to_owned(), value)
}

/// A number that stands for a name, for clients that expect one: things here have names only.
pub(super) fn number(name: &str) -> u32 {
    let digest = Sha256::digest(name.trim().to_lowercase().as_bytes());
    let first = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    (first & 0x7fff_ffff).max(1)
}
