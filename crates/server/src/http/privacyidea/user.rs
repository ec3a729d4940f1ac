//! `/user/`: users.

use axum::Router;
use axum::extract::Path;
use axum::routing::{delete, get};
use domain::secret::Secret;
use serde_json::{Value, json};

use super::envelope::{Answer, Failure, wrong_method};
use super::token::call::{Call, short};
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::users::{self, Found, NewUser, UserChange, Wanted};

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/user", get(to_slash).fallback(wrong_method))
        .route("/user/", get(list).post(add).put(change).fallback(wrong_method))
        .route("/user/{resolver}/{name}", delete(remove).fallback(wrong_method))
}

/// `GET /user/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/user/").await?;
    let text = |name: &str| call.params.text(name).map(str::to_owned);
    let wanted = Wanted {
        realm: text("realm"),
        resolver: text("resolver"),
        name: text("username").or_else(|| text("user")),
        id: text("userid"),
        email: text("email"),
        given_name: text("givenname"),
        surname: text("surname"),
        phone: text("phone"),
        mobile: text("mobile"),
        description: text("description"),
    };
    let found = users::find(&call.app, wanted).await?;
    Ok(call.answer(found.iter().map(object).collect::<Vec<Value>>()))
}

/// `POST /user/`.
async fn add(call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/user/").await?;
    let text = |name: &str| call.params.text(name).unwrap_or_default().to_owned();
    let new = NewUser {
        resolver: call.params.required("resolver")?.to_owned(),
        name: name(&call)?.to_owned(),
        password: password(&call)?,
        email: text("email"),
        given_name: text("givenname"),
        surname: text("surname"),
        phone: text("phone"),
        mobile: text("mobile"),
        description: text("description"),
    };
    Ok(call.answer(users::add(&call.app, &by, new).await?.id))
}

/// `PUT /user/`.
async fn change(call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/user/").await?;
    let text = |name: &str| call.params.sent(name).map(str::to_owned);
    let change = UserChange {
        password: password(&call)?,
        email: text("email"),
        given_name: text("givenname"),
        surname: text("surname"),
        phone: text("phone"),
        mobile: text("mobile"),
        description: text("description"),
    };
    let (resolver, name) = (call.params.required("resolver")?, name(&call)?);
    users::update(&call.app, &by, resolver, name, change).await.map_err(|error| unknown(error, name, resolver))?;
    Ok(call.answer(true))
}

/// `DELETE /user/RESOLVER/NAME`.
async fn remove(Path((resolver, name)): Path<(String, String)>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/user/").await?;
    users::remove(&call.app, &by, &resolver, &name).await.map_err(|error| unknown(error, &name, &resolver))?;
    Ok(call.answer(1))
}

fn name(call: &Call) -> Result<&str, Failure> {
    call.params.text("user").or_else(|| call.params.text("username")).ok_or_else(|| Failure::missing("user"))
}

fn password(call: &Call) -> Result<Option<Secret>, Failure> {
    call.params.secret("password")
}

/// What is not found here is always the user.
fn unknown(error: ManageError, name: &str, resolver: &str) -> Failure {
    match error {
        ManageError::NotFound(_) => Failure::unknown_user(&short(name), &short(resolver)),
        other => other.into(),
    }
}

fn object(found: &Found) -> Value {
    let account = &found.account;
    json!({
        "description": account.description,
        "editable": !account.is_in_directory(),
        "email": account.email,
        "givenname": account.given_name,
        "mobile": account.mobile,
        "phone": account.phone,
        "realm": found.realm,
        "resolver": account.resolver,
        "surname": account.surname,
        "userid": account.id,
        "username": account.name,
    })
}
