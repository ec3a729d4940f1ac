//! `/api/MFA`: providers, their criteria and their users.

mod conflicts;
mod criteria;
mod explain;
mod limits;
mod members;
mod rights;
mod schema;
mod several;
mod update;
mod users;

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Ras, lines};
use crate::app::{Reply, TestApp};

/// The product on each engine, at a time that a database server does not take for the past: there
/// its own clock counts where it is later.
async fn engines() -> [TestApp; 2] {
    let tests = [TestApp::start().await, TestApp::start_on_postgres().await];
    for test in &tests {
        let theirs = test.app.store.server_time().await.unwrap().unwrap_or_default();
        test.clock.advance(theirs.since(test.app.now()) + Duration::from_secs(60));
    }
    tests
}

/// A new provider with these properties beside the needed ones.
async fn create(ras: &Ras<'_>, name: &str, with: Value) -> Reply {
    ras.post("/api/MFA/EmailOTP", merged(json!({"name": name, "displayName": ""}), with)).await
}

/// The same, which must be taken; answers the number.
async fn created(ras: &Ras<'_>, name: &str, with: Value) -> i64 {
    let reply = create(ras, name, with).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    reply.json()["id"].as_i64().expect("a number")
}

fn merged(mut one: Value, other: Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

/// What the audit tells of a call, in no order: the clock stands still.
async fn audited(test: &TestApp, action: &str) -> Vec<String> {
    let of_call = lines(test).await.into_iter().filter(|line| line.action == action);
    of_call.inspect(|line| assert_eq!(line.actor, "admin")).map(|line| line.detail).collect()
}

/// Asserts that the audit tells this of a call.
async fn assert_audited(test: &TestApp, action: &str, detail: &str) {
    let told = audited(test, action).await;
    assert!(told.iter().any(|one| one == detail), "{detail}: {told:#?}");
}
