//! `/api/Site`, and `/api/Settings/apply`.

use std::time::Duration;

use otpost::config::StoreUrl;
use serde_json::json;

use super::{Ras, lines, problem};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_made_changed_and_removed() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let first = root.get("/api/Site").await.json();
        assert_eq!((&first[0]["id"], &first[0]["name"]), (&json!(1), &json!("Default")));
        let made = root.post("/api/Site", json!({"name": " Berlin ", "description": "two\nlines"})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let (id, path) = (made.json()["id"].clone(), made.headers["location"].to_str().unwrap().to_owned());
        assert_eq!((&made.json()["name"], &made.json()["adminCreate"]), (&json!("Berlin"), &json!("admin")));
        test.clock.advance(Duration::from_secs(1));
        assert_eq!(root.put(&path, json!({"name": "Paris", "description": null})).await.status, 204);
        let changed = root.get(&path).await.json();
        assert_eq!((&changed["name"], &changed["description"]), (&json!("Paris"), &json!("two\nlines")));
        assert_ne!(changed["timeLastMod"], changed["timeCreate"]);
        assert_eq!(root.get("/api/Site?name=PARIS").await.json()[0]["id"], id);
        assert_eq!(root.delete(&path).await.status, 204);
        assert_eq!(problem(&root.get(&path).await, 404).0, format!("there is no site with id {id}"));
        // No number comes twice.
        let next = root.post("/api/Site", json!({"name": "Paris"})).await.json()["id"].as_i64().unwrap();
        assert_eq!(next, id.as_i64().unwrap() + 1);
        let lines = lines(&test).await;
        let changed = lines.iter().find(|line| line.action == "PUT /api/Site/<id>").unwrap();
        assert_eq!(changed.detail, format!("site {id}: name: 'Berlin' -> 'Paris'"));
        assert!(lines.iter().any(|line| line.action == "DELETE /api/Site/<id>"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sites_of_one_name_are_one_too_many() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let root = Ras::root(&test).await;
        let detail = problem(&root.post("/api/Site", json!({"name": "DEFAULT"})).await, 409).0;
        assert_eq!(detail, "a site named 'Default' exists (id 1)");
        let (one, other) =
            tokio::join!(root.post("/api/Site", json!({"name": "a"})), root.post("/api/Site", json!({"name": "A"})));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let renamed = root.put("/api/Site/1", json!({"name": "a"})).await;
        assert!(problem(&renamed, 409).0.contains("a site named"), "{}", renamed.text());
        assert_eq!(root.put("/api/Site/1", json!({"name": "DEFAULT"})).await.status, 204, "its own name");
        // Two who change different things at once both succeed.
        let (one, other) = tokio::join!(
            root.put("/api/Site/1", json!({"name": "Main"})),
            root.put("/api/Site/1", json!({"description": "the first"}))
        );
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (204, 204), "{} {}", one.text(), other.text());
        let merged = root.get("/api/Site/1").await.json();
        assert_eq!((&merged["name"], &merged["description"]), (&json!("Main"), &json!("the first")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_in_use_stays_and_so_does_the_first() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    assert!(problem(&root.delete("/api/Site/1").await, 409).0.contains("rename it instead"));
    let id = root.post("/api/Site", json!({"name": "Berlin"})).await.json()["id"].as_i64().unwrap();
    let StoreUrl::Sqlite(path) = &test.app.config.store.url else { panic!("a file") };
    let file = rusqlite::Connection::open(path).unwrap();
    file.execute_batch(&format!(
        "CREATE TABLE user_of_site (site_id INTEGER REFERENCES site (id)); INSERT INTO user_of_site VALUES ({id})"
    ))
    .unwrap();
    let refused = root.delete(&format!("/api/Site/{id}")).await;
    assert!(problem(&refused, 409).0.contains("still in use"), "{}", refused.text());
    file.execute_batch("DELETE FROM user_of_site").unwrap();
    assert_eq!(root.delete(&format!("/api/Site/{id}")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_of_a_site_has_its_limits() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let bad = json!({"name": "x".repeat(256), "description": "x".repeat(4001), "server": "ras1"});
    let (detail, faults) = problem(&root.post("/api/Site", bad).await, 400);
    assert_eq!(faults, ["/name length", "/description length", "/server unknown"]);
    assert!(detail.starts_with("3 values"), "{detail}");
    for name in [json!(""), json!("  "), json!(null), json!(7), json!("a\nb")] {
        let (_, faults) = problem(&root.post("/api/Site", json!({"name": name})).await, 400);
        assert!(faults[0].starts_with("/name "), "{name}");
    }
    let largest = json!({"name": "x".repeat(255), "description": "x".repeat(4000)});
    assert_eq!(root.post("/api/Site", largest).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_is_for_those_who_are_signed_in_and_does_nothing() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let before = lines(&test).await.len();
    let reply = root.order("/api/Settings/apply").await;
    assert_eq!(reply.status, 200);
    assert!(reply.json()["message"].as_str().unwrap().contains("nothing"));
    assert_eq!(lines(&test).await.len(), before);
    let nobody = Ras { test: &test, auth: "x".to_owned() };
    problem(&nobody.order("/api/Settings/apply").await, 401);
}
