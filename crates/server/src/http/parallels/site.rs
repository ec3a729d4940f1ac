//! `/api/Site`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::admin::Right;
use serde_json::{Value, json};

use super::body::Body;
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::sites::{self, Site, SiteUpdate};

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/site", get(list).post(create))
        .route("/api/site/{id}", get(one).put(change).delete(remove))
}

/// `GET /api/Site`: those that the administrator may see, or the one of that name.
async fn list(State(app): State<App>, signed: Signed, query: Query) -> Response {
    let wanted = query.text("Name").map(domain::name::canonical);
    let is_wanted = |site: &&Site| wanted.as_ref().is_none_or(|name| *name == domain::name::canonical(&site.name));
    let may_see = |site: &&Site| signed.may(Right::View, site.id).is_ok();
    let settings = app.settings();
    reply::ok(&settings.sites.iter().filter(is_wanted).filter(may_see).map(object).collect::<Value>())
}

/// `GET /api/Site/{id}`
async fn one(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    let site = sites::find(&app, id)?;
    signed.may(Right::View, site.id)?;
    Ok(reply::ok(&object(&site)))
}

/// `POST /api/Site`
async fn create(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let (name, description) = body.read(|fields| {
        let name = fields.required_line("name", 1..=255);
        (name, fields.text("description", 0..=MOST_DESCRIPTION).unwrap_or_default())
    })?;
    let site = sites::add(&app, &signed.by("POST /api/Site"), name, description).await?;
    Ok(reply::created(&format!("/api/Site/{}", site.id), &object(&site)))
}

/// `PUT /api/Site/{id}`
async fn change(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.may(Right::Site, sites::find(&app, id)?.id)?;
    let update = body.read(|fields| SiteUpdate {
        name: fields.line("name", 1..=255),
        description: fields.text("description", 0..=MOST_DESCRIPTION),
    })?;
    sites::change(&app, &signed.by("PUT /api/Site/<id>"), id, &update).await?;
    Ok(reply::done())
}

/// `DELETE /api/Site/{id}`
async fn remove(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.must_be_root()?;
    sites::remove(&app, &signed.by("DELETE /api/Site/<id>"), id).await?;
    Ok(reply::done())
}

fn object(site: &Site) -> Value {
    let trace = &site.trace;
    json!({
        "id": site.id,
        "name": site.name,
        "description": site.description,
        "adminCreate": trace.created_by,
        "adminLastMod": trace.changed_by,
        "timeCreate": reply::instant(trace.created_at),
        "timeLastMod": reply::instant(trace.changed_at),
    })
}

const MOST_DESCRIPTION: usize = 4000;
