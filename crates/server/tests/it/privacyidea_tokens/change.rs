//! Changing enrollments.

use serde_json::{Value, json};

use super::{add_user, assert_error, init, post, token, value};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn switching_counts_what_changed() {
    let test = TestApp::start().await;
    let account = test.enroll("alice", "1234").await;
    test.enroll_again(&account, "SECOND", "").await;
    assert_eq!(value(&post(&test, "/token/disable/SECOND", &[]).await), 1);
    assert_eq!(value(&post(&test, "/token/disable", &[("serial", "SECOND")]).await), 0);
    assert_eq!(value(&post(&test, "/token/disable", &[("user", "alice")]).await), 1);
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "REJECT");
    assert_eq!(value(&post(&test, "/token/enable", &[("user", "alice@test")]).await), 2);
    assert_eq!(value(&post(&test, "/token/reset", &[("user", "alice"), ("realm", "TEST")]).await), 2);
    assert_error(&post(&test, "/token/enable/NOPE", &[]).await, 404, 601);
    assert_error(&post(&test, "/token/enable", &[]).await, 400, 905);
    assert_error(&post(&test, "/token/enable", &[("user", "ghost")]).await, 400, 904);
    for name in ["enable", "init", "setpin/SECOND", "info/SECOND/key", "realm/SECOND"] {
        let reply = test.admin("PATCH", &format!("/token/{name}"), &[]).await;
        assert_eq!(reply.status, 405, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_that_must_calls_off_what_is_open() {
    let calls: [(&str, &str, &[(&str, &str)]); 7] = [
        ("POST", "/token/disable/PIEM_alice", &[]),
        ("POST", "/token/revoke/PIEM_alice", &[]),
        ("DELETE", "/token/PIEM_alice", &[]),
        ("POST", "/token/set/PIEM_alice", &[("email", "new@example.org")]),
        ("POST", "/token/info/PIEM_alice/email", &[("value", "new@example.org")]),
        ("POST", "/token/unassign", &[("serial", "PIEM_alice")]),
        ("PUT", "/user/", &[("resolver", "local"), ("user", "alice"), ("password", "another")]),
    ];
    for (method, path, fields) in calls {
        let test = TestApp::start().await;
        test.enroll("alice", "1234").await;
        test.check(&[("user", "alice"), ("pass", "1234")]).await;
        let open = async || test.app.store.list_newest_challenges("PIEM_alice", 0, 9).await.expect("challenges");
        assert_eq!(open().await[0].state.as_str(), "open");
        assert_eq!(test.admin(method, path, fields).await.status, 200, "{path}");
        assert_eq!(open().await[0].state.as_str(), "cancelled", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_enrollment_is_locked_for_good() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    add_user(&test, "bob").await;
    assert_eq!(value(&post(&test, "/token/revoke/PIEM_alice", &[]).await), 1);
    assert_eq!(value(&post(&test, "/token/revoke/PIEM_alice", &[]).await), 0);
    let shown = token(&test, "PIEM_alice").await;
    assert_eq!([&shown["revoked"], &shown["locked"], &shown["active"]], [true, true, false]);
    let calls: [(&str, &[(&str, &str)]); 7] = [
        ("/token/enable/PIEM_alice", &[]),
        ("/token/set/PIEM_alice", &[("description", "x")]),
        ("/token/setpin/PIEM_alice", &[("otppin", "x")]),
        ("/token/info/PIEM_alice/email", &[("value", "new@example.org")]),
        ("/token/info/PIEM_alice/key", &[("value", "x")]),
        ("/token/assign", &[("serial", "PIEM_alice"), ("user", "bob")]),
        ("/token/init", &[("type", "email"), ("serial", "PIEM_alice"), ("email", "new@example.org")]),
    ];
    for (path, fields) in calls {
        let reply = post(&test, path, fields).await;
        assert_error(&reply, 400, 1007);
        let text = "ERR1007: This action is not possible, since the token is locked";
        assert_eq!(reply.json()["result"]["error"]["message"], text);
    }
    assert_eq!(value(&test.admin("DELETE", "/token/PIEM_alice", &[]).await), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_takes_exactly_one_serial() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for path in ["/token/*", "/token/PIEM*", "/token/%25", "/token/NOPE"] {
        assert_error(&test.admin("DELETE", path, &[]).await, 404, 601);
    }
    let unknown = test.admin("DELETE", "/token/NOPE", &[]).await;
    assert_eq!(unknown.json()["result"]["error"], json!({"code": 601, "message": "No token found for serials: NOPE"}));
    assert_eq!(value(&test.admin("DELETE", "/token/PIEM_alice", &[]).await), 1);
    assert_error(&test.admin("DELETE", "/token/PIEM_alice", &[]).await, 404, 601);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_set_by_its_own_name_only() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    assert_eq!(value(&post(&test, "/token/setpin/PIEM_alice", &[("pin", "9999")]).await), 0);
    assert_eq!(test.check(&[("user", "alice"), ("pass", "9999")]).await.authentication(), "REJECT");
    assert_eq!(value(&post(&test, "/token/setpin", &[("serial", "PIEM_alice"), ("otppin", "9999")]).await), 1);
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "REJECT");
    assert_eq!(test.check(&[("user", "alice"), ("pass", "9999")]).await.authentication(), "CHALLENGE");
    let long = "x".repeat(129);
    assert_error(&post(&test, "/token/setpin/PIEM_alice", &[("otppin", &long)]).await, 400, 905);
    assert_eq!(value(&post(&test, "/token/setpin/PIEM_alice", &[("otppin", "")]).await), 1);
    test.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(test.check(&[("user", "alice"), ("pass", "")]).await.authentication(), "CHALLENGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrollment_belongs_to_one_user_at_a_time() {
    let test = TestApp::start().await;
    add_user(&test, "ann").await;
    add_user(&test, "bob").await;
    value(&init(&test, &[("serial", "S1"), ("email", "s1@example.org"), ("pin", "1234")]).await);
    assert_eq!(token(&test, "S1").await["user_id"], "");
    let to_ann = [("serial", "S1"), ("user", "ann"), ("realm", "test")];
    assert_eq!(value(&post(&test, "/token/assign", &to_ann).await), true);
    assert_eq!(test.check(&[("user", "ann"), ("pass", "1234")]).await.authentication(), "CHALLENGE", "the PIN stays");
    let taken = post(&test, "/token/assign", &[("serial", "S1"), ("user", "bob")]).await;
    assert_error(&taken, 400, 1103);
    let text = "ERR1103: Token already assigned to user <ann@test>";
    assert_eq!(taken.json()["result"]["error"]["message"], text);
    assert_eq!(value(&post(&test, "/token/unassign", &[("serial", "S1")]).await), 1);
    assert_eq!(value(&post(&test, "/token/unassign/S1", &[]).await), 0);
    let to_bob = [("serial", "S1"), ("user", "bob"), ("pin", "4321")];
    assert_eq!(value(&post(&test, "/token/assign", &to_bob).await), true);
    assert_eq!(test.check(&[("user", "bob"), ("pass", "4321")]).await.authentication(), "CHALLENGE");
    assert_error(&post(&test, "/token/assign", &[("serial", "S1")]).await, 400, 905);
    assert_error(&post(&test, "/token/realm/S1", &[("realms", "nowhere")]).await, 400, 905);
    assert_eq!(value(&post(&test, "/token/realm/S1", &[("realms", "test")]).await), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_set_and_counted() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let two = [("description", "work phone"), ("max_failcount", "12")];
    assert_eq!(value(&post(&test, "/token/set/PIEM_alice", &two).await), 2);
    assert_eq!(value(&post(&test, "/token/set", &[("serial", "PIEM_alice"), ("count_window", "5")]).await), 0);
    let shown = token(&test, "PIEM_alice").await;
    assert_eq!((&shown["description"], &shown["maxfail"]), (&json!("work phone"), &json!(12)));
    let description = [("serial", "PIEM_alice"), ("description", "desk")];
    assert_eq!(value(&post(&test, "/token/description", &description).await), 1);
    for (name, bad) in [("max_failcount", "0"), ("max_failcount", "-1"), ("max_failcount", "x"), ("email", "a@b,c@d")] {
        assert_error(&post(&test, "/token/set/PIEM_alice", &[(name, bad)]).await, 400, 905);
    }
    assert_eq!(value(&post(&test, "/token/set/PIEM_alice", &[("dynamic_email", "1")]).await), 1);
    let info = token(&test, "PIEM_alice").await["info"].clone();
    assert_eq!((&info["dynamic_email"], info.get("email")), (&json!("1"), None));
    assert_error(&post(&test, "/token/set/PIEM_alice", &[("dynamic_email", "0")]).await, 400, 905);
    let fixed = [("dynamic_email", "0"), ("email", "fixed@example.org")];
    assert_eq!(value(&post(&test, "/token/set/PIEM_alice", &fixed).await), 2);
    assert_eq!(token(&test, "PIEM_alice").await["info"]["email"], "fixed@example.org");
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_texts_and_some_of_them_act() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let set = |key: &'static str, text: &'static str| {
        let test = &test;
        async move { post(test, &format!("/token/info/PIEM_alice/{key}"), &[("value", text)]).await }
    };
    assert_eq!(value(&set("desk.no", "4 \"north\"").await), true);
    assert_eq!(value(&set("email", "new@example.org").await), true);
    assert_eq!(value(&set("email.identifier", "sink").await), true);
    let info = token(&test, "PIEM_alice").await["info"].clone();
    assert!(info.as_object().expect("an object").values().all(Value::is_string), "{info}");
    assert_eq!((&info["desk.no"], &info["email"]), (&json!("4 \"north\""), &json!("new@example.org")));
    assert_eq!(info["email.identifier"], "sink");
    for (key, bad) in [("email", "a@b,c@d"), ("email.identifier", "nowhere"), ("tokenkind", "x"), ("a%20b", "x")] {
        assert_error(&set(key, bad).await, 400, 905);
    }
    assert_error(&set("key", "a\nb").await, 400, 905);
    for key in ["desk.no", "email.identifier"] {
        let gone = test.admin("DELETE", &format!("/token/info/PIEM_alice/{key}"), &[]).await;
        assert_eq!(value(&gone), true);
        assert!(token(&test, "PIEM_alice").await["info"].get(key).is_none());
    }
    assert_error(&test.admin("DELETE", "/token/info/PIEM_alice/email", &[]).await, 400, 905);
    assert_error(&post(&test, "/token/info/NOPE/key", &[("value", "x")]).await, 404, 601);
}
