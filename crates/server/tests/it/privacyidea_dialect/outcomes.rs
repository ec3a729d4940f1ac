//! Every row of the table of outcomes, in both ways of saying no.

use std::time::Duration;

use otpost::store::Statement;

use super::{answer, begin, message, other_than, spelled_out, without_time};
use crate::app::{Reply, TestApp};

/// Every reason to refuse, each brought about in a product of its own people.
async fn refusals(test: &TestApp) -> Vec<(&'static str, Reply)> {
    for name in ["alice", "bob", "carol", "dave", "erin", "frank", "gina", "henry"] {
        test.enroll(name, "1234").await;
    }
    test.add_user("notoken", "pw").await;
    let check = async |user: &str, pass: &str| test.check(&[("user", user), ("pass", pass)]).await;
    let mut all = vec![
        ("wrong pin", check("alice", "4321").await),
        ("no token", check("notoken", "4321").await),
        ("unknown user", check("nobody", "1234").await),
        ("unknown realm", test.check(&[("user", "alice"), ("realm", "nowhere"), ("pass", "1234")]).await),
        ("unknown serial", test.check(&[("serial", "NOPE"), ("pass", "1234")]).await),
        ("foreign serial", test.check(&[("user", "alice"), ("serial", "PIEM_bob"), ("pass", "1234")]).await),
        ("unknown id", answer(test, "alice", "00000000000000000000", "123456").await),
        ("no id at all", answer(test, "alice", "nonsense", "123456").await),
    ];
    let (id, code) = begin(test, "alice").await;
    all.push(("wrong code", answer(test, "alice", &id, &other_than(&code)).await));
    all.push(("pin and code with an id", answer(test, "alice", &id, &format!("1234{code}")).await));
    all.push(("right pin, wrong code", check("alice", &format!("1234{}", other_than(&code))).await));
    all.push(("foreign id", answer(test, "bob", &id, &code).await));
    assert_eq!(answer(test, "alice", &id, &code).await.authentication(), "ACCEPT");
    all.push(("replay", answer(test, "alice", &id, &code).await));
    let (id, code) = begin(test, "bob").await;
    test.clock.advance(Duration::from_secs(120));
    all.push(("expired", answer(test, "bob", &id, &code).await));
    for _ in 0..10 {
        check("carol", "4321").await;
    }
    all.push(("too many failures", check("carol", "1234").await));
    for (name, call) in [("dave", "disable"), ("erin", "revoke")] {
        test.admin("POST", &format!("/token/{call}/PIEM_{name}"), &[]).await;
    }
    all.push(("disabled", check("dave", "1234").await));
    all.push(("revoked", check("erin", "1234").await));
    test.apply(vec![Statement::new("UPDATE enrollment SET address = '' WHERE serial = 'PIEM_frank'", vec![])]).await;
    all.push(("no address", check("frank", "1234").await));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn all_refusals_are_the_same_to_the_byte() {
    let test = TestApp::start().await;
    let refusals = refusals(&test).await;
    let first = without_time(&refusals[0].1);
    for (why, reply) in refusals {
        assert_eq!(without_time(&reply), first, "{why}");
        assert_eq!(message(&reply), "Authentication failed.");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_texts_and_numbers_of_the_incumbent_where_that_is_wished() {
    let test = spelled_out().await;
    let told: Vec<(&str, String)> = refusals(&test).await.iter().map(|(why, reply)| (*why, told(reply))).collect();
    let expected = [
        ("wrong pin", "200 wrong otp pin"),
        ("no token", "200 The user has no tokens assigned"),
        ("unknown user", "400 904 ERR904: User <nobody@test> does not exist."),
        ("unknown realm", "400 904 ERR904: User <alice@nowhere> does not exist."),
        ("unknown serial", "404 601 The requested token could not be found."),
        ("foreign serial", "400 905 ERR905: Given serial does not belong to given user!"),
        ("unknown id", "200 wrong otp pin"),
        ("no id at all", "200 wrong otp pin"),
        ("wrong code", "200 Response did not match the challenge. PIEM_alice email"),
        ("pin and code with an id", "200 Response did not match the challenge. PIEM_alice email"),
        ("right pin, wrong code", "200 wrong otp value PIEM_alice email"),
        ("foreign id", "200 wrong otp pin"),
        ("replay", "200 wrong otp pin"),
        ("expired", "200 wrong otp pin"),
        ("too many failures", "200 Failcounter exceeded"),
        ("disabled", "200 Token is disabled"),
        ("revoked", "400 1007 ERR1007: This action is not possible, since the token is locked"),
        ("no address", "200 The PIN was correct, but the EMail could not be sent!"),
    ];
    assert_eq!(told, expected.map(|(why, told)| (why, told.to_owned())));
}

/// What an answer says, in one line.
fn told(reply: &Reply) -> String {
    let body = reply.json();
    let error = &body["result"]["error"];
    let detail = ["message", "serial", "type"].map(|name| body["detail"][name].as_str().unwrap_or_default().to_owned());
    if error.is_null() {
        return format!("{} {}", reply.status.as_u16(), detail.join(" ").trim_end());
    }
    format!("{} {} {}", reply.status.as_u16(), error["code"], error["message"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_had_all_their_mails_is_answered_as_ever_and_gets_none() {
    let test = TestApp::start().await;
    test.enroll("gina", "1234").await;
    test.set_provider(|provider| provider.concurrent_challenges = true).await;
    for _ in 0..12 {
        let reply = test.check(&[("user", "gina"), ("pass", "1234")]).await;
        assert_eq!(reply.authentication(), "CHALLENGE", "{}", reply.text());
    }
    test.mails_to("gina@example.org", 5).await;
    let lines = test.app.store.list_audit(None, 100).await.expect("readable");
    let held_back = lines.iter().filter(|line| line.reason == "mail-budget-spent").count();
    assert_eq!(held_back, 7, "five mails at once and no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptances_say_what_they_rest_on() {
    let test = spelled_out().await;
    test.enroll("alice", "1234").await;
    test.enroll("bob", "").await;
    let (id, code) = begin(&test, "alice").await;
    let by_id = answer(&test, "alice", &id, &code).await;
    assert_eq!(told(&by_id), "200 Found matching challenge PIEM_alice");
    test.enroll("carol", "1234").await;
    let (_, code) = begin(&test, "carol").await;
    let by_pin_and_code = test.check(&[("user", "carol"), ("pass", &format!("1234{code}"))]).await;
    assert_eq!(told(&by_pin_and_code), "200 matching 1 tokens PIEM_carol email");
    assert_eq!(by_pin_and_code.json()["detail"]["otplen"], 6);
    assert_eq!(test.check(&[("user", "bob"), ("pass", "")]).await.authentication(), "CHALLENGE");
    let code = test.code_to("bob@example.org").await;
    let pinless = test.check(&[("user", "bob"), ("pass", &code)]).await;
    assert_eq!(
        (pinless.authentication().as_str(), told(&pinless).as_str()),
        ("ACCEPT", "200 matching 1 tokens PIEM_bob email")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_id_counts_as_absent_and_a_repeated_code_still_has_its_tries() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let reply = test.check(&[("user", "alice"), ("transaction_id", ""), ("pass", "1234")]).await;
    assert_eq!(reply.authentication(), "CHALLENGE");
    let (id, code) = begin(&test, "alice").await;
    for _ in 0..4 {
        assert_eq!(answer(&test, "alice", &id, &other_than(&code)).await.authentication(), "REJECT");
    }
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "ACCEPT");
}
