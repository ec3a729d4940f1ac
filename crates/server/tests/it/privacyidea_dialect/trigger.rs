//! Triggering, polling, GET, and the settings that change how they go.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{answer, begin, spelled_out};
use crate::app::{Reply, TestApp};

async fn trigger(test: &TestApp, fields: &[(&str, &str)]) -> Reply {
    test.admin("POST", "/validate/triggerchallenge", fields).await
}

async fn get(test: &TestApp, path: &str) -> Reply {
    test.send(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn triggering_counts_what_it_triggered() {
    let test = spelled_out().await;
    let alice = test.enroll("alice", "1234").await;
    let one = trigger(&test, &[("user", "alice"), ("nonce", "n1")]).await;
    assert_eq!((&one.json()["result"]["value"], one.authentication().as_str()), (&json!(1), "CHALLENGE"));
    assert_eq!(one.json()["nonce"], "n1");
    let code = test.code_to("alice@example.org").await;
    assert_eq!(answer(&test, "alice", &one.transaction(), &code).await.authentication(), "ACCEPT");
    test.enroll_again(&alice, "PIEM_second", "5678").await;
    let two = trigger(&test, &[("user", "alice")]).await;
    assert_eq!(two.json()["result"]["value"], json!(2));
    assert_eq!(two.json()["detail"]["multi_challenge"].as_array().unwrap().len(), 2);
    test.clock.advance(Duration::from_secs(300));
    let by_serial = trigger(&test, &[("serial", "PIEM_second")]).await;
    assert_eq!(by_serial.json()["result"]["value"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_with_a_question_mark_is_a_serial_like_any_other() {
    let test = spelled_out().await;
    for serial in ["NOPE", "? x", "?"] {
        let reply = trigger(&test, &[("serial", serial)]).await;
        assert_eq!((reply.status.as_u16(), reply.authentication().as_str()), (200, "REJECT"), "{}", reply.text());
        let reply = test.check(&[("serial", serial), ("pass", "1234")]).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (404, 601), "{}", reply.text());
    }
    let unknown = trigger(&test, &[("user", "no name\n")]).await;
    assert_eq!(unknown.error_code(), 904, "{}", unknown.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_triggered_counts_nothing_and_says_why_where_there_is_a_why() {
    let test = spelled_out().await;
    for name in ["bob", "carol"] {
        test.enroll(name, "1234").await;
    }
    test.add_user("notoken", "pw").await;
    test.admin("POST", "/token/disable/PIEM_bob", &[]).await;
    for _ in 0..10 {
        test.check(&[("user", "carol"), ("pass", "4321")]).await;
    }
    for (name, value, texts) in [
        ("user", "notoken", json!([])),
        ("serial", "NOPE", json!([])),
        ("user", "bob", json!(["Token is disabled"])),
        ("user", "carol", json!(["Failcounter exceeded"])),
    ] {
        let reply = trigger(&test, &[(name, value)]).await;
        assert_eq!((reply.status.as_u16(), reply.authentication().as_str()), (200, "REJECT"), "{value}");
        assert_eq!(reply.json()["result"]["value"], json!(0), "{value}");
        let detail = reply.json()["detail"].clone();
        assert_eq!((&detail["multi_challenge"], &detail["transaction_ids"]), (&json!([]), &json!([])));
        assert_eq!(detail.get("message").unwrap_or(&Value::Null), texts.get(0).unwrap_or(&Value::Null));
        assert_eq!(detail["messages"], texts, "{value}");
    }
    for (fields, code) in [(&[("user", "nobody")][..], 904), (&[("pass", "x")], 905)] {
        let reply = trigger(&test, fields).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (400, code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_is_pending_for_every_id() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (id, code) = begin(&test, "alice").await;
    let by_path = format!("/validate/polltransaction/{id}");
    let by_query = format!("/validate/polltransaction?transaction_id={id}");
    let mut replies = vec![get(&test, &by_path).await, get(&test, &by_query).await];
    answer(&test, "alice", &id, &code).await;
    replies.push(get(&test, &by_path).await);
    replies.push(get(&test, "/validate/polltransaction/00000000000000000000").await);
    for reply in replies {
        assert_eq!((reply.status.as_u16(), reply.authentication().as_str()), (200, "REJECT"));
        assert_eq!(reply.json()["result"]["value"], json!(false));
        assert_eq!(reply.json()["detail"]["challenge_status"], "pending");
    }
    let none = get(&test, "/validate/polltransaction").await;
    assert_eq!((none.status.as_u16(), none.error_code()), (400, 905));
    assert_eq!(test.form("/validate/polltransaction", &[]).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_the_address_is_refused_unless_allowed() {
    let path = "/validate/check?user=alice&pass=1234";
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let refused = get(&test, path).await;
    assert_eq!((refused.status.as_u16(), refused.error_code()), (405, 905));
    assert!(test.sink.mails().is_empty());
    let test = TestApp::start_with(|config| config.validate.get = true).await;
    test.enroll("alice", "1234").await;
    assert_eq!(get(&test, path).await.authentication(), "CHALLENGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_validity_set_by_an_administrator_is_the_one_that_counts() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    assert_eq!(test.admin("POST", "/system/setConfig", &[("email.validtime", "45")]).await.status, 200);
    let (id, code) = begin(&test, "alice").await;
    test.clock.advance(Duration::from_secs(45));
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "REJECT");
    let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let code = crate::app::code_in(&test.mails_to("alice@example.org", 2).await[0]);
    test.clock.advance(Duration::from_secs(44));
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_wrong_methods_are_plain_refusals() {
    let test = TestApp::start().await;
    for path in ["/validate/nothing", "/validate/check/", "/validate/samlcheck"] {
        let reply = get(&test, path).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (404, json!({"error": "Not found"})), "{path}");
    }
    assert_eq!(get(&test, "/auth").await.status, 405);
}
