//! `/api/MFA/Users`: who is enrolled at a provider. An enrollment for e-mail codes belongs to one
//! provider, so all but the search name it.

use std::ops::RangeInclusive;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{post, put};
use domain::address::MailAddress;
use domain::admin::Right;
use serde_json::{Value, json};

use super::choices::MfaType;
use super::rule;
use crate::app::App;
use crate::http::parallels::body::Body;
use crate::http::parallels::fields::{Fields, number_of};
use crate::http::parallels::problem::Problem;
use crate::http::parallels::reply;
use crate::http::parallels::signed::Signed;
use crate::manage::provider_users::{self, Enrolled, MOST_USERS};
use crate::manage::providers;

/// The routes of this resource.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/mfa/users", post(enroll).put(reset))
        .route("/api/mfa/users/all", put(reset_all))
        .route("/api/mfa/users/find", post(find))
}

/// Which provider a call is about.
#[derive(Default)]
struct Place {
    mfa_id: Option<i64>,
    site_id: Option<i64>,
}

/// `POST /api/MFA/Users`: enrolls somebody, at this address or at the one in the directory.
async fn enroll(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    let (place, user, address) = body.read(|fields| {
        let user = fields.required_line("user", NAMES);
        let address = fields.parsed("email", ADDRESSES, MailAddress::parse);
        (Place::read_needed(fields), user, address)
    })?;
    let id = place.provider(&app, &signed).await?;
    let enrolled = provider_users::enroll(&app, &signed.by("POST /api/MFA/Users"), id, &user, address).await?;
    Ok(reply::json(StatusCode::CREATED, &shown(&enrolled)))
}

/// `PUT /api/MFA/Users`: makes users unenrolled.
async fn reset(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    let (place, users) = body.read(|fields| {
        let users = fields.lines("users", MOST_USERS, &NAMES);
        (Place::read_needed(fields), fields.required("users", users))
    })?;
    let id = place.provider(&app, &signed).await?;
    provider_users::reset(&app, &signed.by("PUT /api/MFA/Users"), id, &users).await?;
    Ok(reply::done())
}

/// `PUT /api/MFA/Users/All`: makes everybody unenrolled.
async fn reset_all(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    let place = body.read(Place::read_needed)?;
    let id = place.provider(&app, &signed).await?;
    provider_users::reset_all(&app, &signed.by("PUT /api/MFA/Users/All"), id).await?;
    Ok(reply::done())
}

/// `POST /api/MFA/Users/Find`: who is enrolled, at a provider or at all of a site.
async fn find(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    let (place, filter) = body.read(|fields| {
        let filter = fields.line("filter", 0..=255).filter(|filter| !filter.is_empty());
        (Place::read(fields), filter.unwrap_or_else(|| "*".to_owned()))
    })?;
    let ids = place.providers(&app, &signed).await?;
    let found = provider_users::find(&app, ids, filter).await?;
    Ok(reply::ok(&found.iter().map(shown).collect::<Value>()))
}

impl Place {
    fn read(fields: &mut Fields<'_>) -> Self {
        // There is one type; naming it is allowed and changes nothing.
        fields.choice::<MfaType>("type");
        Self { mfa_id: fields.id("mfaId"), site_id: fields.id("siteId") }
    }

    fn read_needed(fields: &mut Fields<'_>) -> Self {
        let place = Self::read(fields);
        fields.required("mfaId", place.mfa_id);
        place
    }

    /// The provider, if the caller may change its enrollments.
    async fn provider(&self, app: &App, signed: &Signed) -> Result<i64, Problem> {
        self.check(app, signed, self.mfa_id.unwrap_or_default(), Right::Connections).await
    }

    /// The provider, or all of the site.
    async fn providers(&self, app: &App, signed: &Signed) -> Result<Vec<i64>, Problem> {
        if let Some(id) = self.mfa_id {
            return Ok(vec![self.check(app, signed, id, Right::View).await?]);
        }
        let site_id = rule::site(app, self.site_id)?;
        signed.may(Right::View, site_id)?;
        let all = providers::list(app, site_id).await?;
        Ok(all.iter().map(|stored| stored.provider.id).collect())
    }

    async fn check(&self, app: &App, signed: &Signed, id: i64, right: Right) -> Result<i64, Problem> {
        let provider = super::find(app, signed, id, right).await?.provider;
        match self.site_id {
            Some(site_id) if site_id != provider.site_id => {
                Err(Problem::not_found(format!("no MFA provider with id {id} in site {site_id}")))
            }
            _ => Ok(id),
        }
    }
}

fn shown(enrolled: &Enrolled) -> Value {
    let Enrolled { account, stored } = enrolled;
    let enrollment = &stored.enrollment;
    let listed = || MailAddress::parse(&account.email).ok();
    let address = if enrollment.is_address_dynamic { listed() } else { enrollment.address.clone() };
    json!({
        "user": format!("{}@{}", account.name, stored.realm),
        "mfaId": enrollment.provider_id,
        "type": number_of(MfaType::EmailOtp),
        "serial": enrollment.serial.as_str(),
        "source": if enrollment.is_address_dynamic { "directory" } else { "external" },
        "email": address.map(|address| address.masked()),
        "enabled": enrollment.is_active && !enrollment.is_revoked,
        "timeCreate": reply::instant(stored.created_at),
    })
}

const NAMES: RangeInclusive<usize> = 1..=255;
const ADDRESSES: RangeInclusive<usize> = 1..=254;
