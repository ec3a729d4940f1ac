//! `/api/Theme`.

use serde_json::json;

use super::{Ras, problem};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_is_made_bound_changed_and_removed() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let made = root.post("/api/Theme", json!({
            "name": "VPN", "description": "for the road", "enabled": true, "mfaId": 1,
            "groupEnabled": true, "groupFilters": [{"name": "test\\alice"}, {"name": "staff", "sid": "S-1-5-21-7"}],
            "overrideAuthenticationDomain": true, "domain": "TEST", "postLogonMessage": "two\nlines",
            "returnTo": ["https://app.example.org/"],
        })).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let path = made.headers["location"].to_str().unwrap().to_owned();
        let theme = root.get(&path.to_uppercase()).await.json();
        assert_eq!(theme, made.json());
        assert_eq!((&theme["name"], &theme["mfaId"], &theme["domain"]), (&json!("VPN"), &json!(1), &json!("test")));
        let (made_by, at) = (json!("admin"), json!("2026-11-21T01:21:08.640Z"));
        assert_eq!([&theme["adminCreate"], &theme["adminLastMod"]], [&made_by, &made_by], "{theme}");
        assert_eq!([&theme["timeCreate"], &theme["timeLastMod"]], [&at, &at], "{theme}");
        assert_eq!(theme["groupFilters"][0], json!({"name": "test\\alice", "sid": ""}));
        test.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(root.put(&path, json!({"mfaId": 0, "description": null})).await.status, 204);
        let changed = root.get("/api/Theme?name=vpn").await.json();
        assert_eq!((&changed[0]["timeCreate"], &changed[0]["timeLastMod"]), (&at, &json!("2026-11-21T01:22:08.640Z")));
        assert_eq!((&changed[0]["mfaId"], &changed[0]["description"]), (&json!(0), &json!("for the road")));
        assert_eq!(
            test.send(axum::http::Request::get("/signin/vpn").body(axum::body::Body::empty()).unwrap()).await.status,
            404
        );
        assert_eq!(root.post(&format!("{path}/GroupFilter"), json!({"name": "test\\bob"})).await.status, 201);
        let filter = root.get(&format!("{path}/GroupFilter")).await.json();
        assert_eq!(filter["groupFilters"].as_array().unwrap().len(), 3);
        assert_eq!(
            root.put(&format!("{path}/GroupFilter"), json!({"groupEnabled": false, "groupFilters": []})).await.status,
            204
        );
        assert_eq!(root.get(&path).await.json()["groupFilters"], json!([]));
        assert_eq!(root.delete(&path).await.status, 204);
        problem(&root.get(&path).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let long = "x".repeat(256);
    for (body, pointer) in [
        (json!({}), "/name"),
        (json!({"name": ""}), "/name"),
        (json!({"name": "a b"}), "/name"),
        (json!({"name": "done"}), "/name"),
        (json!({"name": long}), "/name"),
        (json!({"name": "x", "mfaId": -1}), "/mfaId"),
        (json!({"name": "x", "groupFilters": [{}]}), "/groupFilters/0/name"),
        (json!({"name": "x", "returnTo": ["http://app.example.org/"]}), "/returnTo"),
        (json!({"name": "x", "nmae": 1}), "/nmae"),
        (json!({"name": "x", "enabled": 1}), "/enabled"),
    ] {
        let refused = root.post("/api/Theme", body.clone()).await;
        let (_, faults) = problem(&refused, 400);
        assert!(faults.iter().any(|fault| fault.starts_with(pointer)), "{body}: {faults:?}");
    }
    for (body, said) in [
        (json!({"name": "x", "mfaId": 99}), "there is no provider with the number 99"),
        (json!({"name": "x", "overrideAuthenticationDomain": true}), "name the realm"),
    ] {
        let refused = root.post("/api/Theme", body).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains(said), "{}", refused.text());
    }
    problem(&root.post("/api/Theme", json!({"name": "DEFAULT"})).await, 409);
    let off = root.put("/api/Theme/1", json!({"enabled": false})).await;
    assert!(off.status == 400 && off.text().contains("default theme"), "{}", off.text());
    assert_eq!(root.delete("/api/Theme/1").await.status, 400);
    assert_eq!(root.get("/api/Theme").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_undoes_what_another_adds_at_the_same_moment() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let names: Vec<_> = (0..4).map(|number| format!("test\\u{number}")).collect();
        let added = names.iter().map(|name| root.post("/api/Theme/1/GroupFilter", json!({ "name": name })));
        for reply in futures_util::future::join_all(added).await {
            assert_eq!(reply.status, 201, "{}", reply.text());
        }
        let filter = root.get("/api/Theme/1/GroupFilter").await.json();
        assert_eq!(filter["groupFilters"].as_array().unwrap().len(), names.len(), "{filter}");
    }
}
