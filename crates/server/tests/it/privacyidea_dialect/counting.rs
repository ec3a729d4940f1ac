//! How often somebody may try, and how often one right answer counts.

use std::sync::Arc;
use std::time::Duration;

use super::{answer, begin, message, other_than, spelled_out};
use crate::app::{TestApp, code_in};

async fn wrong_pins(test: &TestApp, user: &str, count: usize) {
    for _ in 0..count {
        assert_eq!(test.check(&[("user", user), ("pass", "4321")]).await.authentication(), "REJECT");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_pins_lock_the_right_one_out_too_until_time_has_passed() {
    let test = spelled_out().await;
    test.enroll("alice", "1234").await;
    wrong_pins(&test, "alice", 10).await;
    for pass in ["1234", "4321", "1234123456"] {
        assert_eq!(message(&test.check(&[("user", "alice"), ("pass", pass)]).await), "Failcounter exceeded", "{pass}");
    }
    assert!(test.sink.mails().is_empty());
    test.clock.advance(Duration::from_mins(10) - Duration::from_millis(1));
    assert_eq!(message(&test.check(&[("user", "alice"), ("pass", "1234")]).await), "Failcounter exceeded");
    test.clock.advance(Duration::from_mins(16));
    begin(&test, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_time_does_not_unlock_an_administrator_does() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.admin("POST", "/system/setConfig", &[("failcounter_clear_timeout", "0")]).await;
    wrong_pins(&test, "alice", 10).await;
    test.clock.advance(Duration::from_hours(24));
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "REJECT");
    assert_eq!(test.admin("POST", "/token/reset/PIEM_alice", &[]).await.status, 200);
    begin(&test, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_unlocks_at_once() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    wrong_pins(&test, "alice", 10).await;
    assert_eq!(test.admin("POST", "/token/reset/PIEM_alice", &[]).await.status, 200);
    begin(&test, "alice").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_clears_the_failures() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    wrong_pins(&test, "alice", 5).await;
    assert_eq!(failures(&test).await, 5);
    let (id, code) = begin(&test, "alice").await;
    assert_eq!(failures(&test).await, 5, "a right PIN alone clears nothing");
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "ACCEPT");
    assert_eq!(failures(&test).await, 0);
}

/// What the list says of Alice's enrollment.
async fn failures(test: &TestApp) -> i64 {
    let list = test.admin("GET", "/token/?serial=PIEM_alice", &[]).await;
    list.json()["result"]["value"]["tokens"][0]["failcount"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_close_a_challenge_and_made_up_ids_count_for_nobody() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (id, code) = begin(&test, "alice").await;
    for number in 0..20 {
        answer(&test, "alice", &format!("{number:020}"), "123456").await;
    }
    for _ in 0..5 {
        answer(&test, "alice", &id, &other_than(&code)).await;
    }
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "REJECT");
    assert_eq!(failures(&test).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_are_counted_across_challenges() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for round in 1..=3 {
        let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
        let code = code_in(&test.mails_to("alice@example.org", round).await[0]);
        for _ in 0..[4, 4, 0][round - 1] {
            answer(&test, "alice", &id, &other_than(&code)).await;
        }
        if round == 3 {
            let right = answer(&test, "alice", &id, &code).await;
            assert_eq!(right.authentication(), "REJECT", "the ninth comparison of this day");
        }
        test.clock.advance(Duration::from_mins(11));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_right_answers_at_once_one_is_accepted() {
    let test = Arc::new(TestApp::start().await);
    for round in 0..50 {
        let user = format!("user{round}");
        test.enroll(&user, "").await;
        let id = test.check(&[("user", &user), ("pass", "")]).await.transaction();
        let code = test.code_to(&format!("{user}@example.org")).await;
        let mut answers = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (test, user, id, code) = (Arc::clone(&test), user.clone(), id.clone(), code.clone());
            answers.spawn(async move { answer(&test, &user, &id, &code).await.authentication() });
        }
        let accepted = answers.join_all().await.iter().filter(|outcome| *outcome == "ACCEPT").count();
        assert_eq!(accepted, 1, "round {round}");
    }
}
