//! What every request is held to before its handler has a say, and what is said of it.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request};
use futures_util::stream;
use otpost::config::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::app::{TestApp, form_request};

/// The first line of the answer to these bytes, and whether the request has a name.
async fn said(test: &TestApp, bytes: &str) -> (String, bool) {
    let mut serving = JoinSet::new();
    let mut stream = TcpStream::connect(test.listen(&mut serving).await).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    (answer.lines().next().unwrap_or_default().to_owned(), answer.contains("x-request-id: "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_one_host() {
    let test = TestApp::start().await;
    for (head, status) in [
        ("GET /healthz/ HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1 200 OK"),
        ("GET /healthz/ HTTP/1.0\r\n", "HTTP/1.0 200 OK"),
        ("GET /healthz/ HTTP/1.1\r\n", "HTTP/1.1 400 Bad Request"),
        ("GET /healthz/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "HTTP/1.1 400 Bad Request"),
        ("GET /healthz/ HTTP/1.0\r\nHost: a\r\nHost: a\r\n", "HTTP/1.0 400 Bad Request"),
    ] {
        let (line, is_named) = said(&test, &format!("{head}Connection: close\r\n\r\n")).await;
        assert_eq!((line.as_str(), is_named), (status, true), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_an_end() {
    let test = TestApp::start().await;
    for (octets, status) in [(32_000, 200), (40_000, 431)] {
        let request = Request::get("/healthz/").header("x-much", "x".repeat(octets)).body(Body::empty()).unwrap();
        let reply = test.send(request).await;
        assert_eq!(reply.status, status, "{octets}");
        assert!(reply.headers.contains_key("x-request-id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn allow_names_what_there_is() {
    let test = TestApp::start().await;
    for (method, path, allowed) in [
        ("GET", "/token/init", "POST"),
        ("POST", "/validate/polltransaction", "GET,HEAD"),
        ("GET", "/validate/check", "POST"),
        ("PUT", "/smtpserver/x", "POST,DELETE"),
        ("DELETE", "/auth", "POST"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let reply = test.send(request).await;
        let allow = reply.headers.get("allow").map(|value| value.to_str().unwrap());
        assert_eq!((reply.status.as_u16(), allow), (405, Some(allowed)), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_too_long_in_every_encoding() {
    let test = TestApp::start().await;
    let long = "x".repeat(100_000);
    let multipart = format!("--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n{long}\r\n--b--\r\n");
    for (kind, body) in [
        ("multipart/form-data; boundary=b", multipart),
        ("application/x-www-form-urlencoded", format!("user={long}")),
        ("application/json", format!("{{\"user\": \"{long}\"}}")),
    ] {
        for path in ["/validate/check", "/policy/x"] {
            let request = Request::post(path).header("content-type", kind).body(Body::from(body.clone())).unwrap();
            let reply = test.send(request).await;
            assert_eq!((reply.status.as_u16(), reply.error_code()), (413, 905), "{path} {kind}: {}", reply.text());
            assert!(reply.text().contains("limits.body_bytes"), "{}", reply.text());
        }
    }
    let reply = test.check(&[("user", "alice"), ("z", &"x".repeat(9_000))]).await;
    assert!(reply.text().contains("'z' is longer than 8192 bytes"), "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_no_fault_of_ours() {
    let test = TestApp::start().await;
    let slow = |path: &str, kind: &str| {
        let part = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]);
        let body = Body::from_stream(futures_util::StreamExt::chain(part, stream::pending()));
        Request::post(path).header("content-type", kind).body(body).unwrap()
    };
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let (one, other) =
        tokio::join!(test.send(slow("/validate/check", form)), test.send(slow("/api/Session/logon", json)));
    for reply in [one, other] {
        assert_eq!(reply.status, 408, "{}", reply.text());
        assert_eq!(reply.headers["connection"], "close");
        assert!(reply.text().contains("within eight seconds"), "{}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_stay_with_tls_where_we_serve_it() {
    let clear = TestApp::start().await;
    let file = std::path::PathBuf::from("/etc/otpost/tls/some.pem");
    let tls = Tls { cert_file: file.clone(), key_file: file };
    let secure = TestApp::start_with(|config| config.http.tls = Some(tls)).await;
    let year = HeaderValue::from_static("max-age=31536000");
    for (test, expected) in [(&clear, None), (&secure, Some(&year))] {
        let page = test.send(Request::get("/signin").body(Body::empty()).unwrap()).await;
        let call = test.send(form_request("/validate/check", &[])).await;
        for reply in [page, call] {
            assert_eq!(reply.headers.get("strict-transport-security"), expected);
        }
    }
}
