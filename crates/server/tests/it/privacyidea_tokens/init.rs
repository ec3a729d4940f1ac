//! Enrolling.

use domain::enrollment::Serial;
use otpost::http::privacyidea::session;
use otpost::manage::api_keys::{self, NewKey};
use serde_json::json;

use super::{add_user, assert_error, init, names, post, token, value};
use crate::app::{TestApp, by, form_request};

#[tokio::test(flavor = "multi_thread")]
async fn an_enrollment_is_listed_in_the_shape_clients_know() {
    let test = TestApp::start().await;
    let id = add_user(&test, "ann").await;
    let fields = [("user", "ann"), ("realm", "test"), ("pin", "1234"), ("email", "ann@mail.example"), ("otplen", "8")];
    let reply = init(&test, &fields).await;
    assert_eq!(value(&reply), true);
    let mut detail = reply.json()["detail"].clone();
    let serial = detail["serial"].as_str().expect("a serial").to_owned();
    assert!(serial.starts_with("PIEM") && Serial::parse(&serial).is_some());
    detail["serial"] = "S".into();
    assert_eq!(detail, json!({"rollout_state": "", "serial": "S", "threadid": 1}));

    let list = test.admin("GET", &format!("/token/?serial={serial}"), &[]).await;
    assert_eq!(names(&list.json()), ["id", "jsonrpc", "result", "time", "version", "versionnumber"]);
    let mut shown = value(&list);
    shown["tokens"][0]["id"] = 1.into();
    let token = json!({
        "active": true, "container_serial": "", "count": 0, "count_window": 10, "description": "", "failcount": 0,
        "id": 1,
        "info": {
            "assignment_date": "2026-11-21T01:21:08+00:00",
            "creation_date": "2026-11-21T01:21:08+00:00",
            "email": "ann@mail.example",
            "tokenkind": "software",
        },
        "locked": false, "maxfail": 10, "otplen": 8, "realms": ["test"], "resolver": "local", "revoked": false,
        "rollout_state": "", "serial": serial, "sync_window": 1000, "tokengroup": [], "tokentype": "email",
        "user_editable": true, "user_id": id, "user_realm": "test", "username": "ann",
    });
    assert_eq!(shown, json!({"count": 1, "current": 1, "next": null, "prev": null, "tokens": [token]}));
}

#[tokio::test(flavor = "multi_thread")]
async fn init_refuses_what_cannot_work_and_stores_nothing() {
    let test = TestApp::start().await;
    add_user(&test, "ann").await;
    let bad = |fields: &'static [(&'static str, &'static str)]| init(&test, fields);
    let missing = bad(&[("user", "ann")]).await;
    assert_error(&missing, 400, 905);
    assert_eq!(missing.json()["result"]["error"]["message"], "ERR905: Missing parameter: 'email'");
    let hostile = [
        "",
        " ",
        "a@b.example,c@d.example",
        "a@b.example c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@[127.0.0.1]",
        "<a@b.example>",
        "\"a b\"@c.example",
        "a@b.example\0",
        "no address",
    ];
    for address in hostile {
        assert_error(&init(&test, &[("user", "ann"), ("email", address)]).await, 400, 905);
    }
    for (name, text) in [("serial", "a*"), ("serial", "a b"), ("otplen", "3"), ("otplen", "21"), ("otplen", "x")] {
        assert_error(&init(&test, &[("email", "a@b.example"), (name, text)]).await, 400, 905);
    }
    let long = "x".repeat(129);
    assert_error(&init(&test, &[("email", "a@b.example"), ("pin", &long)]).await, 400, 905);
    assert_error(&init(&test, &[("email", "a@b.example"), ("description", "a\nb")]).await, 400, 905);
    for kind in ["hotp", "emial", ""] {
        let reply = post(&test, "/token/init", &[("type", kind), ("email", "a@b.example")]).await;
        assert_error(&reply, 400, 905);
        assert!(reply.text().contains("'email'"));
    }
    let ghost = init(&test, &[("user", "ghost"), ("realm", "test"), ("email", "a@b.example")]).await;
    assert_error(&ghost, 400, 904);
    let text = "ERR904: The user can not be found in any resolver in this realm!";
    assert_eq!(ghost.json()["result"]["error"]["message"], text);
    let nowhere = init(&test, &[("user", "ann"), ("realm", "nowhere"), ("email", "a@b.example")]).await;
    assert_error(&nowhere, 400, 904);
    assert_eq!(nowhere.json()["result"]["error"]["message"], "ERR904: User <ann@nowhere> does not exist.");
    assert_eq!(value(&test.admin("GET", "/token/", &[]).await)["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_and_keys_with_the_scope_get_in() {
    let test = TestApp::start().await;
    add_user(&test, "ann").await;
    let fields = [("type", "email"), ("email", "a@b.example")];
    assert_error(&test.form("/token/init", &fields).await, 401, 4033);
    let with = |path: &str, name: &'static str, text: String| {
        let mut request = form_request(path, &fields);
        request.headers_mut().insert(name, text.parse().expect("a header"));
        test.send(request)
    };
    assert_error(&with("/token/init", "authorization", "garbage".to_owned()).await, 401, 4304);
    let user = session::issue(&test.app, "ann", "test", session::Role::User).expect("a token");
    assert_error(&with("/token/init", "authorization", user.expose().to_owned()).await, 401, 4306);
    let key = |scope: &str| NewKey { name: "k".to_owned(), scopes: vec![scope.to_owned()], ..NewKey::default() };
    let enroll = api_keys::add(&test.app, &by(), key("enroll")).await.expect("a key");
    let read = api_keys::add(&test.app, &by(), key("admin:read")).await.expect("a key");
    let write = api_keys::add(&test.app, &by(), key("admin:write")).await.expect("a key");
    assert_eq!(with("/token/init", "x-api-key", enroll.expose().to_owned()).await.status, 200);
    assert_eq!(with("/token/init", "x-api-key", write.expose().to_owned()).await.status, 200);
    assert_error(&with("/token/init", "x-api-key", read.expose().to_owned()).await, 403, 303);
    assert_error(&with("/token/enable", "x-api-key", enroll.expose().to_owned()).await, 403, 303);
    assert_error(&with("/user/", "x-api-key", enroll.expose().to_owned()).await, 403, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_enroll_takes_over_no_enrollment_that_is_there() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let before = token(&test, "PIEM_alice").await;
    let with = async |scopes: &[&str], fields: &[(&str, &str)]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = NewKey { name: "portal".to_owned(), scopes, ..NewKey::default() };
        let key = api_keys::add(&test.app, &by(), new).await.unwrap();
        let mut request = form_request("/token/init", fields);
        request.headers_mut().insert("x-api-key", key.expose().parse().unwrap());
        test.send(request).await
    };
    let mut fields = vec![("type", "email"), ("serial", "PIEM_alice"), ("email", "evil@evil.example"), ("pin", "9999")];
    let refused = with(&["enroll"], &fields).await;
    assert_error(&refused, 403, 303);
    assert!(refused.text().contains("admin:write"), "{}", refused.text());
    assert_eq!(token(&test, "PIEM_alice").await, before);
    assert_eq!(test.check(&[("user", "alice"), ("pass", "9999")]).await.authentication(), "REJECT");
    assert!(test.sink.mails().is_empty(), "nobody is told of what did not happen");
    test.admin("POST", "/token/revoke", &[("serial", "PIEM_alice")]).await;
    assert_error(&with(&["enroll"], &fields).await, 403, 303);
    fields[1].1 = "PIEM_new";
    assert_eq!(value(&with(&["enroll"], &fields).await), true);
    assert_error(&with(&["enroll"], &fields).await, 403, 303);
    assert_eq!(value(&with(&["admin:write"], &fields).await), true, "who may change it may");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_existing_serial_is_enrolled_once_more() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let first = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let code = test.code_to("alice@example.org").await;
    let again = init(&test, &[("serial", "PIEM_alice"), ("email", "new@example.org")]).await;
    assert_eq!(again.json()["detail"]["serial"], "PIEM_alice");
    let answer = [("user", "alice"), ("transaction_id", &*first), ("pass", &*code)];
    assert_eq!(test.check(&answer).await.authentication(), "REJECT", "the old address had that code");

    test.clock.advance(std::time::Duration::from_secs(60));
    let second = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let code = test.code_to("new@example.org").await;
    let answer = [("user", "alice"), ("transaction_id", &*second), ("pass", &*code)];
    assert_eq!(test.check(&answer).await.authentication(), "ACCEPT", "owner and PIN stay");
    assert_eq!(token(&test, "PIEM_alice").await["username"], "alice");
}
