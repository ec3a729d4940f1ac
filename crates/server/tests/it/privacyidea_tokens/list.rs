//! Lists, and what is never in them.

use serde_json::{Value, json};

use super::{assert_error, init, post, value};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_sorted_and_paged() {
    let test = TestApp::start().await;
    for name in ["alice", "bob", "carol"] {
        test.enroll(name, "1234").await;
    }
    value(&init(&test, &[("serial", "LOOSE"), ("email", "l@example.org"), ("description", "=cmd()")]).await);
    let list = |query: &'static str| {
        let test = &test;
        async move { value(&test.admin("GET", &format!("/token/{query}"), &[]).await) }
    };
    let serials = |value: &Value| -> Vec<String> {
        let tokens = value["tokens"].as_array().expect("a list");
        tokens.iter().map(|token| token["serial"].as_str().expect("a serial").to_owned()).collect()
    };
    let first = list("?pagesize=3&type=email").await;
    assert_eq!(serials(&first), ["LOOSE", "PIEM_alice", "PIEM_bob"]);
    assert_eq!((&first["count"], &first["next"], &first["prev"]), (&json!(4), &json!(2), &Value::Null));
    let second = list("?pagesize=3&page=2").await;
    assert_eq!(serials(&second), ["PIEM_carol"]);
    assert_eq!((&second["current"], &second["next"], &second["prev"]), (&json!(2), &Value::Null, &json!(1)));
    assert_eq!(serials(&list("?sortby=serial&sortdir=desc&pagesize=1").await), ["PIEM_carol"]);
    for (query, expected) in [
        ("?serial=piem_*", 3),
        ("?serial=NOPE", 0),
        ("?user=alice", 1),
        ("?user=alice&realm=test", 1),
        ("?user=*o*&realm=test", 2),
        ("?realm=test", 3),
        ("?realm=nowhere", 0),
        ("?type=hotp", 0),
        ("?assigned=False", 1),
        ("?assigned=True", 3),
        ("?active=false", 0),
        ("?infokey=email&infovalue=bob@*", 1),
        ("?infokey=nothing", 0),
        ("?description=*cmd*", 1),
        ("?serial=PIEM_alice&user=bob", 0),
        ("?page=0&pagesize=100000", 4),
    ] {
        assert_eq!(list(query).await["count"], expected, "{query}");
    }
    assert_error(&test.admin("GET", "/token/?user=ghost", &[]).await, 400, 904);
    assert_error(&test.admin("GET", "/token/?page=-1", &[]).await, 400, 905);
    let moved = test.admin("GET", "/token?serial=a", &[]).await;
    assert_eq!((moved.status.as_u16(), moved.headers["location"].to_str().expect("text")), (308, "/token/?serial=a"));
    let csv = test.admin("GET", "/token/?outform=csv&serial=LOOSE", &[]).await;
    assert!(csv.headers["content-type"].to_str().expect("text").starts_with("text/csv"));
    assert!(csv.text().contains("\"'=cmd()\""), "{}", csv.text());
    for formula in ["  =cmd()", "＝cmd()"] {
        test.admin("POST", "/token/description", &[("serial", "LOOSE"), ("description", formula)]).await;
        let csv = test.admin("GET", "/token/?outform=csv&serial=LOOSE", &[]).await;
        assert!(csv.text().contains(&format!("\"'{formula}\"")), "{}", csv.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_are_listed_without_their_codes() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let code = test.code_to("alice@example.org").await;
    test.check(&[("user", "alice"), ("transaction_id", &id), ("pass", "000000")]).await;
    let list = test.admin("GET", "/token/challenges/PIEM_alice", &[]).await;
    assert!(!list.text().contains(&code));
    let mut shown = value(&list);
    shown["challenges"][0]["id"] = 1.into();
    let challenge = json!({
        "challenge": "", "data": "", "expiration": "Sat, 21 Nov 2026 01:23:08 GMT", "id": 1, "otp_received": true,
        "otp_valid": false, "received_count": 1, "serial": "PIEM_alice",
        "timestamp": "Sat, 21 Nov 2026 01:21:08 GMT", "transaction_id": id,
    });
    assert_eq!(shown, json!({"challenges": [challenge], "count": 1, "current": 1, "next": null, "prev": null}));
    assert_eq!(value(&test.admin("GET", "/token/challenges/", &[]).await)["count"], 1);
    assert_eq!(value(&test.admin("GET", "/token/challenges/NOPE", &[]).await)["count"], 0);
    assert_eq!(value(&test.admin("DELETE", "/token/challenges/expired", &[]).await), 0);
    test.clock.advance(std::time::Duration::from_secs(121));
    assert_eq!(value(&test.admin("DELETE", "/token/challenges/expired", &[]).await), 1);
    assert_eq!(value(&test.admin("GET", "/token/challenges/", &[]).await)["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_on_the_audit_trail_and_no_secret_is_anywhere() {
    let test = TestApp::start().await;
    let canaries = ["canary-password", "canary-pin", "canary-otppin"];
    let user = [("resolver", "local"), ("user", "ann"), ("password", canaries[0])];
    let mut answers = vec![post(&test, "/user/", &user).await];
    let enroll = [("serial", "S1"), ("user", "ann"), ("email", "s1@example.org"), ("pin", canaries[1])];
    answers.push(init(&test, &enroll).await);
    answers.push(post(&test, "/token/setpin/S1", &[("otppin", canaries[2])]).await);
    answers.push(test.admin("GET", "/token/", &[]).await);
    answers.push(test.admin("GET", "/user/", &[]).await);
    answers.push(test.admin("DELETE", "/token/S1", &[]).await);
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        for canary in canaries.iter().chain(&["argon2", "nonce", "\"pin"]) {
            assert!(!answer.text().contains(canary), "{canary} in {}", answer.text());
        }
    }
    let lines = test.app.store.list_audit(None, 100).await.expect("the trail");
    let find = |action: &str| lines.iter().find(|line| line.action == action).expect("a line");
    for action in ["POST /token/init", "POST /token/setpin", "DELETE /token/"] {
        let line = find(action);
        assert_eq!((&*line.serials, &*line.user_name, &*line.realm), ("S1", "ann", "test"), "{action}");
        assert_eq!((&*line.actor, &*line.outcome, &*line.address), ("admin", "ok", "127.0.0.1"), "{action}");
        assert!(!line.request_id.is_empty());
    }
    assert_eq!(find("POST /user/").user_name, "ann");
    assert!(canaries.iter().all(|canary| !format!("{lines:?}").contains(canary)));
}
