//! First factors, and the ways of naming a person.

use domain::name::RealmName;
use domain::provider::FirstFactor;
use otpost::store::realms::{self, Realm};
use serde_json::Value;

use super::{answer, begin};
use crate::app::{Reply, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn the_users_own_password_counts_where_that_is_set() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::UserStore).await;
    for (pass, outcome) in [("1234", "REJECT"), ("", "REJECT"), ("the password", "CHALLENGE")] {
        assert_eq!(test.check(&[("user", "alice"), ("pass", pass)]).await.authentication(), outcome, "{pass}");
    }
    let both = format!("the password{}", test.code_to("alice@example.org").await);
    assert_eq!(test.check(&[("user", "alice"), ("pass", &both)]).await.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_has_its_own_first_factor() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let name = RealmName::parse("open").unwrap();
    let first_factor = Some(FirstFactor::None);
    let realm = Realm { name, is_default: false, first_factor, resolvers: vec!["local".to_owned()] };
    test.apply(realms::save_realm(&realm)).await;
    for (realm, outcome) in [("test", "REJECT"), ("open", "CHALLENGE")] {
        let fields = [("user", "alice"), ("realm", realm), ("pass", "")];
        assert_eq!(test.check(&fields).await.authentication(), outcome, "{realm}");
    }
}

/// What a stranger can see of a challenge, but what differs between any two.
fn shape(reply: &Reply) -> String {
    let mut body = reply.json();
    let detail = &mut body["detail"];
    let own = [detail["transaction_id"].clone(), detail["serial"].clone()];
    let mut text = detail.to_string();
    for value in own.iter().filter_map(Value::as_str) {
        assert!(value.len() >= 8, "{value}");
        text = text.replace(value, "<own>");
    }
    format!("{} {text} {}", reply.status, body["result"])
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_first_factor_strangers_get_challenges_that_look_real_and_nobody_gets_mail_for() {
    let test = TestApp::start().await;
    let alice = test.add_user("alice", "pw").await;
    test.enroll_again(&alice, "PIEM0000ABCD", "1234").await;
    test.add_user("notoken", "pw").await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::None).await;
    let real = test.check(&[("user", "alice"), ("pass", "")]).await;
    assert_eq!(real.authentication(), "CHALLENGE");
    for user in ["nobody", "notoken"] {
        let decoy = test.check(&[("user", user), ("pass", "")]).await;
        assert_eq!(shape(&decoy), shape(&real), "{user}");
        assert_eq!(answer(&test, user, &decoy.transaction(), "123456").await.authentication(), "REJECT");
        let again = test.check(&[("user", user), ("pass", "")]).await;
        assert_eq!(again.transaction(), decoy.transaction(), "a decoy is continued as a challenge is");
    }
    test.code_to("alice@example.org").await;
    assert_eq!(test.sink.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrollment_without_pin_takes_the_empty_one_only() {
    let test = TestApp::start().await;
    test.enroll("alice", "").await;
    test.enroll("bob", "1234").await;
    for (user, pass, outcome) in
        [("alice", "", "CHALLENGE"), ("alice", "1234", "REJECT"), ("bob", "", "REJECT"), ("nobody", "", "REJECT")]
    {
        assert_eq!(test.check(&[("user", user), ("pass", pass)]).await.authentication(), outcome, "{user} {pass}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_stands_for_its_owner_and_for_nobody_else() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.enroll("bob", "1234").await;
    let first = test.check(&[("serial", "PIEM_alice"), ("pass", "1234")]).await;
    let (id, code) = (first.transaction(), test.code_to("alice@example.org").await);
    let fields = [("serial", "PIEM_bob"), ("transaction_id", &*id), ("pass", &*code)];
    assert_eq!(test.check(&fields).await.authentication(), "REJECT");
    let fields = [("user", "bob"), ("serial", "PIEM_alice"), ("transaction_id", &*id), ("pass", &*code)];
    assert_eq!(test.check(&fields).await.authentication(), "REJECT");
    let fields = [("user", "bob"), ("serial", "PIEM_alice"), ("pass", "1234")];
    assert_eq!(test.check(&fields).await.authentication(), "REJECT");
    let fields = [("user", "alice"), ("serial", "PIEM_alice"), ("transaction_id", &*id), ("pass", &*code)];
    assert_eq!(test.check(&fields).await.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_may_come_back_as_state() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (id, code) = begin(&test, "alice").await;
    let reply = test.check(&[("user", "alice"), ("state", &id), ("pass", &code)]).await;
    assert_eq!(reply.authentication(), "ACCEPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_may_stand_in_the_name_if_it_exists() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for user in ["alice@test", "alice@TEST", "test\\alice", "Test\\ALICE", " alice"] {
        assert_eq!(test.check(&[("user", user), ("pass", "1234")]).await.authentication(), "CHALLENGE", "{user}");
    }
    for user in ["alice@nowhere", "nowhere\\alice", "alice@"] {
        assert_eq!(test.check(&[("user", user), ("pass", "1234")]).await.authentication(), "REJECT", "{user}");
    }
}
