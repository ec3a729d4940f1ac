//! The same request twice: a balancer that repeats it, a client that got no answer. With a name for it
//! there is one challenge and one mail, however late the copy comes.

use std::time::Duration;

use axum::http::StatusCode;

use super::{answer, message, spelled_out};
use crate::app::{Reply, TestApp, form_request};

const ALICE: &[(&str, &str)] = &[("user", "alice"), ("pass", "1234")];

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_comes_after_the_sign_in_mails_nothing() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let first = keyed(&test, "/validate/check", "k-1", ALICE).await;
    let code = test.code_to("alice@example.org").await;
    assert_eq!(answer(&test, "alice", &first.transaction(), &code).await.authentication(), "ACCEPT");
    for _ in 0..3 {
        let copy = keyed(&test, "/validate/check", "k-1", ALICE).await;
        assert_eq!((copy.authentication().as_str(), copy.transaction()), ("CHALLENGE", first.transaction()));
        test.clock.advance(Duration::from_secs(120));
    }
    assert_eq!(test.sink.mails().len(), 1);
    assert_eq!(answer(&test, "alice", &first.transaction(), &code).await.authentication(), "REJECT");
    let next = keyed(&test, "/validate/check", "k-2", ALICE).await;
    assert_ne!(next.transaction(), first.transaction());
    test.mails_to("alice@example.org", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_is_long_enough_names_a_request_and_a_short_one_does_not() {
    for (nonce, mails) in [("0123456789abcdef", 1), ("0123456789abcde", 2)] {
        let test = TestApp::start().await;
        test.enroll("alice", "1234").await;
        let fields = [ALICE, &[("nonce", nonce)]].concat();
        let first = test.check(&fields).await;
        let code = test.code_to("alice@example.org").await;
        assert_eq!(answer(&test, "alice", &first.transaction(), &code).await.authentication(), "ACCEPT");
        let copy = test.check(&fields).await;
        assert_eq!(copy.transaction() == first.transaction(), mails == 1, "{nonce}");
        test.mails_to("alice@example.org", mails).await;
        assert_eq!(test.sink.mails().len(), mails);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_used_again_for_somebody_else_is_refused_like_everything_else() {
    let test = spelled_out().await;
    for user in ["alice", "bob"] {
        test.enroll(user, "1234").await;
    }
    let first = keyed(&test, "/validate/check", "k-1", ALICE).await;
    let other = keyed(&test, "/validate/check", "k-1", &[("user", "bob"), ("pass", "1234")]).await;
    assert_eq!(other.authentication(), "REJECT");
    assert_eq!(message(&other), "Another request had the same Idempotency-Key or nonce");
    assert!(!other.text().contains(&first.transaction()), "nobody learns of somebody else's challenge");
    let wrong = keyed(&test, "/validate/check", "k-1", &[("user", "alice"), ("pass", "4321")]).await;
    assert_eq!(wrong.authentication(), "REJECT", "a name proves nothing");
    assert!(!wrong.text().contains(&first.transaction()));
    test.mail_to("alice@example.org").await;
    assert_eq!(test.sink.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_door_of_a_first_step_takes_a_name() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let token = test.admin_token().await;
    for (path, fields) in [
        ("/validate/triggerchallenge", &[("user", "alice")][..]),
        ("/auth", &[("username", "alice"), ("password", "1234"), ("realm", "test")]),
    ] {
        let mut ids = Vec::new();
        for _ in 0..2 {
            let mut request = form_request(path, fields);
            request.headers_mut().insert("idempotency-key", path.parse().unwrap());
            request.headers_mut().insert("authorization", token.parse().unwrap());
            ids.push(test.send(request).await.transaction());
            // Past half of its life a first step without a name would replace the challenge.
            test.clock.advance(Duration::from_secs(61));
        }
        assert_eq!(ids[0], ids[1], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_name_is_bad_input_and_changes_nothing() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let long = "k".repeat(256);
    for bad in ["", "two words", "caf\u{e9}", &long] {
        let reply = keyed(&test, "/validate/check", bad, ALICE).await;
        assert_eq!((reply.status, reply.error_code()), (StatusCode::BAD_REQUEST, 905), "{bad:?}");
        assert!(reply.text().contains("1 to 255 visible ASCII characters"), "{}", reply.text());
    }
    let mut twice = form_request("/validate/check", ALICE);
    for name in ["a", "b"] {
        twice.headers_mut().append("idempotency-key", name.parse().unwrap());
    }
    assert_eq!(test.send(twice).await.status, StatusCode::BAD_REQUEST);
    assert!(test.sink.mails().is_empty());
}

async fn keyed(test: &TestApp, path: &str, key: &str, fields: &[(&str, &str)]) -> Reply {
    let mut request = form_request(path, fields);
    let key = axum::http::HeaderValue::from_bytes(key.as_bytes()).unwrap();
    request.headers_mut().insert("idempotency-key", key);
    test.send(request).await
}
