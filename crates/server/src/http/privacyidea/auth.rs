//! `/auth`: an administrator or a user signs in and gets an access token.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::attempt::{Attempt, Client, Proof, Who};
use domain::challenge::ChallengeId;
use domain::name::{RealmName, UserName};
use domain::secret::Secret;
use domain::verdict::Verdict;
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Authentication, Failure};
use super::params::Params;
use super::session::{self, Role};
use super::{request_key, shape};
use crate::api_key::Scope;
use crate::app::App;
use crate::auth::{self, who};
use crate::http::caller::{self, Claimed};
use crate::manage;
use crate::origin::Origin;

/// `POST /auth`: administrators first, then users.
pub async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    params: Params,
) -> Result<Answer, Failure> {
    let name = params
        .text("username")
        .ok_or_else(|| Failure::unauthorized(4032, "Authentication failure. Missing Username"))?;
    let password = params.secret("password")?.ok_or_else(wrong_credentials)?;
    let realm = params.text("realm");
    if let (Ok(name), None) = (UserName::parse(name), realm)
        && manage::admins::sign_in(&app, &origin, &name, &password).await?
    {
        return signed_in(&app, name.as_str(), "", Role::Admin);
    }
    let settings = app.settings();
    let known = |name: &str| RealmName::parse(name).is_ok_and(|name| settings.realm(Some(&name)).is_some());
    if let Some(unknown) = realm.filter(|name| !known(name)) {
        let unknown: String = unknown.chars().take(64).collect();
        return Err(Failure::unauthorized(4031, format!("Authentication failure. Unknown realm: {unknown}.")));
    }
    user_login(&app, &origin, &headers, &params, password).await
}

/// `GET /auth/rights`: which kinds of token the caller may enroll.
pub async fn rights(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    session::require(&app, &origin, &headers, Scope::AdminRead).await?;
    let kinds = json!({"email": "EMail: Send a One Time Password to the users email address."});
    Ok(Answer::new(kinds, shape::seconds(app.now())))
}

/// A user signs in as everywhere else: first factor, mail, code. Only callers that may check may
/// try users here.
async fn user_login(
    app: &App,
    origin: &Origin,
    headers: &HeaderMap,
    params: &Params,
    typed: Secret,
) -> Result<Answer, Failure> {
    let name = params.required("username")?;
    let caller = caller::admit(app, origin, headers, Scope::ValidateCheck).map_err(|_| wrong_credentials())?;
    let who = who::named(app, name, params.text("realm"), None);
    let proof = match params.text("transaction_id") {
        Some(id) => Proof::Answer { challenge: ChallengeId::parse(id), typed },
        None => Proof::FirstStep { typed },
    };
    let request_key = request_key::read(headers, params)?;
    let client = Client { request_key, ..caller.client(origin, Claimed::default()) };
    let attempt = Attempt { who, proof, client };
    let verdict = auth::authenticate(app, &attempt, "POST /auth").await?;
    match (&verdict, &attempt.who) {
        (Verdict::Accept(_), Who::User { name, realm, .. }) => {
            signed_in(app, name.as_str(), &shape::realm_name(app, realm.as_ref()), Role::User)
        }
        (Verdict::Challenge(_), _) => shape::checked(app, &attempt, verdict),
        _ => Err(wrong_credentials()),
    }
}

fn signed_in(app: &App, name: &str, realm: &str, role: Role) -> Result<Answer, Failure> {
    let token = session::issue(app, name, realm, role)?;
    let rights: &[&str] = if role == Role::Admin { &RIGHTS } else { &[] };
    let value = json!({
        "auth": true,
        "token": token.expose(),
        "role": session::role_name(role),
        "username": name,
        "realm": realm,
        "log_level": 30,
        "logout_time": 120,
        "menus": Value::Array(Vec::new()),
        "rights": rights,
    });
    let answer = Answer::new(value, shape::seconds(app.now())).detail(Map::from_iter([]));
    Ok(answer.authentication(Authentication::Accept))
}

fn wrong_credentials() -> Failure {
    Failure::unauthorized(4031, "Authentication failure. Wrong credentials")
}

/// What an administrator may do, in the names of this interface.
const RIGHTS: [&str; 24] = [
    "adduser",
    "assign",
    "auditlog",
    "configdelete",
    "configread",
    "configwrite",
    "delete",
    "deleteuser",
    "disable",
    "enable",
    "enrollEMAIL",
    "getchallenges",
    "reset",
    "resolverread",
    "resolverwrite",
    "revoke",
    "set",
    "setpin",
    "smtpserver_read",
    "smtpserver_write",
    "tokenlist",
    "triggerchallenge",
    "unassign",
    "userlist",
];
