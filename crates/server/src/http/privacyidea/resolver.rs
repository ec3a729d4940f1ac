//! `/resolver/`: sources of users.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::envelope::{Answer, Failure, wrong_method};
use super::realm::number;
use super::token::call::Call;
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::realms;
use crate::manage::realms::Resolver;

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/resolver", get(to_slash).fallback(wrong_method))
        .route("/resolver/", get(list).fallback(wrong_method))
        .route("/resolver/test", post(test).fallback(wrong_method))
        .route("/resolver/{name}", get(one).post(save).delete(remove).fallback(wrong_method))
}

/// `GET /resolver/`.
async fn list(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "GET /resolver/").await?;
    Ok(call.answer(call.app.settings().resolvers.iter().map(object).collect::<Map<_, _>>()))
}

/// `GET /resolver/NAME`; an unknown one is no error.
async fn one(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "GET /resolver/<resolver>").await?;
    let settings = call.app.settings();
    Ok(call.answer(settings.resolvers.iter().filter(|one| one.name == name).map(object).collect::<Map<_, _>>()))
}

/// `POST /resolver/NAME`.
async fn save(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "POST /resolver/<resolver>").await?;
    realms::parse_kind(call.params.required("type")?)?;
    realms::save_resolver(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `DELETE /resolver/NAME`.
async fn remove(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "DELETE /resolver/<resolver>").await?;
    realms::delete_resolver(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `POST /resolver/test`: there is nothing to reach outside.
async fn test(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "POST /resolver/test").await?;
    realms::parse_kind(call.params.required("type")?)?;
    let mut detail = Map::new();
    detail.insert("description".to_owned(), "The users are kept in this database; it answers.".into());
    Ok(call.answer(true).detail(detail))
}

fn object(resolver: &Resolver) -> (String, Value) {
    let Resolver { name, kind } = resolver;
    (name.clone(), json!({"censor_keys": [], "data": {}, "resolvername": name, "type": kind}))
}
