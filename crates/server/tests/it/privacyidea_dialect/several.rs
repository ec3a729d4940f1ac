//! People with more than one enrollment, and more than one open challenge.

use std::time::Duration;

use super::{answer, begin, message, other_than, spelled_out};
use crate::app::{TestApp, code_in};

/// Alice with two enrollments; their PINs.
async fn two_enrollments(test: &TestApp, second_pin: &str) {
    let alice = test.enroll("alice", "1234").await;
    test.enroll_again(&alice, "PIEM_second", second_pin).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pin_for_two_gives_one_id_and_two_mails_and_either_code_closes_both() {
    for chosen in [0, 1] {
        let test = TestApp::start().await;
        two_enrollments(&test, "1234").await;
        let reply = test.check(&[("user", "alice"), ("pass", "1234")]).await;
        let detail = reply.json()["detail"].clone();
        let ids = detail["multi_challenge"].as_array().unwrap().iter().map(|asked| asked["transaction_id"].clone());
        assert_eq!(ids.collect::<Vec<_>>(), vec![detail["transaction_id"].clone(); 2]);
        assert_eq!(detail["messages"].as_array().unwrap().len(), 2);
        assert_eq!(detail["transaction_ids"].as_array().unwrap().len(), 2);
        let codes: Vec<_> = test.mails_to("alice@example.org", 2).await.iter().map(code_in).collect();
        assert_ne!(codes[0], codes[1]);
        let id = reply.transaction();
        assert_eq!(answer(&test, "alice", &id, &codes[chosen]).await.authentication(), "ACCEPT");
        for code in &codes {
            assert_eq!(answer(&test, "alice", &id, code).await.authentication(), "REJECT");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_for_two_names_none_of_them() {
    let test = spelled_out().await;
    two_enrollments(&test, "1234").await;
    let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let codes: Vec<_> = test.mails_to("alice@example.org", 2).await.iter().map(code_in).collect();
    let wrong = ["000001", "000002", "000003"].into_iter().find(|code| !codes.iter().any(|own| own == code)).unwrap();
    let reply = answer(&test, "alice", &id, wrong).await;
    assert_eq!(message(&reply), "Response did not match for 2 tokens.");
    assert!(reply.json()["detail"].get("serial").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn different_pins_ask_only_the_enrollment_they_belong_to() {
    let test = TestApp::start().await;
    two_enrollments(&test, "5678").await;
    for (pin, serial) in [("1234", "PIEM_alice"), ("5678", "PIEM_second")] {
        let reply = test.check(&[("user", "alice"), ("pass", pin)]).await;
        let asked = reply.json()["detail"]["multi_challenge"].clone();
        assert_eq!((asked.as_array().unwrap().len(), asked[0]["serial"].as_str().unwrap()), (1, serial), "{asked}");
        test.clock.advance(Duration::from_secs(300));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_enrollment_leaves_the_other_one_in_use() {
    let test = TestApp::start().await;
    two_enrollments(&test, "1234").await;
    test.admin("POST", "/token/revoke/PIEM_second", &[]).await;
    let reply = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let asked = reply.json()["detail"]["multi_challenge"].clone();
    assert_eq!((asked.as_array().unwrap().len(), asked[0]["serial"].as_str().unwrap()), (1, "PIEM_alice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_challenges_are_answered_in_any_order_each_with_its_own_code() {
    let test = TestApp::start().await;
    two_enrollments(&test, "5678").await;
    let on = test.admin("POST", "/system/setConfig", &[("email.concurrent_challenges", "1")]).await;
    assert_eq!(on.status, 200);
    let mut opened = Vec::new();
    for (count, pin) in ["1234", "5678", "1234"].into_iter().enumerate() {
        let id = test.check(&[("user", "alice"), ("pass", pin)]).await.transaction();
        opened.push((id, code_in(&test.mails_to("alice@example.org", count + 1).await[0])));
    }
    assert!(opened[0].0 != opened[1].0 && opened[0].0 != opened[2].0);
    assert_eq!(answer(&test, "alice", &opened[0].0, &opened[2].1).await.authentication(), "REJECT");
    for number in [1, 2, 0] {
        let (id, code) = &opened[number];
        assert_eq!(answer(&test, "alice", id, code).await.authentication(), "ACCEPT", "{number}");
        assert_eq!(answer(&test, "alice", id, code).await.authentication(), "REJECT", "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_first_step_continues_the_open_challenge_and_later_replaces_it() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (first, code) = begin(&test, "alice").await;
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction(), first);
    test.clock.advance(Duration::from_secs(61));
    let second = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    assert_ne!(second, first);
    let newest = code_in(&test.mails_to("alice@example.org", 2).await[0]);
    assert_ne!(newest, code);
    assert_eq!(answer(&test, "alice", &first, &code).await.authentication(), "REJECT");
    assert_eq!(answer(&test, "alice", &second, &other_than(&newest)).await.authentication(), "REJECT");
    assert_eq!(answer(&test, "alice", &second, &newest).await.authentication(), "ACCEPT");
}
