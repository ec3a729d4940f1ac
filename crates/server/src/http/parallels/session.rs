//! `/api/Session`: signing in and out, who is signed in, what they may.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use domain::name::UserName;
use domain::secret::Secret;
use serde_json::{Value, json};

use super::body::Body;
use super::fields::number_of;
use super::id::Id;
use super::problem::Problem;
use super::query::Query;
use super::signed::Signed;
use super::{permission, reply};
use crate::app::App;
use crate::manage::installation;
use crate::manage::sessions::{self, AdminSession, Door, Opening, SessionKind};
use crate::origin::Origin;

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/session", get(list))
        .route("/api/session/currentpermissions", get(current_permissions))
        .route("/api/session/logon", post(log_on))
        .route("/api/session/logoff", post(log_off))
        .route("/api/session/{id}/logoff", post(log_off_other))
}

struct Credentials {
    username: String,
    password: Secret,
}

/// `POST /api/Session/logon`
async fn log_on(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    query: Query,
    body: Body,
) -> Result<Response, Problem> {
    let is_local = query.flag("localAuth")?;
    let typed = body.read(|fields| Credentials {
        username: fields.required_text("username", 1..=255),
        password: fields.required_secret("password", 1..=256),
    })?;
    if is_local && !origin.address.is_some_and(|address| address.to_canonical().is_loopback()) {
        return Err(Problem::forbidden("localAuth=true is for requests from the server's own machine; leave it out"));
    }
    let Ok(name) = UserName::parse(&typed.username) else {
        return Err(Problem::unauthorized(WRONG));
    };
    match sessions::open(&app, &origin, Door::Api, &name, &typed.password).await? {
        Opening::Open(opened) => {
            let mut session = described(&app, &opened.session, is_local).await?;
            if let Some(session) = session.as_object_mut() {
                session.insert("authToken".to_owned(), opened.token.expose().into());
            }
            Ok(reply::ok(&session))
        }
        Opening::Refused => Err(Problem::unauthorized(WRONG)),
        // Strangers' names have the same budget, so this tells nobody which names there are.
        Opening::Spent => Err(Problem::too_often(SPENT, SECONDS_TO_FORGET)),
    }
}

/// `POST /api/Session/logoff`
async fn log_off(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    sessions::end(&app, &signed.by("POST /api/Session/logoff"), &signed.token).await?;
    Ok(reply::done())
}

/// `POST /api/Session/{id}/logoff`: root administrators end every session, others their own.
async fn log_off_other(State(app): State<App>, signed: Signed, Id(id): Id) -> Result<Response, Problem> {
    let found = sessions::list(&app).await?.into_iter().find(|session| session.id == id && signed.may_see(session));
    let session = found.ok_or_else(|| Problem::no_such("session", id))?;
    sessions::end_one(&app, &signed.by("POST /api/Session/<id>/logoff"), &session).await?;
    Ok(reply::done())
}

/// `GET /api/Session`: root administrators see every session, others their own.
async fn list(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    let sessions = sessions::list(&app).await?;
    let shown = sessions.iter().filter(|session| signed.may_see(session));
    let shown = shown.map(|session| {
        json!({
            "sessionId": session.id,
            "userId": session.admin.id,
            "username": session.admin.name.as_str(),
            "source": if session.kind == SessionKind::Api { "REST" } else { "Console" },
            "ip": session.address,
            "logonTime": reply::instant(session.opened_at),
            "lastUsed": reply::instant(session.last_used_at),
            "current": session.id == signed.session.id,
        })
    });
    Ok(reply::ok(&shown.collect::<Value>()))
}

/// `GET /api/Session/CurrentPermissions`
async fn current_permissions(signed: Signed) -> Response {
    let admin = &signed.session.admin;
    let mut permissions = permission::power(admin);
    if let Some(permissions) = permissions.as_object_mut() {
        permissions.insert("name".to_owned(), admin.name.as_str().into());
        permissions.insert("permissions".to_owned(), number_of(admin.rights.level).into());
    }
    reply::ok(&permissions)
}

impl Signed {
    /// Whether this session is one's own, or one may see all.
    fn may_see(&self, session: &AdminSession) -> bool {
        self.must_be_root().is_ok() || session.admin.id == self.session.admin.id
    }
}

/// What programs made for the incumbent look for. There is one server here, so it is all of them.
async fn described(app: &App, session: &AdminSession, is_local: bool) -> Result<Value, Problem> {
    let server = installation::server_name(app);
    Ok(json!({
        "localAuth": is_local,
        "userId": session.admin.id,
        "applySettingsEnabled": false,
        "connectedSiteId": 1,
        "settingsId": app.settings().version,
        "sessionId": session.id,
        "connectedServer": server,
        "licensingServer": server,
        "primaryBrokerConnection": true,
        "licensingServerConnection": true,
        "domain": "",
        "farmName": "Otpost",
        "farmGUID": installation::guid(app).await?,
    }))
}

const WRONG: &str = "the user name or password is incorrect";
const SPENT: &str =
    "too many wrong passwords were tried under this name or from this address; wait for sixteen minutes";
/// In which one try is forgotten.
const SECONDS_TO_FORGET: u16 = 960;
