//! Every status, and that each says what to do.

use axum::http::Request;
use domain::secret::Secret;
use futures_util::future::join_all;
use otpost::manage::{self, admins::accounts};
use serde_json::json;

use super::{Ras, log_on, problem, typed};
use crate::app::{TestApp, by};

#[tokio::test(flavor = "multi_thread")]
async fn every_status_says_what_to_do() {
    let test = TestApp::start().await;
    let root = Ras::root(&test).await;
    let new = accounts::NewAccount {
        name: "eve".to_owned(),
        password: Secret::new("eve's password"),
        rest: accounts::AccountUpdate::default(),
    };
    accounts::create(&test.app, &by(), new).await.unwrap();
    let eve = Ras::of(&test, "eve", "eve's password").await;
    let nobody = Ras { test: &test, auth: "none".to_owned() };
    let plain = Request::post("/api/Site").header("content-type", "text/plain");
    let large = "x".repeat(100_000);
    for (reply, status, kind, remedy) in [
        (root.post("/api/Site", json!({"nam": "x"})).await, 400, "invalid", "errors says which"),
        (root.put("/api/Site/x", json!({})).await, 400, "invalid", "must be a whole number"),
        (nobody.get("/api/Site").await, 401, "sign-in", "sign in again with POST /api/Session/logon"),
        (eve.post("/api/Site", json!({"name": "x"})).await, 403, "forbidden", "takes a root administrator"),
        (eve.put("/api/Site/1", json!({"name": "x"})).await, 403, "forbidden", "takes allowSiteChanges on site 1"),
        (eve.get("/api/Site/1").await, 403, "forbidden", "takes allowViewingSiteInfo on site 1"),
        (root.get("/api/Site/42").await, 404, "not-found", "there is no site with id 42"),
        (root.get("/api/Nowhere").await, 404, "not-found", "/openapi"),
        (root.delete("/api/Site").await, 405, "method", "the header Allow says"),
        (root.post("/api/Site", json!({"name": "DEFAULT"})).await, 409, "conflict", "exists (id 1)"),
        (root.send(typed(Request::post("/api/Site")), large).await, 413, "too-large", "at most 65536 bytes"),
        (root.send(plain, "name=x").await, 415, "media-type", "send the body as application/json"),
    ] {
        let (detail, _) = problem(&reply, status);
        assert!(detail.contains(remedy), "{status}: {detail}");
        assert_eq!(reply.json()["type"], format!("urn:otpost:problem:{kind}"));
    }
    assert_eq!(test.app.settings().sites.len(), 1, "nothing was made");
    for _ in 0..10 {
        problem(&log_on(&test, "eve", "wrong").await, 401);
    }
    let spent = log_on(&test, "eve", "eve's password").await;
    assert!(problem(&spent, 429).0.contains("wait for sixteen minutes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_there_is_too_much_to_do_is_told_to_come_again() {
    let test = TestApp::start().await;
    // One password is compared at a time, and four may wait.
    let names: Vec<_> = (0..40).map(|number| format!("stranger{number}")).collect();
    let replies = join_all(names.iter().map(|name| log_on(&test, name, "a password"))).await;
    let busy: Vec<_> = replies.iter().filter(|reply| reply.status == 503).collect();
    assert!(!busy.is_empty() && replies.iter().all(|reply| [401, 503].contains(&reply.status.as_u16())));
    for reply in busy {
        assert!(problem(reply, 503).0.contains("try again in a moment"));
        assert_eq!(reply.headers["retry-after"], "2");
    }
    manage::admins::add(&test.app, &by(), "late", &Secret::new("late password")).await.unwrap();
    Ras::of(&test, "late", "late password").await;
}
