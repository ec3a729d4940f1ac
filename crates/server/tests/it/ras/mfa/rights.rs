//! Who may do what, and on which site.

use serde_json::json;

use super::super::{Ras, problem};
use super::{create, created};
use crate::app::{Reply, TestApp};

const SECRET: &str = "canary horse battery";

/// Every call that changes something about a provider, and nothing else.
async fn changes(ras: &Ras<'_>, id: i64, site: i64) -> Vec<Reply> {
    let device = json!({"clientDeviceName": "kiosk"});
    let path = format!("/api/MFA/{id}");
    vec![
        create(ras, "New", json!({ "siteId": site })).await,
        ras.put(&format!("/api/MFA/EmailOTP/{id}"), json!({"enabled": true})).await,
        ras.put(&format!("{path}/Criteria"), json!({"access": 0})).await,
        ras.post(&format!("{path}/Criteria/Devices"), device.clone()).await,
        ras.take_out(&format!("{path}/Criteria/Devices"), device.clone()).await,
        ras.put(&format!("/api/MFADefaultSettings/Criteria?siteId={site}"), json!({"access": 0})).await,
        ras.post(&format!("/api/MFADefaultSettings/Criteria/Devices?siteId={site}"), device).await,
        ras.post("/api/MFA/Users", json!({"user": "ann", "mfaId": id})).await,
        ras.put("/api/MFA/Users", json!({"users": ["ann"], "mfaId": id})).await,
        ras.put("/api/MFA/Users/All", json!({ "mfaId": id })).await,
        ras.order(&format!("{path}/Duplicate")).await,
        ras.delete(&path).await,
    ]
}

/// Every call that reads.
async fn reads(ras: &Ras<'_>, id: i64, site: i64) -> Vec<Reply> {
    vec![
        ras.get(&format!("/api/MFA?siteId={site}")).await,
        ras.get(&format!("/api/MFA/{id}")).await,
        ras.get(&format!("/api/MFA/{id}/Criteria/IPs")).await,
        ras.get(&format!("/api/MFADefaultSettings?siteId={site}")).await,
        ras.post(&format!("/api/MFA/{id}/Explain"), json!({"user": "ann"})).await,
        ras.post("/api/MFA/Users/Find", json!({ "siteId": site })).await,
    ]
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|reply| reply.status.as_u16()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_count_on_the_site_of_the_provider() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    test.add_user("ann", "right").await;
    let site = root.post("/api/Site", json!({"name": "Berlin"})).await.json()["id"].as_i64().unwrap();
    let here = created(&root, "Post", json!({})).await;
    let there = created(&root, "Post", json!({ "siteId": site })).await;
    let account = root.post("/api/AdminAccount", json!({"name": "eve", "password": SECRET})).await.json()["id"].clone();
    let permission = format!("/api/AdminAccount/{account}/PowerPermission");
    let allowed = json!({"allowViewingSiteInfo": true, "allowInSiteIds": [site]});
    assert_eq!(root.put(&permission, allowed).await.status, 204);
    let eve = Ras::of(&test, "eve", SECRET).await;
    for reply in changes(&eve, here, 1).await.iter().chain(&reads(&eve, here, 1).await) {
        assert!(problem(reply, 403).0.ends_with("on site 1"), "{}", reply.text());
    }
    for reply in changes(&eve, there, site).await {
        assert_eq!(problem(&reply, 403).0, format!("this takes allowConnectionChanges on site {site}"));
    }
    assert_eq!(statuses(&reads(&eve, there, site).await), [200; 6]);
    assert_eq!(root.put(&permission, json!({"allowConnectionChanges": true})).await.status, 204);
    let done = [201, 204, 204, 201, 204, 204, 201, 201, 204, 204, 201, 204];
    assert_eq!(statuses(&changes(&eve, there, site).await), done);
    assert_eq!(root.get(&format!("/api/MFA/{here}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_anything_without_a_token() {
    let test = TestApp::start().await;
    let stranger = Ras { test: &test, auth: "none".to_owned() };
    for id in [1, 42] {
        let mut replies = changes(&stranger, id, 1).await;
        replies.extend(reads(&stranger, id, 9).await);
        assert!(replies.iter().all(|reply| problem(reply, 401).0.contains("logon")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_are_kept_apart_and_must_be_there() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let site = root.post("/api/Site", json!({"name": "Berlin"})).await.json()["id"].as_i64().unwrap();
    created(&root, "Post", json!({})).await;
    created(&root, "Post", json!({ "siteId": site })).await;
    let listed = root.get(&format!("/api/MFA?siteId={site}")).await.json();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["siteId"]), (1, &json!(site)));
    let place = format!("/api/MFADefaultSettings/Criteria?siteId={site}");
    assert_eq!(root.put(&place, json!({"access": 0})).await.status, 204);
    assert_eq!(root.get(&place).await.json()["access"], 0);
    assert_eq!(root.get("/api/MFADefaultSettings/Criteria").await.json()["access"], 1);
    for reply in [
        root.get("/api/MFA?SiteId=9").await,
        root.get("/api/MFADefaultSettings?siteId=9").await,
        create(&root, "Other", json!({"siteId": 9})).await,
        root.post("/api/MFA/Users/Find", json!({"siteId": 9})).await,
    ] {
        assert_eq!(problem(&reply, 404).0, "there is no site with id 9");
    }
    problem(&root.delete(&format!("/api/Site/{site}")).await, 409);
    let id = listed[0]["id"].as_i64().unwrap();
    assert_eq!(root.delete(&format!("/api/MFA/{id}")).await.status, 204);
    assert_eq!(root.delete(&format!("/api/Site/{site}")).await.status, 204, "its criteria go with it");
}
