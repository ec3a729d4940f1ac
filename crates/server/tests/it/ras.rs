//! The Parallels RAS dialect through the real router.

mod admin_account;
mod mailbox;
mod mfa;
mod session;
mod site;
mod statuses;
mod themes;
mod transport;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use domain::secret::Secret;
use otpost::manage::settings;
use otpost::store::audit::Line;
use serde_json::{Value, json};

use crate::app::{ADMIN_PASSWORD, Reply, TestApp, by};

/// A program that is signed in.
pub(crate) struct Ras<'a> {
    pub(crate) test: &'a TestApp,
    pub(crate) auth: String,
}

impl<'a> Ras<'a> {
    /// Signs in as the administrator of the tests, who may everything.
    pub(crate) async fn root(test: &'a TestApp) -> Self {
        Self::of(test, "admin", ADMIN_PASSWORD).await
    }

    /// Signs in as somebody.
    pub(crate) async fn of(test: &'a TestApp, name: &str, password: &str) -> Self {
        let reply = log_on(test, name, password).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        Self { test, auth: reply.json()["authToken"].as_str().expect("a token").to_owned() }
    }

    /// Any request, with the token.
    pub(crate) async fn send(&self, request: Builder, body: impl Into<Body>) -> Reply {
        self.test.send(request.header("auth_token", &self.auth).body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path), "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(typed(Request::post(path)), body.to_string()).await
    }

    /// A POST without a body.
    pub(crate) async fn order(&self, path: &str) -> Reply {
        self.send(Request::post(path), "").await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(typed(Request::put(path)), body.to_string()).await
    }

    /// A DELETE that names in its body what is to go.
    pub(crate) async fn take_out(&self, path: &str, body: Value) -> Reply {
        self.send(typed(Request::delete(path)), body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Request::delete(path), "").await
    }
}

/// `POST /api/Session/logon`.
pub(crate) async fn log_on(test: &TestApp, name: &str, password: &str) -> Reply {
    let body = json!({"username": name, "password": password}).to_string();
    test.send(typed(Request::post("/api/Session/logon")).body(Body::from(body)).unwrap()).await
}

/// A request whose body is JSON.
pub(crate) fn typed(request: Builder) -> Builder {
    request.header("content-type", "application/json; api-version=1.0")
}

/// Holds a refusal to its shape; answers its `detail`, and its faults as `POINTER CODE`.
pub(crate) fn problem(reply: &Reply, status: u16) -> (String, Vec<String>) {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "application/json; api-version=1.0");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let body = reply.json();
    assert_eq!(body["status"], status, "{body}");
    assert!(body["type"].as_str().unwrap().starts_with("urn:otpost:problem:"), "{body}");
    assert!(!body["title"].as_str().unwrap().is_empty() && body["instance"].as_str().unwrap().starts_with('/'));
    assert_eq!(body["requestId"].as_str().unwrap(), reply.headers["x-request-id"].to_str().unwrap());
    let faults = body["faults"].as_array().cloned().unwrap_or_default();
    for fault in &faults {
        let path = fault["pointer"].as_str().unwrap().trim_start_matches('/');
        let texts = body["errors"][path].as_array().unwrap_or_else(|| panic!("{body}"));
        assert!(texts.contains(&fault["message"]), "{body}");
    }
    let listed = faults
        .iter()
        .map(|fault| format!("{} {}", fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()));
    (body["detail"].as_str().unwrap().to_owned(), listed.collect())
}

/// The audit trail, the newest first.
pub(crate) async fn lines(test: &TestApp) -> Vec<Line> {
    test.app.store.list_audit(None, 1000).await.unwrap()
}

/// Sets a setting by name.
pub(crate) async fn set(test: &TestApp, name: &str, value: &str) {
    settings::set_many(&test.app, &by(), &[(name.to_owned(), Secret::new(value))]).await.unwrap();
}
