//! Who is enrolled: enrolling for somebody, listing, taking it back.

use serde_json::{Value, json};

use super::super::{Ras, problem};
use super::{assert_audited, created, engines};
use crate::app::{Reply, TestApp};

async fn enroll(ras: &Ras<'_>, user: &str, id: i64) -> Reply {
    ras.post("/api/MFA/Users", json!({"user": user, "mfaId": id})).await
}

/// The names of those who are found.
async fn found(ras: &Ras<'_>, wanted: Value) -> Vec<String> {
    let reply = ras.post("/api/MFA/Users/Find", wanted).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let list = reply.json();
    list.as_array().unwrap().iter().map(|one| one["user"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_enrolls_for_somebody_who_can_then_sign_in() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        for name in ["ann", "ben"] {
            test.add_user(name, "right").await;
        }
        let id = created(&ras, "Post", json!({"enabled": true, "otpLength": 8})).await;
        let reply = enroll(&ras, "ann@TEST", id).await;
        let shown = reply.json();
        assert_eq!(reply.status, 201, "{shown}");
        assert_eq!((&shown["user"], &shown["source"]), (&json!("ann@test"), &json!("directory")));
        assert_eq!((&shown["mfaId"], &shown["type"], &shown["enabled"]), (&json!(id), &json!(11), &json!(true)));
        let external = json!({"user": "test\\ben", "mfaId": id, "email": "ben@home.example"});
        let shown = ras.post("/api/MFA/Users", external).await.json();
        assert_eq!((&shown["source"], &shown["email"]), (&json!("external"), &json!("b•••@home.example")));
        for (name, address) in [("ann", "ann@example.org"), ("ben", "ben@home.example")] {
            let transaction = test.check(&[("user", name), ("pass", "right")]).await.transaction();
            let code = test.code_to(address).await;
            assert_eq!(code.len(), 8);
            let answer = test.check(&[("user", name), ("pass", &code), ("transaction_id", &transaction)]).await;
            assert_eq!(answer.authentication(), "ACCEPT", "{}", answer.text());
        }
        assert_audited(&test, "POST /api/MFA/Users", "enrolled at provider id 2, external address").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_enrolled_is_refused_with_the_reason() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let ann = test.add_user("ann", "right").await;
        let mut bare = ann.clone();
        (bare.id, bare.name, bare.name_key, bare.email) = ("x".into(), "bare".into(), "bare".into(), String::new());
        test.apply(vec![otpost::store::accounts::insert(&bare)]).await;
        let (a, b, c) = tokio::join!(enroll(&ras, "ann", 1), enroll(&ras, "ANN", 1), enroll(&ras, "ann@test", 1));
        let mut statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
        assert!(problem(&enroll(&ras, "bare", 1).await, 400).0.contains("no e-mail address in the directory"));
        assert_eq!(problem(&enroll(&ras, "nobody", 1).await, 404).0, "there is no user 'nobody'");
        problem(&enroll(&ras, "ann", 42).await, 404);
        for (body, fault) in [
            (json!({"user": "ann"}), "/mfaId missing"),
            (json!({"mfaId": 1}), "/user missing"),
            (json!({"mfaId": 0, "user": "ann"}), "/mfaId range"),
            (json!({"mfaId": 1, "user": ""}), "/user length"),
            (json!({"mfaId": 1, "user": "ann", "email": "a@b\r\nBcc:c"}), "/email format"),
            (json!({"mfaId": 1, "user": "ann", "email": "a@127.0.0.1"}), "/email format"),
            (json!({"mfaId": 1, "user": "ann", "email": "no address"}), "/email format"),
            (json!({"mfaId": 1, "user": "ann", "type": 9}), "/type choice"),
        ] {
            assert_eq!(problem(&ras.post("/api/MFA/Users", body).await, 400).1, [fault]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enrolled_are_found_by_provider_and_name() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({})).await;
        for (name, place) in [("dora", id), ("ann", id), ("Anton", 1), ("ben", 1)] {
            test.add_user(name, "right").await;
            assert_eq!(enroll(&ras, name, place).await.status, 201);
        }
        assert_eq!(found(&ras, json!({})).await, ["Anton@test", "ben@test", "ann@test", "dora@test"]);
        assert_eq!(found(&ras, json!({"mfaId": id, "type": "EmailOTP"})).await, ["ann@test", "dora@test"]);
        assert_eq!(found(&ras, json!({"filter": "an*", "siteId": 1})).await, ["Anton@test", "ann@test"]);
        assert_eq!(found(&ras, json!({"filter": "ANN"})).await, ["ann@test"]);
        assert!(found(&ras, json!({"filter": "%"})).await.is_empty());
        problem(&ras.post("/api/MFA/Users/Find", json!({"mfaId": 42})).await, 404);
        let elsewhere = ras.post("/api/MFA/Users/Find", json!({"mfaId": id, "siteId": 9})).await;
        assert_eq!(problem(&elsewhere, 404).0, "no MFA provider with id 2 in site 9");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_enrollments_and_codes_on_their_way_and_nothing_else() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({"enabled": true})).await;
        for name in ["ann", "ben", "cleo"] {
            test.add_user(name, "right").await;
            assert_eq!(enroll(&ras, name, id).await.status, 201);
        }
        let transaction = test.check(&[("user", "ann"), ("pass", "right")]).await.transaction();
        let code = test.code_to("ann@example.org").await;
        let other = test.check(&[("user", "cleo"), ("pass", "right")]).await.transaction();
        let other_code = test.code_to("cleo@example.org").await;
        let unknown = ras.put("/api/MFA/Users", json!({"users": ["ann", "x", "y"], "mfaId": id})).await;
        assert_eq!(problem(&unknown, 404).0, "there is no user 'x', 'y'");
        assert_eq!(found(&ras, json!({"mfaId": id})).await.len(), 3, "all or nothing");
        let done = ras
            .put("/api/MFA/Users", json!({"users": ["ann@test", "ben"], "mfaId": id, "siteId": 1, "type": 11}))
            .await;
        assert_eq!((done.status.as_u16(), done.body.len()), (204, 0));
        assert_eq!(found(&ras, json!({"mfaId": id})).await, ["cleo@test"]);
        let answer = test.check(&[("user", "ann"), ("pass", &code), ("transaction_id", &transaction)]).await;
        assert_eq!(answer.authentication(), "REJECT", "{}", answer.text());
        let answer = test.check(&[("user", "cleo"), ("pass", &other_code), ("transaction_id", &other)]).await;
        assert_eq!(answer.authentication(), "ACCEPT", "{}", answer.text());
        let again = ras.put("/api/MFA/Users", json!({"users": ["ann"], "mfaId": id})).await;
        assert_eq!(again.status, 204, "who is not enrolled stays so");
        assert_audited(&test, "PUT /api/MFA/Users", "reset at provider id 2: 2 enrollments of ann, ben").await;
        assert_eq!(enroll(&ras, "ann", id).await.status, 201, "enrolled once more");
        assert_eq!(ras.put("/api/MFA/Users/All", json!({"mfaId": id})).await.status, 204);
        assert!(found(&ras, json!({})).await.is_empty());
        let told = "reset at provider id 2: all 2 enrollments, 0 open challenges ended";
        assert_audited(&test, "PUT /api/MFA/Users/All", told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_names_its_provider_and_a_bounded_list() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let many: Vec<_> = (0..1001).map(|number| format!("u{number}")).collect();
    for (body, fault) in [
        (json!({"mfaId": 1}), "/users missing"),
        (json!({"users": ["a"]}), "/mfaId missing"),
        (json!({"users": "a", "mfaId": 1}), "/users type"),
        (json!({"users": ["a", 7], "mfaId": 1}), "/users/1 type"),
        (json!({"users": [""], "mfaId": 1}), "/users/0 length"),
        (json!({"users": many, "mfaId": 1}), "/users length"),
        (json!({"users": ["a"], "mfaId": 1, "type": "TOTP"}), "/type choice"),
    ] {
        assert_eq!(problem(&ras.put("/api/MFA/Users", body).await, 400).1, [fault]);
    }
    let nobody = ras.put("/api/MFA/Users", json!({"users": [], "mfaId": 1})).await;
    assert!(problem(&nobody, 400).0.contains("1 to 1000 users, got 0"));
    assert_eq!(problem(&ras.put("/api/MFA/Users/All", json!({})).await, 400).1, ["/mfaId missing"]);
}
