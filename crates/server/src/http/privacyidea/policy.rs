//! `/policy/`: the few policies that set-up scripts need.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Path, Request};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Failure, wrong_method};
use super::params::unreadable;
use super::realm::number;
use super::token::call::Call;
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::policies::{self, NewPolicy, OFFERED, Policy};

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/policy", get(to_slash).fallback(wrong_method))
        .route("/policy/", get(list).fallback(wrong_method))
        .route("/policy/defs", get(definitions).fallback(wrong_method))
        .route("/policy/enable/{name}", post(enable).fallback(wrong_method))
        .route("/policy/disable/{name}", post(disable).fallback(wrong_method))
        .route("/policy/{name}", get(one).post(save).delete(remove).fallback(wrong_method))
}

/// A call whose `action` may be a JSON object.
struct Definition {
    call: Call,
    action: String,
}

impl FromRequest<App> for Definition {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), app).await;
        let bytes = read.map_err(|rejection| unreadable(rejection.status()))?;
        let object = serde_json::from_slice::<Map<String, Value>>(&bytes).ok();
        let action = object.and_then(|object| object.get("action").filter(|action| action.is_object()).cloned());
        let call = Call::from_request(Request::from_parts(parts, Body::from(bytes)), app).await?;
        let action = match action {
            Some(action) => action.to_string(),
            None => call.params.required("action")?.to_owned(),
        };
        Ok(Self { call, action })
    }
}

/// `GET /policy/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/policy/").await?;
    Ok(call.answer(policies::list(&call.app.settings()).iter().map(object).collect::<Vec<_>>()))
}

/// `GET /policy/NAME`; an unknown one is no error.
async fn one(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/policy/<name>").await?;
    let all = policies::list(&call.app.settings());
    Ok(call.answer(all.iter().filter(|policy| policy.name == name).map(object).collect::<Vec<_>>()))
}

/// `GET /policy/defs`.
async fn definitions(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/policy/defs").await?;
    let actions = OFFERED.map(|(name, about)| (name.to_owned(), json!({"desc": about, "type": "str"})));
    Ok(call.answer(json!({"authentication": Map::from_iter(actions)})))
}

/// `POST /policy/NAME`.
async fn save(Path(name): Path<String>, definition: Definition) -> Result<Answer, Failure> {
    let Definition { call, action } = definition;
    let by = call.by(Scope::AdminWrite, "/policy/<name>").await?;
    let (params, answer) = (&call.params, format!("setPolicy {name}"));
    let conditions = CONDITIONS.into_iter().filter(|condition| {
        let is_set = |text: &str| !matches!(text.trim(), "" | "[]" | "{}");
        params.text(condition).is_some_and(is_set)
    });
    let id = number(&name);
    let new = NewPolicy {
        scope: params.required("scope")?.to_owned(),
        realms: params.text("realm").map(split).unwrap_or_default(),
        is_inactive: params.text("active").is_some_and(|text| !crate::settings::is_true(text)),
        priority: params.number("priority")?.unwrap_or(1),
        description: params.text("description").unwrap_or_default().to_owned(),
        conditions: conditions.map(str::to_owned).collect(),
        action,
        name,
    };
    policies::save(&call.app, &by, new).await?;
    Ok(call.answer(Map::from_iter([(answer, id.into())])))
}

/// `POST /policy/enable/NAME`.
async fn enable(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/policy/enable/<name>").await?;
    policies::set_active(&call.app, &by, &name, true).await?;
    Ok(call.answer(number(&name)))
}

/// `POST /policy/disable/NAME`.
async fn disable(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/policy/disable/<name>").await?;
    policies::set_active(&call.app, &by, &name, false).await?;
    Ok(call.answer(number(&name)))
}

/// `DELETE /policy/NAME`.
async fn remove(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/policy/<name>").await?;
    policies::delete(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn object(policy: &Policy) -> Value {
    json!({
        "action": policy.action,
        "active": policy.active,
        "adminrealm": [],
        "adminuser": [],
        "check_all_resolvers": false,
        "client": [],
        "conditions": [],
        "description": policy.description,
        "name": policy.name,
        "pinode": [],
        "priority": policy.priority,
        "realm": policy.realm,
        "resolver": [],
        "scope": policy.scope,
        "time": "",
        "user": [],
        "user_agents": [],
        "user_case_insensitive": false,
    })
}

/// What would narrow a policy down. Ignored, it would apply to more people than was meant.
const CONDITIONS: [&str; 10] =
    ["adminrealm", "adminuser", "client", "conditions", "pinode", "resolver", "time", "user", "user_agents", "users"];
