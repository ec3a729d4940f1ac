//! `/token/` and `/user/` of the privacyIDEA dialect, end to end.

mod change;
mod init;
mod list;
mod user;

use axum::http::StatusCode;
use serde_json::Value;

use crate::app::{Reply, TestApp};

/// Adds a user through the interface; answers the identifier.
async fn add_user(test: &TestApp, name: &str) -> String {
    let email = format!("{name}@example.org");
    let fields = [("resolver", "local"), ("user", name), ("password", "the password"), ("email", &email)];
    value(&test.admin("POST", "/user/", &fields).await).as_str().expect("an identifier").to_owned()
}

async fn init(test: &TestApp, fields: &[(&str, &str)]) -> Reply {
    let mut all = vec![("type", "email")];
    all.extend_from_slice(fields);
    test.admin("POST", "/token/init", &all).await
}

async fn post(test: &TestApp, path: &str, fields: &[(&str, &str)]) -> Reply {
    test.admin("POST", path, fields).await
}

fn value(reply: &Reply) -> Value {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    reply.json()["result"]["value"].clone()
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: i64) {
    assert_eq!((reply.status.as_u16(), reply.error_code()), (status, code), "{}", reply.text());
    let body = reply.json();
    assert!(body["detail"].is_null() && body["result"].get("value").is_none(), "{body}");
    assert_eq!(body["result"]["status"], false);
}

async fn token(test: &TestApp, serial: &str) -> Value {
    value(&test.admin("GET", &format!("/token/?serial={serial}"), &[]).await)["tokens"][0].clone()
}

/// Names of an object, in order.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}
