//! Realms, resolvers, relays, settings, policies, audit and health through the privacyIDEA dialect.

mod audit;
mod policies;
mod realms;
mod relays;
mod system;
mod tests_of_relays;

use axum::body::Body;
use axum::http::Request;
use otpost::api_key::Scope;
use otpost::manage::api_keys::{self, NewKey};
use serde_json::Value;

use crate::app::{Reply, TestApp, by, form_request};

/// `result.value`.
fn value(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["result"]["status"], true, "{}", reply.text());
    reply.json()["result"]["value"].clone()
}

/// HTTP status and error number.
fn error(reply: &Reply) -> (u16, i64) {
    (reply.status.as_u16(), reply.error_code())
}

/// The words of an error.
fn message(reply: &Reply) -> String {
    reply.json()["result"]["error"]["message"].as_str().expect("a message").to_owned()
}

/// A call with a key that has these scopes and no others.
async fn with_key(test: &TestApp, scopes: &[Scope], method: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
    let scopes = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let new = NewKey { name: "test".to_owned(), scopes, ..NewKey::default() };
    let key = api_keys::add(&test.app, &by(), new).await.unwrap();
    let mut request = form_request(path, fields);
    *request.method_mut() = method.parse().unwrap();
    request.headers_mut().insert("x-api-key", key.expose().parse().unwrap());
    test.send(request).await
}

/// A call of the administrator with a JSON body.
async fn admin_json(test: &TestApp, path: &str, body: &Value) -> Reply {
    let token = test.admin_token().await;
    let request = Request::post(path)
        .header("authorization", token)
        .header("content-type", "application/json")
        .header("host", "localhost")
        .body(Body::from(body.to_string()))
        .unwrap();
    test.send(request).await
}

/// Everything that the audit trail and the interface show, to look for what must not be there.
async fn everything_shown(test: &TestApp) -> String {
    let mut shown = format!("{:?}", test.app.store.list_audit(None, 1000).await.unwrap());
    for path in
        ["/smtpserver/", "/system/", "/policy/", "/audit/?page_size=500", "/audit/x.csv", "/realm/", "/resolver/"]
    {
        shown.push_str(&test.admin("GET", path, &[]).await.text());
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_or_changed_without_signing_in() {
    let test = TestApp::start().await;
    for (method, path) in [
        ("GET", "/realm/"),
        ("POST", "/realm/x"),
        ("DELETE", "/realm/test"),
        ("GET", "/defaultrealm"),
        ("POST", "/defaultrealm/test"),
        ("DELETE", "/defaultrealm"),
        ("GET", "/resolver/"),
        ("GET", "/resolver/local"),
        ("POST", "/resolver/x"),
        ("POST", "/resolver/test"),
        ("DELETE", "/resolver/local"),
        ("GET", "/smtpserver/"),
        ("POST", "/smtpserver/x"),
        ("POST", "/smtpserver/send_test_email"),
        ("DELETE", "/smtpserver/sink"),
        ("GET", "/system/"),
        ("GET", "/system/x"),
        ("POST", "/system/setConfig"),
        ("POST", "/system/setDefault"),
        ("POST", "/system/test/email"),
        ("DELETE", "/system/x"),
        ("GET", "/policy/"),
        ("GET", "/policy/x"),
        ("GET", "/policy/defs"),
        ("POST", "/policy/x"),
        ("DELETE", "/policy/x"),
        ("POST", "/policy/enable/x"),
        ("POST", "/policy/disable/x"),
        ("GET", "/audit/"),
        ("GET", "/audit/x.csv"),
    ] {
        let fields = [("action", "otppin=none"), ("scope", "authentication")];
        let mut request = form_request(path, &fields);
        *request.method_mut() = method.parse().unwrap();
        let reply = test.send(request).await;
        assert_eq!(error(&reply), (401, 4033), "{method} {path}");
        // A key for signing users in reads no settings.
        let reply = with_key(&test, &[Scope::ValidateCheck], method, path, &fields).await;
        assert_eq!(error(&reply), (403, 303), "{method} {path}");
        if method != "GET" && path != "/resolver/test" {
            let reply = with_key(&test, &[Scope::AdminRead, Scope::AuditRead], method, path, &fields).await;
            assert_eq!(error(&reply), (403, 303), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_without_signing_in() {
    let test = TestApp::start().await;
    for (path, expected) in [
        ("/healthz/", serde_json::json!({"hsm": "OK", "status": "ready"})),
        ("/healthz/livez", serde_json::json!({"status": "OK"})),
        ("/healthz/readyz", serde_json::json!({"hsm": "OK", "status": "ready"})),
        ("/healthz/startupz", serde_json::json!({"status": "started"})),
    ] {
        let reply = test.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(value(&reply), expected, "{path}");
        let keys: Vec<_> = reply.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["id", "jsonrpc", "result", "time"]);
    }
    let reply = test.send(Request::post("/healthz/livez").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, 405);
}
