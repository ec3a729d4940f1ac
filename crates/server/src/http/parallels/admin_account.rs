//! `/api/AdminAccount`: the accounts of administrators, for root administrators.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::address::MailAddress;
use domain::admin::Level;
use serde_json::{Value, json};

use super::body::Body;
use super::fields::{Choice, Fields, number_of};
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::admins::Admin;
use crate::manage::admins::accounts::{self, AccountUpdate, NewAccount};

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/adminaccount", get(list).post(create))
        .route("/api/adminaccount/{id}", get(one).put(change).delete(remove))
}

/// Whether an administrator wants to be told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notify {
    Email,
    None,
}

impl Choice for Notify {
    const ALL: &'static [(i64, &'static str, Self)] = &[(0, "None", Self::None), (1, "Email", Self::Email)];
}

impl Choice for Level {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "PowerAdmin", Self::Power), (1, "RootAdmin", Self::Root), (2, "CustomAdmin", Self::Custom)];
}

/// `GET /api/AdminAccount`: all, or the one of that name.
async fn list(State(app): State<App>, signed: Signed, query: Query) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let wanted = query.text("Name").map(domain::name::canonical);
    let admins = accounts::list(&app).await?;
    let is_wanted = |admin: &&Admin| wanted.as_ref().is_none_or(|wanted| *wanted == admin.name.canonical());
    Ok(reply::ok(&admins.iter().filter(is_wanted).map(object).collect::<Value>()))
}

/// `GET /api/AdminAccount/{id}`
async fn one(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.must_be_root()?;
    Ok(reply::ok(&object(&accounts::find(&app, id).await?)))
}

/// `POST /api/AdminAccount`
async fn create(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let new = body.read(|fields| {
        fields.not_null(&["enabled", "notify", "permissions"]);
        NewAccount {
            name: fields.required_line("name", 1..=255),
            password: fields.required_secret("password", 8..=128),
            rest: read_rest(fields),
        }
    })?;
    let admin = accounts::create(&app, &signed.by("POST /api/AdminAccount"), new).await?;
    Ok(reply::created(&format!("/api/AdminAccount/{}", admin.id), &object(&admin)))
}

/// `PUT /api/AdminAccount/{id}`
async fn change(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let (name, update) = body.read(|fields| {
        let name = fields.line("name", 1..=255);
        let password = fields.secret("password", 8..=128);
        (name, AccountUpdate { password, ..read_rest(fields) })
    })?;
    let admin = accounts::find(&app, id).await?;
    if name.is_some_and(|name| domain::name::canonical(&name) != admin.name.canonical()) {
        let message = "an account keeps its name: make another one and delete this one";
        return Err(Problem::value("/name", message));
    }
    accounts::change(&app, &signed.by("PUT /api/AdminAccount/<id>"), id, &update).await?;
    Ok(reply::done())
}

/// `DELETE /api/AdminAccount/{id}`
async fn remove(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.must_be_root()?;
    accounts::remove(&app, &signed.by("DELETE /api/AdminAccount/<id>"), id).await?;
    Ok(reply::done())
}

/// What both create and update take.
fn read_rest(fields: &mut Fields<'_>) -> AccountUpdate {
    AccountUpdate {
        is_enabled: fields.flag("enabled"),
        level: fields.choice::<Level>("permissions"),
        email: fields.parsed("email", 0..=254, read_email),
        mobile: fields.line("mobile", 1..=50),
        is_notified: fields.choice::<Notify>("notify").map(|notify| notify == Notify::Email),
        password: None,
    }
}

/// An address, or nothing.
fn read_email(text: &str) -> Result<String, String> {
    match text {
        "" => Ok(String::new()),
        text => MailAddress::parse(text).map(|email| email.as_str().to_owned()).map_err(|error| error.to_string()),
    }
}

fn object(admin: &Admin) -> Value {
    let trace = &admin.trace;
    json!({
        "id": admin.id,
        "name": admin.name.as_str(),
        // A user: there are no groups of administrators here.
        "type": 0,
        "groupName": null,
        "email": admin.email,
        "mobile": admin.mobile,
        "enabled": admin.is_enabled,
        "notify": number_of(if admin.is_notified { Notify::Email } else { Notify::None }),
        "permissions": number_of(admin.rights.level),
        "fullPermissions": admin.rights.level == Level::Root,
        "adminCreate": trace.created_by,
        "adminLastMod": trace.changed_by,
        "timeCreate": reply::instant(trace.created_at),
        "timeLastMod": reply::instant(trace.changed_at),
    })
}
