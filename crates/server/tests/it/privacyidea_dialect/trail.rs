//! The audit trail: a line for each verdict, without what only the person should know.

use std::time::Duration;

use super::{answer, begin, other_than};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_has_its_line_and_no_line_holds_a_pin_or_a_code() {
    let test = TestApp::start().await;
    test.enroll("alice", "pin 7391").await;
    let first = test.check(&[("user", "alice"), ("pass", "pin 7391")]).await;
    let (id, code) = (first.transaction(), test.code_to("alice@example.org").await);
    let wrong = other_than(&code);
    // Lines are in the order of their times.
    let tick = || test.clock.advance(Duration::from_millis(1));
    tick();
    test.check(&[("user", "alice"), ("pass", "pin 8402")]).await;
    for (id, code) in [(&*id, &wrong), ("00000000000000000000", &code), (&*id, &code), (&*id, &code)] {
        tick();
        answer(&test, "alice", id, code).await;
    }
    for who in [("user", "nobody"), ("serial", "NOPE")] {
        tick();
        test.check(&[who, ("pass", "pin 8402")]).await;
    }
    let lines = test.app.store.list_audit(None, 1000).await.unwrap();
    let of_checks = lines.iter().rev().filter(|line| line.action == "POST /validate/check");
    let told: Vec<_> =
        of_checks.map(|line| (line.user_name.as_str(), line.outcome.as_str(), line.reason.as_str())).collect();
    let expected = [
        ("alice", "challenge", ""),
        ("alice", "refuse", "wrong-pin"),
        ("alice", "refuse", "wrong-code"),
        ("alice", "refuse", "no-such-challenge"),
        ("alice", "accept", ""),
        ("alice", "refuse", "challenge-closed"),
        ("nobody", "refuse", "unknown-user"),
        ("", "refuse", "unknown-serial"),
    ];
    assert_eq!(told, expected);
    let whole = format!("{lines:?}");
    for secret in ["pin 7391", "pin 8402", "7391", &code, &wrong] {
        assert!(!whole.contains(secret), "{secret} in the trail");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_names_the_challenge_the_enrollment_and_where_it_came_from() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (id, code) = begin(&test, "alice").await;
    answer(&test, "alice", &id, &code).await;
    let lines = test.app.store.list_audit(None, 10).await.unwrap();
    let accept = lines.iter().find(|line| line.outcome == "accept").expect("a line of the acceptance");
    assert_eq!(
        (accept.challenge.as_str(), accept.serials.as_str(), accept.realm.as_str()),
        (&*id, "PIEM_alice", "test")
    );
    assert_eq!((accept.address.as_str(), accept.client.as_str()), ("127.0.0.1", "network 127.0.0.1"));
    assert!(!accept.request_id.is_empty());
}
