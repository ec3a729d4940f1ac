//! Administrators at their doors: guesses are bounded for each name and for each place, and whoever is right
//! gets in.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::budget::ADMIN_SOURCE_BUDGET;
use futures_util::future::join_all;
use otpost::config::StoreUrl;
use otpost::manage::api_keys::{self, NewKey};
use serde_json::json;

use crate::app::{ADMIN_PASSWORD, TestApp, by, form_request};

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_tried_from_one_place_keep_nobody_elsewhere_out() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for number in 0..ADMIN_SOURCE_BUDGET.burst {
        let tried = auth(&test, HERE, &format!("name{number}"), "a guess").await;
        assert_eq!(tried, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(auth(&test, HERE, "admin", ADMIN_PASSWORD).await, StatusCode::UNAUTHORIZED, "enough from there");
    assert_eq!(logon(&test, HERE).await, StatusCode::TOO_MANY_REQUESTS, "at no door");
    assert_eq!(auth(&test, ELSEWHERE, "admin", ADMIN_PASSWORD).await, StatusCode::OK);
    assert_eq!(auth(&test, HERE, "alice", "1234").await, StatusCode::OK, "people are another matter");
    test.clock.advance(ADMIN_SOURCE_BUDGET.step);
    assert_eq!(auth(&test, HERE, "admin", ADMIN_PASSWORD).await, StatusCode::OK);
    assert_eq!(logon(&test, HERE).await, StatusCode::OK, "a right password costs nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_nobody_had_time_to_compare_was_no_guess() {
    let test = TestApp::start().await;
    let mut busy = 0;
    for _ in 0..4 {
        let all = join_all((0..16).map(|_| auth(&test, HERE, "admin", ADMIN_PASSWORD))).await;
        busy += all.iter().filter(|status| **status == StatusCode::SERVICE_UNAVAILABLE).count();
    }
    assert!(busy > 0, "there was too little to do");
    assert_eq!(auth(&test, HERE, "admin", ADMIN_PASSWORD).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_made_is_said_to_be_made() {
    let test = TestApp::start().await;
    // Settings that cannot be read again.
    meddle(&test, "ALTER TABLE theme RENAME TO gone");
    let new = NewKey { name: "portal".to_owned(), scopes: vec!["validate:check".to_owned()], ..NewKey::default() };
    let text = api_keys::add(&test.app, &by(), new).await.expect("the key is there, and its text is told once");
    meddle(&test, "ALTER TABLE gone RENAME TO theme");
    test.app.settings.refresh(&test.app.store).await.unwrap();
    assert!(test.app.settings().find_api_key(&text, test.app.now(), None).is_some());
}

/// `POST /auth`.
async fn auth(test: &TestApp, from: &str, name: &str, password: &str) -> StatusCode {
    let request = form_request("/auth", &[("username", name), ("password", password)]);
    test.send_from(address(from), request).await.status
}

/// `POST /api/Session/logon` with the right password.
async fn logon(test: &TestApp, from: &str) -> StatusCode {
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    let request = Request::post("/api/Session/logon").header("content-type", "application/json");
    test.send_from(address(from), request.body(Body::from(body)).unwrap()).await.status
}

/// Runs statements beside the running product.
fn meddle(test: &TestApp, sql: &str) {
    let StoreUrl::Sqlite(path) = &test.app.config.store.url else { panic!("SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn address(host: &str) -> SocketAddr {
    format!("{host}:40000").parse().unwrap()
}

const HERE: &str = "127.0.0.1";
const ELSEWHERE: &str = "127.0.0.2";
