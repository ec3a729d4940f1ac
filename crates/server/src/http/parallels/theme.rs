//! `/api/Theme`.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use domain::admin::Right;
use domain::criteria::{AccountName, Label, PrincipalEntry};
use domain::name::RealmName;
use domain::theme::{MAX_MEMBERS, MAX_PREFIXES, Message, Note, ReturnPrefix, Theme, ThemeName};
use serde_json::{Value, json};

use super::body::Body;
use super::fields::Fields;
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::themes::{self, StoredTheme};

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/theme", get(list).post(create))
        .route("/api/theme/{id}", get(one).put(change).delete(remove))
        .route("/api/theme/{id}/groupfilter", get(filter).put(set_filter).post(add_to_filter))
}

/// `GET /api/Theme`: all of them, or the one of that name.
async fn list(State(app): State<App>, signed: Signed, query: Query) -> Result<Response, Problem> {
    signed.may(Right::View, SITE)?;
    let wanted = query.text("Name");
    let is_wanted = |stored: &&StoredTheme| {
        wanted.as_ref().is_none_or(|name| stored.theme.name.as_str().eq_ignore_ascii_case(name))
    };
    Ok(reply::ok(&app.settings().themes.iter().filter(is_wanted).map(object).collect::<Value>()))
}

/// `GET /api/Theme/{id}`
async fn one(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.may(Right::View, SITE)?;
    Ok(reply::ok(&object(&find(&app, id)?)))
}

/// `POST /api/Theme`
async fn create(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    signed.may(Right::Connections, SITE)?;
    let theme = body.read(|fields| {
        let name = fields.parsed("name", 1..=255, ThemeName::parse);
        let name = fields.must_be_there("name", name).unwrap_or_else(|| Theme::standard().name);
        changed(Theme::new(0, name), fields)
    })?;
    let made = themes::add(&app, &signed.by("POST /api/Theme"), theme).await?;
    Ok(reply::created(&format!("/api/Theme/{}", made.theme.id), &object(&made)))
}

/// `PUT /api/Theme/{id}`: what is absent stays.
async fn change(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.may(Right::Connections, SITE)?;
    find(&app, id)?;
    let change = |known: Theme| {
        body.clone().read(|fields| {
            let name = fields.parsed("name", 1..=255, ThemeName::parse);
            changed(Theme { name: name.unwrap_or_else(|| known.name.clone()), ..known }, fields)
        })
    };
    themes::edit(&app, &signed.by("PUT /api/Theme/<id>"), id, change).await?;
    Ok(reply::done())
}

/// `DELETE /api/Theme/{id}`
async fn remove(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.may(Right::Connections, SITE)?;
    find(&app, id)?;
    themes::remove(&app, &signed.by("DELETE /api/Theme/<id>"), id).await?;
    Ok(reply::done())
}

/// `GET /api/Theme/{id}/GroupFilter`
async fn filter(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    signed.may(Right::View, SITE)?;
    Ok(reply::ok(&filter_object(&find(&app, id)?.theme)))
}

/// `PUT /api/Theme/{id}/GroupFilter`: what is absent stays.
async fn set_filter(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.may(Right::Connections, SITE)?;
    find(&app, id)?;
    let change = |known| body.clone().read(|fields| filtered(known, fields));
    themes::edit(&app, &signed.by("PUT /api/Theme/<id>/GroupFilter"), id, change).await?;
    Ok(reply::done())
}

/// `POST /api/Theme/{id}/GroupFilter`: one more.
async fn add_to_filter(State(app): State<App>, signed: Signed, Id(id): Id, body: Body) -> Result<Response, Problem> {
    signed.may(Right::Connections, SITE)?;
    find(&app, id)?;
    let entry = body.read(member)?;
    let add = |known: Theme| {
        let members = known.members.iter().cloned().chain(entry.clone()).collect();
        Ok::<_, Problem>(Theme { members, ..known })
    };
    themes::edit(&app, &signed.by("POST /api/Theme/<id>/GroupFilter"), id, add).await?;
    Ok(reply::created(&format!("/api/Theme/{id}/GroupFilter"), &filter_object(&find(&app, id)?.theme)))
}

fn find(app: &App, id: i64) -> Result<StoredTheme, Problem> {
    let found = app.settings().find_theme(id).cloned();
    found.ok_or_else(|| Problem::no_such("theme", id))
}

fn changed(theme: Theme, fields: &mut Fields<'_>) -> Theme {
    let mut theme = filtered(theme, fields);
    if let Some(note) = fields.parsed("description", 0..=255, Note::parse) {
        theme.description = note;
    }
    if let Some(text) = fields.text("postLogonMessage", 0..=2048) {
        match Message::parse(&text) {
            Ok(message) => theme.post_logon_message = message,
            Err(error) => fields.refuse("postLogonMessage", error.to_string()),
        }
    }
    theme.is_enabled = fields.flag("enabled").unwrap_or(theme.is_enabled);
    theme.overrides_realm = fields.flag("overrideAuthenticationDomain").unwrap_or(theme.overrides_realm);
    let realm = |text: &str| if text.is_empty() { Ok(None) } else { RealmName::parse(text).map(Some) };
    if let Some(realm) = fields.parsed("domain", 0..=255, realm) {
        theme.realm = realm;
    }
    if let Some(id) = fields.number("mfaId", 0..=i64::from(i32::MAX)) {
        theme.provider_id = Some(id).filter(|id| *id > 0);
    }
    if let Some(list) = fields.lines("returnTo", MAX_PREFIXES, &(1..=1024)) {
        match list.iter().map(|text| ReturnPrefix::parse(text)).collect() {
            Ok(prefixes) => theme.return_to = prefixes,
            Err(error) => fields.refuse("returnTo", error.to_string()),
        }
    }
    theme
}

fn filtered(mut theme: Theme, fields: &mut Fields<'_>) -> Theme {
    theme.filters_members = fields.flag("groupEnabled").unwrap_or(theme.filters_members);
    if let Some(members) = fields.objects("groupFilters", MAX_MEMBERS, member) {
        theme.members = members.into_iter().flatten().collect();
    }
    theme
}

fn member(fields: &mut Fields<'_>) -> Option<PrincipalEntry> {
    let (name, sid) = (fields.line("name", 0..=255), fields.line("sid", 0..=255));
    match PrincipalEntry::parse(name.as_deref(), sid.as_deref()) {
        Ok(entry) => Some(entry),
        Err(error) => {
            fields.refuse("name", error.to_string());
            None
        }
    }
}

fn object(stored: &StoredTheme) -> Value {
    let StoredTheme { theme, trace } = stored;
    let return_to: Vec<&str> = theme.return_to.iter().map(ReturnPrefix::as_str).collect();
    let mut object = filter_object(theme);
    let more = json!({
        "id": theme.id,
        "siteId": SITE,
        "adminCreate": trace.created_by,
        "adminLastMod": trace.changed_by,
        "timeCreate": reply::instant(trace.created_at),
        "timeLastMod": reply::instant(trace.changed_at),
        "name": theme.name.as_str(),
        "description": theme.description.as_str(),
        "enabled": theme.is_enabled,
        "overrideAuthenticationDomain": theme.overrides_realm,
        "domain": theme.realm.as_ref().map_or("", RealmName::as_str),
        "postLogonMessage": theme.post_logon_message.as_str(),
        "mfaId": theme.provider_id.unwrap_or_default(),
        "returnTo": return_to,
    });
    if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
        object.extend(more);
    }
    object
}

fn filter_object(theme: &Theme) -> Value {
    let member = |entry: &PrincipalEntry| {
        json!({
            "name": entry.account().map_or("", AccountName::as_str),
            "sid": entry.sid().map_or("", Label::as_str),
        })
    };
    let members: Vec<Value> = theme.members.iter().map(member).collect();
    json!({"groupEnabled": theme.filters_members, "groupFilters": members})
}

/// Themes belong to the first site in this version.
const SITE: i64 = 1;
