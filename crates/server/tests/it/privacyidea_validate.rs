//! Signing in through the privacyIDEA dialect, end to end.

use std::time::Duration;

use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_brings_a_mail_and_its_code_is_accepted_once() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;

    let first = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    assert_eq!((first.status.as_u16(), first.authentication().as_str()), (200, "CHALLENGE"), "{}", first.text());
    assert_eq!(first.json()["result"]["value"], false);
    let (id, code) = (first.transaction(), test.code_to("alice@example.org").await);

    let answer = [("user", "alice"), ("transaction_id", &*id), ("pass", &*code)];
    let second = test.check(&answer).await;
    assert_eq!(second.authentication(), "ACCEPT", "{}", second.text());
    assert_eq!(second.json()["result"]["value"], true);
    assert!(second.json()["detail"].get("transaction_id").is_none());

    let third = test.check(&answer).await;
    assert_eq!(third.authentication(), "REJECT");
    assert!(third.json()["detail"].get("transaction_id").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_and_code_in_one_field_are_accepted_while_the_challenge_is_open() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let both = format!("1234{}", test.code_to("alice@example.org").await);
    test.clock.advance(Duration::from_secs(119));
    assert_eq!(test.check(&[("user", "alice"), ("pass", &both)]).await.authentication(), "ACCEPT");
    assert_eq!(test.check(&[("user", "alice"), ("pass", &both)]).await.authentication(), "REJECT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_refused_at_its_expiry() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let code = test.code_to("alice@example.org").await;
    test.clock.advance(Duration::from_secs(120));
    let late = test.check(&[("user", "alice"), ("transaction_id", &id), ("pass", &code)]).await;
    assert_eq!(late.authentication(), "REJECT");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_wrong_pins_get_the_same_answer() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.add_user("bob", "pw").await;
    let mask = |text: String| text.split("\"time\"").next().map(str::to_owned);
    let wrong = mask(test.check(&[("user", "alice"), ("pass", "9999")]).await.text());
    let long = "x".repeat(300);
    for user in ["nobody", "bob", "*)(uid=*", "a\0b", "<script>", &long, "alice@nowhere"] {
        let other = test.check(&[("user", user), ("pass", "9999")]).await;
        assert_eq!(other.status, 200, "{user}");
        assert_eq!(mask(other.text()), wrong, "{user}");
    }
}
