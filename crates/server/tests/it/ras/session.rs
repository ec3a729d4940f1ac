//! `/api/Session`: signing in, staying, leaving.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::secret::Secret;
use otpost::manage;
use serde_json::json;

use super::{Ras, log_on, problem, set, typed};
use crate::app::{ADMIN_PASSWORD, TestApp, by};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_what_programs_look_for() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let reply = log_on(&test, "Admin", ADMIN_PASSWORD).await;
        let body = reply.json();
        assert_eq!(reply.headers["content-type"], "application/json; api-version=1.0");
        let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "applySettingsEnabled",
                "authToken",
                "connectedServer",
                "connectedSiteId",
                "domain",
                "farmGUID",
                "farmName",
                "licensingServer",
                "licensingServerConnection",
                "localAuth",
                "primaryBrokerConnection",
                "sessionId",
                "settingsId",
                "userId"
            ]
        );
        assert_eq!(body["authToken"].as_str().unwrap().len(), 43);
        assert_eq!(log_on(&test, "admin", ADMIN_PASSWORD).await.json()["farmGUID"], body["farmGUID"]);
        let ras = Ras { test: &test, auth: body["authToken"].as_str().unwrap().to_owned() };
        let permissions = ras.get("/api/Session/CurrentPermissions").await.json();
        assert_eq!((&permissions["permissions"], &permissions["allowConnectionChanges"]), (&json!(1), &json!(true)));
        assert_eq!(ras.order("/api/session/logoff").await.status, 204);
        problem(&ras.get("/api/Session").await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_which_names_there_are() {
    let test = TestApp::start().await;
    let told = async |name: &str| {
        let reply = log_on(&test, name, "not the password").await;
        let mut body = reply.json();
        body.as_object_mut().unwrap().remove("requestId");
        (reply.status, reply.headers.get("retry-after").cloned(), body)
    };
    for round in 0..12 {
        let (known, stranger) = (told("admin").await, told("stranger").await);
        assert_eq!(known, stranger, "round {round}");
        assert_eq!(known.0, if round < 10 { 401 } else { 429 }, "{}", known.2);
    }
    let spent = log_on(&test, "ADMIN", ADMIN_PASSWORD).await;
    assert!(problem(&spent, 429).0.contains("wait"));
    assert_eq!(spent.headers["retry-after"], "960");
    test.clock.advance(16 * MINUTE);
    assert_eq!(log_on(&test, "admin", ADMIN_PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_in_its_header_alone() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let token = &ras.auth;
    let form = format!("/api/Session?auth_token={token}&authToken={token}");
    for request in [
        Request::get("/api/Session"),
        Request::get(form),
        Request::get("/api/Session").header("cookie", format!("auth_token={token}")),
        Request::get("/api/Session").header("authorization", format!("Bearer {token}")),
        Request::get("/api/Session").header("auth_token", ""),
        Request::get("/api/Session").header("auth_token", format!("{token}x")),
        Request::get("/api/Session").header("auth_token", token).header("auth_token", token),
    ] {
        let reply = test.send(request.body(Body::empty()).unwrap()).await;
        assert!(problem(&reply, 401).0.contains("logon"));
        assert_eq!(reply.headers["www-authenticate"], "auth_token");
    }
    // Before anything else is looked at, the body and the number of the thing included.
    let request = Request::post("/api/Session/abc/logoff").body(Body::from("{")).unwrap();
    problem(&test.send(request).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unused_session_ends_and_a_used_one_lasts_for_eight_hours() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let (idle, used) = (Ras::root(&test).await, Ras::root(&test).await);
        test.clock.advance(29 * MINUTE);
        assert_eq!(used.get("/api/Session").await.json().as_array().unwrap().len(), 2);
        test.clock.advance(MINUTE);
        problem(&idle.get("/api/Session").await, 401);
        let left = used.get("/api/Session").await.json();
        assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
        assert_eq!(left[0]["current"], true);
        for _ in 0..22 {
            assert_eq!(used.get("/api/Session").await.status, 200);
            test.clock.advance(20 * MINUTE);
        }
        assert_eq!(used.get("/api/Session").await.status, 200);
        test.clock.advance(10 * MINUTE);
        problem(&used.get("/api/Session").await, 401);
        set(&test, "session.idle_minutes", "5").await;
        let short = Ras::root(&test).await;
        test.clock.advance(5 * MINUTE);
        problem(&short.get("/api/Session").await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_written_down_once_a_minute_at_most() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let last_used = async || ras.get("/api/Session").await.json()[0]["lastUsed"].as_str().unwrap().to_owned();
    let opened = last_used().await;
    test.clock.advance(Duration::from_secs(59));
    ras.get("/api/Session").await;
    assert_eq!(last_used().await, opened);
    test.clock.advance(Duration::from_secs(1));
    ras.get("/api/Session").await;
    assert_ne!(last_used().await, opened);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_and_a_removal_end_sessions_at_once() {
    let test = TestApp::start().await;
    manage::admins::add(&test.app, &by(), "eve", &Secret::new("another password")).await.unwrap();
    let eve = Ras::of(&test, "eve", "another password").await;
    manage::admins::reset(&test.app, &by(), "eve", &Secret::new("a third password")).await.unwrap();
    problem(&eve.get("/api/Session").await, 401);
    let eve = Ras::of(&test, "eve", "a third password").await;
    manage::admins::remove(&test.app, &by(), "eve").await.unwrap();
    problem(&eve.get("/api/Session").await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_seen_and_ended_by_number() {
    let test = TestApp::start().await;
    let (one, other) = (Ras::root(&test).await, Ras::root(&test).await);
    let all = one.get("/api/Session").await.json();
    let number =
        all.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap()["sessionId"].clone();
    assert_eq!(one.order(&format!("/api/Session/{number}/logoff")).await.status, 204);
    problem(&other.get("/api/Session").await, 401);
    problem(&one.order(&format!("/api/Session/{number}/logoff")).await, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn local_means_this_machine() {
    let test = TestApp::start().await;
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    let request = || typed(Request::post("/api/Session/logon?localAuth=true")).body(Body::from(body.clone())).unwrap();
    assert_eq!(test.send(request()).await.status, 200);
    let far = test.send_from("192.0.2.7:40000".parse().unwrap(), request()).await;
    assert!(problem(&far, 403).0.contains("own machine"));
}
