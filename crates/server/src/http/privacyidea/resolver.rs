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
use crate::manage::ManageError;
use crate::manage::directories::{self, NewDirectory, READER, Trial, WRITER, known};
use crate::manage::realms;
use crate::manage::realms::Resolver;
use crate::manage::relays::{CENSORED, PasswordChange};

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
    call.by(Scope::AdminRead, "/resolver/").await?;
    Ok(call.answer(call.app.settings().resolvers.iter().map(|one| object(&call.app, one)).collect::<Map<_, _>>()))
}

/// `GET /resolver/NAME`; an unknown one is no error.
async fn one(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AdminRead, "/resolver/<resolver>").await?;
    let settings = call.app.settings();
    Ok(call.answer(
        settings
            .resolvers
            .iter()
            .filter(|one| one.name == name)
            .map(|one| object(&call.app, one))
            .collect::<Map<_, _>>(),
    ))
}

/// `POST /resolver/NAME`.
async fn save(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let action = "/resolver/<resolver>";
    let by = call.by(Scope::AdminWrite, action).await?;
    match realms::parse_kind(call.params.required("type")?)? {
        realms::DIRECTORY => {
            let new = read(&name, &call);
            let is_set = |one| matches!(one, &PasswordChange::Set(_));
            // Whoever answers for a directory says who is who.
            if is_set(&new.password) || is_set(&new.write_password) || directories::is_moved(&call.app, &new) {
                call.by(Scope::Secrets, action).await?;
            }
            directories::save(&call.app, &by, new).await?;
        }
        _ => realms::save_resolver(&call.app, &by, &name).await?,
    }
    Ok(call.answer(number(&name)))
}

/// `DELETE /resolver/NAME`.
async fn remove(Path(name): Path<String>, call: Call) -> Result<Answer, Failure> {
    let by = call.by(Scope::AdminWrite, "/resolver/<resolver>").await?;
    realms::delete_resolver(&call.app, &by, &name).await?;
    Ok(call.answer(number(&name)))
}

/// `POST /resolver/test`: with the values of the form. A value that cannot be is an answer, too, and so is a
/// directory that fails or shows nobody.
async fn test(call: Call) -> Result<Answer, Failure> {
    let action = "/resolver/test";
    // It makes this machine connect to wherever the caller says.
    call.by(Scope::AdminWrite, action).await?;
    call.by(Scope::Secrets, action).await?;
    if realms::parse_kind(call.params.required("type")?)? != realms::DIRECTORY {
        return Ok(tested(&call, true, "The users are kept in this database; it answers."));
    }
    let name = call.params.text("resolver").unwrap_or("test").to_owned();
    match directories::try_out(&call.app, read(&name, &call), None).await {
        Ok(Trial { complaint: Some(complaint), .. }) => {
            Ok(tested(&call, false, &format!("The directory answers, and shows nobody: {complaint}.")))
        }
        Ok(trial) => {
            let more = if trial.has_more { "more than " } else { "" };
            Ok(tested(&call, true, &format!("The directory answers: {more}{} people found.", trial.people)))
        }
        Err(ManageError::Directory(error)) => Ok(tested(&call, false, &error.to_string())),
        Err(ManageError::Invalid(reason)) => Ok(tested(&call, false, &reason)),
        Err(error) => Err(error.into()),
    }
}

fn tested(call: &Call, is_good: bool, description: &str) -> Answer {
    let detail = Map::from_iter([("description".to_owned(), Value::from(description))]);
    call.answer(is_good).detail(detail)
}

fn read(resolver: &str, call: &Call) -> NewDirectory {
    let params = &call.params;
    let given = known().iter().filter_map(|known| Some((known.name.to_owned(), params.text(known.name)?.to_owned())));
    NewDirectory {
        resolver: resolver.to_owned(),
        data: given.collect(),
        password: PasswordChange::read(params.sent(READER)),
        write_password: PasswordChange::read(params.sent(WRITER)),
    }
}

fn object(app: &App, resolver: &Resolver) -> (String, Value) {
    let Resolver { name, kind } = resolver;
    let settings = app.settings();
    let Some(stored) = settings.directories.iter().find(|stored| stored.resolver == *name) else {
        return (name.clone(), json!({"censor_keys": [], "data": {}, "resolvername": name, "type": kind}));
    };
    let mut data = stored.data.clone();
    let censored = |sealed: &Option<Vec<u8>>| if sealed.is_some() { CENSORED } else { "" }.to_owned();
    data.insert(READER.to_owned(), censored(&stored.sealed_password));
    data.insert(WRITER.to_owned(), censored(&stored.sealed_write_password));
    let value = json!({
        "censor_keys": [READER, WRITER],
        "data": data,
        "resolvername": name,
        "type": "ldapresolver",
    });
    (name.clone(), value)
}
