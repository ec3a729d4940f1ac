//! `/api/MFA`: providers, their criteria and their users.

mod conflicts;
mod criteria;
mod explain;
mod limits;
mod members;
mod schema;
mod update;
mod users;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Ras;
use crate::app::{Reply, TestApp};

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

/// The audit lines of a call, the newest first: actor and detail.
async fn audited(test: &TestApp, action: &str) -> Vec<(String, String)> {
    let lines = test.app.store.list_audit(None, 1000).await.unwrap();
    let of_call = lines.into_iter().filter(|line| line.action == action);
    of_call.map(|line| (line.actor, line.detail)).collect()
}
