//! Who may call: listed networks, API keys, administrators.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use otpost::config::ForwardedHeader;
use otpost::manage::api_keys::{self, NewKey};

use super::begin;
use crate::app::{Reply, TestApp, by, form_request};

const ELSEWHERE: &str = "192.0.2.7:40000";

async fn key(test: &TestApp, scopes: &[&str]) -> String {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = NewKey { name: "portal".to_owned(), scopes, ..NewKey::default() };
    api_keys::add(&test.app, &by(), new).await.unwrap().expose().to_owned()
}

async fn call(test: &TestApp, from: &str, path: &str, header: Option<(&'static str, &str)>) -> Reply {
    let mut request = form_request(path, &[("user", "alice"), ("pass", "1234")]);
    if let Some((name, value)) = header {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    test.send_from(from.parse().unwrap(), request).await
}

fn outcome(reply: &Reply) -> (u16, String) {
    let error = reply.json()["result"]["error"]["code"].as_i64().map(|code| code.to_string());
    (reply.status.as_u16(), error.unwrap_or_else(|| reply.authentication()))
}

async fn with_alice() -> TestApp {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn another_network_needs_a_key_with_the_scope() {
    let test = with_alice().await;
    let (check, trigger) = (key(&test, &["validate:check"]).await, key(&test, &["validate:trigger"]).await);
    let bearer = format!("Bearer {check}");
    let path = "/validate/check";
    let refused = (403, "303".to_owned());
    assert_eq!(outcome(&call(&test, ELSEWHERE, path, None).await), refused);
    assert_eq!(outcome(&call(&test, ELSEWHERE, path, Some(("authorization", "garbage"))).await), refused);
    assert_eq!(outcome(&call(&test, ELSEWHERE, path, Some(("x-api-key", &trigger))).await), refused);
    for header in [("x-api-key", &check), ("authorization", &check), ("authorization", &bearer)] {
        let reply = call(&test, ELSEWHERE, path, Some((header.0, header.1.as_str()))).await;
        assert_eq!(outcome(&reply), (200, "CHALLENGE".to_owned()), "{header:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_even_from_a_listed_network() {
    let test = with_alice().await;
    let good = key(&test, &["validate:check"]).await;
    let last_changed = format!("{}x", &good[..good.len() - 1]);
    for wrong in ["otpk_", "otpk_a_b", "nonsense", "", &last_changed] {
        let reply = call(&test, "127.0.0.1:1", "/validate/check", Some(("x-api-key", wrong))).await;
        assert_eq!(outcome(&reply), (401, "4031".to_owned()), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_refused_at_once() {
    let test = with_alice().await;
    let text = key(&test, &["validate:check"]).await;
    let header = Some(("x-api-key", text.as_str()));
    assert_eq!(call(&test, ELSEWHERE, "/validate/check", header).await.status, StatusCode::OK);
    let id = test.app.settings().api_keys[0].id.clone();
    api_keys::revoke(&test.app, &by(), &id).await.unwrap();
    assert_eq!(outcome(&call(&test, ELSEWHERE, "/validate/check", header).await), (401, "4031".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn triggering_needs_its_scope_or_an_administrator_whatever_the_network() {
    let test = with_alice().await;
    let path = "/validate/triggerchallenge";
    let (check, trigger) = (key(&test, &["validate:check"]).await, key(&test, &["validate:trigger"]).await);
    let admin = test.admin_token().await;
    for (header, expected) in [
        (None, (401, "4033")),
        (Some(("x-api-key", check.as_str())), (403, "303")),
        (Some(("x-api-key", trigger.as_str())), (200, "CHALLENGE")),
        (Some(("authorization", admin.as_str())), (200, "CHALLENGE")),
        (Some(("pi-authorization", admin.as_str())), (200, "CHALLENGE")),
    ] {
        let reply = call(&test, "127.0.0.1:1", path, header).await;
        assert_eq!(outcome(&reply), (expected.0, expected.1.to_owned()), "{header:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_sign_in_only_from_where_codes_may_be_checked() {
    let test = with_alice().await;
    let fields = [("username", "alice"), ("password", "1234")];
    let far = test.send_from(ELSEWHERE.parse().unwrap(), form_request("/auth", &fields)).await;
    assert_eq!(outcome(&far), (401, "4031".to_owned()));
    assert_eq!(outcome(&test.form("/auth", &fields).await), (200, "CHALLENGE".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_another_group_cannot_answer() {
    let test = with_alice().await;
    let (id, code) = begin(&test, "alice").await;
    let scopes = vec!["validate:check".to_owned()];
    let new = NewKey { name: "other".to_owned(), scopes, group: Some("other".to_owned()), ..NewKey::default() };
    let other = api_keys::add(&test.app, &by(), new).await.unwrap();
    let fields = [("user", "alice"), ("transaction_id", &*id), ("pass", &*code)];
    let mut request = form_request("/validate/check", &fields);
    request.headers_mut().insert("x-api-key", other.expose().parse().unwrap());
    assert_eq!(test.send(request).await.authentication(), "REJECT");
    assert_eq!(test.check(&fields).await.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stops_at_its_end_and_outside_its_networks() {
    let test = with_alice().await;
    let new = NewKey {
        name: "portal".to_owned(),
        scopes: vec!["validate:check".to_owned()],
        networks: vec!["192.0.2.0/24".parse().unwrap()],
        expires_at: Some(test.app.now() + Duration::from_secs(60)),
        ..NewKey::default()
    };
    let text = api_keys::add(&test.app, &by(), new).await.unwrap().expose().to_owned();
    let header = Some(("x-api-key", text.as_str()));
    let (accepted, refused) = ((200, "CHALLENGE".to_owned()), (401, "4031".to_owned()));
    assert_eq!(outcome(&call(&test, ELSEWHERE, "/validate/check", header).await), accepted);
    assert_eq!(outcome(&call(&test, "198.51.100.1:1", "/validate/check", header).await), refused);
    test.clock.advance(Duration::from_secs(60));
    assert_eq!(outcome(&call(&test, ELSEWHERE, "/validate/check", header).await), refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_stranger_behind_a_proxy_makes_them_the_proxy() {
    let test = TestApp::start_with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        config.http.forwarded_header = ForwardedHeader::XForwardedFor;
    })
    .await;
    test.enroll("alice", "1234").await;
    let refused = (403, "303".to_owned());
    // What a proxy makes of it that appends, and what one makes of it that does not.
    let said = [b"\xff".to_vec(), b"x".repeat(1100), b"127.0.0.1, ".repeat(120), b"unknown".to_vec(), Vec::new()];
    for said in said {
        for value in [[said.as_slice(), b", 203.0.113.9"].concat(), said] {
            let mut request = form_request("/validate/check", &[("user", "alice"), ("pass", "1234")]);
            request.headers_mut().insert("x-forwarded-for", HeaderValue::from_bytes(&value).unwrap());
            assert_eq!(outcome(&test.send(request).await), refused, "{}", value.escape_ascii());
        }
    }
    let honest = form_request("/validate/check", &[("user", "alice"), ("pass", "1234")]);
    assert_eq!(outcome(&test.send(honest).await), (200, "CHALLENGE".to_owned()), "a client of this machine");
}
