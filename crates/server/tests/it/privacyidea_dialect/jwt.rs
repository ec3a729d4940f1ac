//! Access tokens, as strict clients read them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use super::{answer, begin};
use crate::app::{Reply, TestApp, form_request};

async fn list(test: &TestApp, header: &'static str, token: &str) -> Reply {
    let mut request = form_request("/token/", &[]);
    *request.method_mut() = "GET".parse().unwrap();
    request.headers_mut().insert(header, token.parse().unwrap());
    test.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_tokens_decode_with_the_standard_alphabet() {
    let test = TestApp::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..500 {
        let token = otpost_token(&test);
        assert!(!token.contains('='), "{token}");
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let payload = STANDARD_NO_PAD.decode(parts[1]).expect("the standard alphabet");
        assert!(payload.is_ascii());
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert!(claims["exp"].is_i64() && claims["role"] == "admin" && claims["username"] == NAME, "{claims}");
        assert!(seen.insert(claims["nonce"].as_str().unwrap().to_owned()));
    }
}

/// Not all ASCII, and with the characters that the other alphabet is needed for.
const NAME: &str = "jürgen?>~";

fn otpost_token(test: &TestApp) -> String {
    use otpost::http::privacyidea::session::{self, Role};
    session::issue(&test.app, NAME, "test", Role::Admin).ok().expect("a token").expose().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_bare_and_with_bearer_in_both_headers_for_an_hour() {
    let test = TestApp::start().await;
    let token = test.admin_token().await;
    let bearer = format!("Bearer {token}");
    for header in ["authorization", "pi-authorization"] {
        assert_eq!(list(&test, header, &token).await.status, 200, "{header}");
        assert_eq!(list(&test, header, &bearer).await.status, 200, "{header}");
    }
    test.clock.advance(Duration::from_secs(3599));
    assert_eq!(list(&test, "authorization", &token).await.status, 200);
    test.clock.advance(Duration::from_secs(1));
    let late = list(&test, "authorization", &token).await;
    assert_eq!((late.status.as_u16(), late.error_code()), (401, 4305));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_of_ours_is_undecodable() {
    let test = TestApp::start().await;
    let token = test.admin_token().await;
    let parts: Vec<&str> = token.split('.').collect();
    let none = STANDARD_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let unsigned = format!("{none}.{}.", parts[1]);
    let unsigned_with = format!("{none}.{}.{}", parts[1], parts[2]);
    let cut = token[..token.len() - 2].to_owned();
    for wrong in ["garbage", "", "a.b.c", "Bearer", &unsigned, &unsigned_with, &cut] {
        let reply = list(&test, "authorization", wrong).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (401, 4304), "{wrong}");
    }
    let missing = test.form("/validate/triggerchallenge", &[("user", "alice")]).await;
    assert_eq!((missing.status.as_u16(), missing.error_code()), (401, 4033));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_token_names_its_realm_and_is_no_administrators() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (id, code) = begin(&test, "alice").await;
    let fields = [("username", "alice"), ("transaction_id", &*id), ("password", &*code)];
    let reply = test.form("/auth", &fields).await;
    let value = reply.json()["result"]["value"].clone();
    assert_eq!(
        (&value["role"], &value["realm"], &value["username"]),
        (&"user".into(), &"test".into(), &"alice".into())
    );
    let refused = list(&test, "authorization", value["token"].as_str().unwrap()).await;
    assert_eq!((refused.status.as_u16(), refused.error_code()), (401, 4306));
    assert_eq!(answer(&test, "alice", &id, &code).await.authentication(), "REJECT");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sign_ins_have_their_numbers() {
    let test = TestApp::start().await;
    for (fields, code) in [
        (&[("password", "x")][..], 4032),
        (&[("username", "admin")], 4031),
        (&[("username", "admin"), ("password", "wrong")], 4031),
        (&[("username", "nobody"), ("password", "wrong")], 4031),
        (&[("username", "admin"), ("password", "x"), ("realm", "nowhere")], 4031),
    ] {
        let reply = test.form("/auth", fields).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (401, code), "{fields:?}");
    }
}
