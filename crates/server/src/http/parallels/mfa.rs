//! `/api/MFA`: the providers of a site, whatever their kind. There is one kind here, e-mail codes.

mod choices;
mod criteria;
mod email_otp;
mod explain;
mod rule;
mod shown;
mod users;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post, put};
use domain::admin::Right;
use domain::provider::{AttributeName, ProviderName};
use serde_json::{Value, json};

use super::fault::{Code, Fault};
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::directories;
use crate::manage::providers::{self, StoredProvider};

/// The routes of this resource.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/mfa", get(list))
        .route("/api/mfa/validateadaccess", get(validate_ad_access))
        .route("/api/mfa/emailotp", post(email_otp::create))
        .route("/api/mfa/emailotp/{id}", put(email_otp::update))
        .route("/api/mfa/{id}", get(one).delete(remove))
        .route("/api/mfa/{id}/duplicate", post(duplicate))
        .route("/api/mfa/{id}/explain", post(explain::explain))
        .merge(users::routes())
        .merge(criteria::routes())
}

/// `GET /api/MFA`: those of a site, all or the one of that name.
async fn list(State(app): State<App>, signed: Signed, query: Query) -> Result<Response, Problem> {
    let site_id = rule::site_of(&app, &query)?;
    signed.may(Right::View, site_id)?;
    let name = query.text("name").map(|name| ProviderName::parse(name).map(|name| name.key()));
    let is_wanted =
        |stored: &&StoredProvider| name.as_ref().is_none_or(|name| name.as_ref() == Ok(&stored.provider.name.key()));
    let all = providers::list(&app, site_id).await?;
    Ok(reply::ok(&all.iter().filter(is_wanted).map(shown::provider).collect::<Value>()))
}

/// `GET /api/MFA/<id>`
async fn one(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    let stored = find(&app, &signed, id, Right::View).await?;
    Ok(reply::ok(&shown::provider(&stored)))
}

/// `DELETE /api/MFA/<id>`
async fn remove(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    find(&app, &signed, id, Right::Connections).await?;
    providers::delete(&app, &signed.by("DELETE /api/MFA/<id>"), id).await?;
    Ok(reply::done())
}

/// `POST /api/MFA/<id>/Duplicate`
async fn duplicate(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    find(&app, &signed, id, Right::Connections).await?;
    let copy = providers::duplicate(&app, &signed.by("POST /api/MFA/<id>/Duplicate"), id).await?;
    Ok(shown::created(&copy))
}

/// `GET /api/MFA/ValidateADAccess`: whether addresses could be stored in that attribute.
async fn validate_ad_access(State(app): State<App>, signed: Signed, query: Query) -> Result<Response, Problem> {
    signed.may(Right::View, rule::site_of(&app, &query)?)?;
    let attribute = query.text("adCustomAttribute").unwrap_or("mail");
    match AttributeName::parse(attribute) {
        Ok(attribute) => {
            let asked = directories::try_attribute(&app, attribute, query.text("user")).await?;
            Ok(reply::ok(&json!({"attribute": attribute.as_str(), "directories": asked})))
        }
        Err(error) => Err(Problem::invalid(vec![Fault::new("/adCustomAttribute", Code::Value, error.to_string())])),
    }
}

/// The provider of that number, if the caller may do this on its site.
async fn find(app: &App, signed: &Signed, id: i64, right: Right) -> Result<StoredProvider, Problem> {
    let stored = providers::find(app, id).await?;
    signed.may(right, stored.provider.site_id)?;
    Ok(stored)
}
