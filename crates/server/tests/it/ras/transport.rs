//! How requests are read and how refusals are told, whatever the resource.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::{Ras, log_on, problem, typed};
use crate::app::{ADMIN_PASSWORD, TestApp};

const LOGON: &str = "/api/Session/logon";

/// A body as it is, to the one call that needs no token.
async fn sent(test: &TestApp, body: impl Into<Body>) -> crate::app::Reply {
    test.send(typed(Request::post(LOGON)).body(body.into()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_query_names_are_taken_in_any_letter_case() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for path in ["/api/session", "/api/Session", "/API/SESSION/", "/Api/sEssion//"] {
        assert_eq!(ras.get(path).await.status, 200, "{path}");
    }
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    for query in ["localAuth=true", "LOCALAUTH=True", "localauth=false", "unknown=1"] {
        let request = typed(Request::post(format!("/api/session/LOGON?{query}")));
        let reply = test.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(reply.status, 200, "{query}");
        assert_eq!(reply.json()["localAuth"], query.to_lowercase() == "localauth=true");
    }
    for (query, fault) in
        [("localAuth=1", "/localAuth choice"), ("localAuth=true&LocalAuth=true", "/localauth repeated")]
    {
        let request = typed(Request::post(format!("{LOGON}?{query}"))).body(Body::from(body.clone())).unwrap();
        assert_eq!(problem(&test.send(request).await, 400).1, [fault]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_media_type_says_json_and_version_one() {
    let test = TestApp::start().await;
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    for (media_type, status) in [
        ("application/json", 200),
        ("application/json; api-version=1.0", 200),
        ("Application/JSON;charset=UTF-8; API-Version=\"1.0\"", 200),
        ("application/json; api-version=9.9", 400),
        ("application/json; api-version=", 400),
        ("application/json; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ] {
        let request = Request::post(LOGON).header("content-type", media_type).body(Body::from(body.clone())).unwrap();
        let reply = test.send(request).await;
        assert_eq!(reply.status, status, "{media_type}: {}", reply.text());
        assert_eq!(reply.headers["content-type"], "application/json; api-version=1.0");
        if status == 415 {
            assert!(problem(&reply, 415).0.contains("application/json"));
        }
        if media_type.ends_with("9.9") {
            assert_eq!(problem(&reply, 400).0, "API version 9.9 is not supported; use 1.0");
        }
    }
    let untyped = Request::post(LOGON).body(Body::from(body)).unwrap();
    problem(&test.send(untyped).await, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_another_version_is_not_given() {
    let test = TestApp::start().await;
    let body = json!({"username": "admin", "password": ADMIN_PASSWORD}).to_string();
    for (accept, status) in [
        ("application/json; api-version=1.0", 200),
        ("application/json;API-Version=1", 200),
        ("*/*", 200),
        ("text/plain; api-version=9.9, application/json; api-version=1.0", 200),
        ("application/json; api-version=9.9, */*;q=0.1", 200),
        ("application/json; api-version=9.9", 400),
        ("application/json; api-version=2.0, text/plain;api-version=9.9", 400),
    ] {
        let request = typed(Request::post(LOGON)).header("accept", accept);
        let reply = test.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(reply.status, status, "{accept}: {}", reply.text());
        if accept.ends_with("json; api-version=9.9") {
            assert_eq!(problem(&reply, 400).0, "API version 9.9 is not supported; use 1.0");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_told_with_its_place_and_never_repeated() {
    let test = TestApp::start().await;
    for (bytes, said) in [
        (&b"{\"canary\": }"[..], "line 1 column 12"),
        (b"{\"username\": \"a\"}\n canary", "line 2 column 2"),
        (b"{\"username\": NaN}", "line 1 column"),
        (b"// canary\n{}", "line 1 column 1"),
        (b"{\"username\": \"canary", "line 1 column"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"{\0}\0", "UTF-16"),
        (b"{\"username\":\n \"\xff\"}", "line 2 column 3"),
        (b"[]", "a JSON object is needed, got an array"),
        (b"\"canary\"", "a JSON object is needed, got a text"),
        (b"", "the body is empty"),
    ] {
        let reply = sent(&test, bytes.to_vec()).await;
        let (detail, _) = problem(&reply, 400);
        assert!(detail.contains(said), "{said}: {detail}");
        assert!(!reply.text().contains("canary"), "{}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_be_neither_deep_nor_large() {
    let test = TestApp::start().await;
    for open in ["[", "{\"a\":"] {
        let deep = sent(&test, format!("{{\"username\": {}", open.repeat(10_000))).await;
        assert!(problem(&deep, 400).0.contains("recursion limit"), "{}", deep.text());
    }
    let large = json!({"username": "a", "password": "x".repeat(100_000)}).to_string();
    let announced = typed(Request::post(LOGON)).header("content-length", large.len());
    let announced = test.send(announced.body(Body::from(large.clone())).unwrap()).await;
    assert!(problem(&announced, 413).0.contains("65536"), "{}", announced.text());
    assert!(problem(&sent(&test, large).await, 413).0.contains("limits.body_bytes"));
    // The largest that is taken is read to its end.
    let fits = json!({"username": "a", "password": "x".repeat(65_000)}).to_string();
    assert_eq!(problem(&sent(&test, fits).await, 400).1, ["/password length"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_body_is_told_at_once() {
    let test = TestApp::start().await;
    let reply =
        sent(&test, r#"{"username": "", "Username": 1, "other": {"a": 1}, "username": "b", "password": null}"#).await;
    let (detail, mut faults) = problem(&reply, 400);
    faults.sort();
    assert_eq!(
        faults,
        ["/Username unknown", "/other unknown", "/password null", "/username length", "/username repeated"]
    );
    assert!(detail.starts_with("5 values"), "{detail}");
    let errors = reply.json()["errors"].clone();
    assert_eq!(errors["Username"][0], "is no property of this object; did you mean 'username'?");
    assert_eq!(errors["other"][0], "is no property of this object; there are: username, password");
    assert_eq!(errors["password"][0], "is required and must not be null");
    assert_eq!(errors["username"][0], "is given more than once: duplicate field 'username'");
    let reply = sent(&test, r#"{"username": 7, "a/b~c\u0000\u202e": 1}"#).await;
    let (_, faults) = problem(&reply, 400);
    assert_eq!(faults, ["/username type", "/password missing", "/a~1b~0c\\0\\u{202e} unknown"]);
    // Not without end, though.
    let many = (0..5_000).map(|number| format!("\"{number}\": 1")).collect::<Vec<_>>().join(",");
    let reply = sent(&test, format!("{{{many}}}")).await;
    assert_eq!((problem(&reply, 400).1.len(), reply.body.len() < 100_000), (100, true));
    // Lengths are counted in UTF-16 units: this one has two.
    let (fits, long) = ("\u{1f600}".repeat(127), "\u{1f600}".repeat(128));
    assert_eq!(log_on(&test, &long, "x").await.status, 400);
    assert_eq!(log_on(&test, &fits, "x").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_and_what_is_not_done_is_told_apart() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    assert!(problem(&ras.get("/api/Nothing/here").await, 404).0.contains("/openapi"));
    assert!(problem(&ras.get("/api").await, 404).0.contains("/openapi"));
    for (method, path, allowed) in [
        ("DELETE", "/api/Session", "GET,HEAD"),
        ("GET", "/api/Session/logon", "POST"),
        ("TRACE", "/api/session/LOGON", "POST"),
        ("OPTIONS", "/api/Session/7/logoff", "POST"),
    ] {
        let request = Request::builder().method(method).uri(path).header("origin", "https://elsewhere.example");
        let reply = ras.send(request, "").await;
        problem(&reply, 405);
        assert_eq!(reply.headers["allow"], allowed, "{method} {path}");
        assert!(!reply.headers.keys().any(|name| name.as_str().starts_with("access-control")));
    }
    for id in ["abc", "-1", "0", "99999999999", "1.5", "+1", "%31%00"] {
        let (detail, faults) = problem(&ras.order(&format!("/api/Session/{id}/logoff")).await, 400);
        assert_eq!(faults, ["/id format"], "{id}");
        assert!(detail.contains("1 to 2147483647"), "{detail}");
    }
    assert_eq!(problem(&ras.order("/api/Session/42/logoff").await, 404).0, "there is no session with id 42");
}
