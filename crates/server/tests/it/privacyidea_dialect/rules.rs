//! What every answer has to be for every client.

use axum::http::Request;
use serde_json::{Value, json};

use super::{answer, begin, other_than};
use crate::app::{Reply, TestApp, form_request};

/// One answer of each kind: challenge, two refusals, accept.
async fn each_kind(test: &TestApp) -> [Reply; 4] {
    let challenge = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let code = test.code_to("alice@example.org").await;
    let id = challenge.transaction();
    let wrong_pin = test.check(&[("user", "alice"), ("pass", "4321")]).await;
    let wrong_code = answer(test, "alice", &id, &other_than(&code)).await;
    let accept = answer(test, "alice", &id, &code).await;
    [challenge, wrong_pin, wrong_code, accept]
}

async fn with_alice() -> TestApp {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn the_value_of_a_check_is_a_truth_value_and_the_outcome_agrees_with_it() {
    let replies = each_kind(&with_alice().await).await;
    let found = replies.each_ref().map(|reply| (reply.json()["result"]["value"].clone(), reply.authentication()));
    let expected = [(false, "CHALLENGE"), (false, "REJECT"), (false, "REJECT"), (true, "ACCEPT")];
    assert_eq!(found, expected.map(|(value, outcome)| (json!(value), outcome.to_owned())));
    assert!(replies.iter().all(|reply| reply.status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_challenge_carries_an_id() {
    let [challenge, others @ ..] = each_kind(&with_alice().await).await;
    assert!(challenge.json()["detail"]["transaction_id"].is_string());
    for reply in others {
        assert!(!reply.text().contains("transaction_id"), "{}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_has_its_id_in_both_places_and_no_element_lacks_a_text() {
    let [challenge, ..] = each_kind(&with_alice().await).await;
    let detail = challenge.json()["detail"].clone();
    let asked = detail["multi_challenge"].as_array().unwrap();
    assert_eq!(asked.len(), 1);
    for name in ["client_mode", "message", "serial", "transaction_id", "type"] {
        assert!(asked[0][name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    assert_eq!(asked[0]["transaction_id"], detail["transaction_id"]);
    assert_eq!(asked[0]["attributes"], Value::Null);
    assert_eq!(detail["transaction_ids"], json!([detail["transaction_id"]]));
    assert_eq!((&detail["type"], &detail["client_mode"]), (&json!("email"), &json!("interactive")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_prompt_is_not_sent_empty() {
    let test = with_alice().await;
    test.set_provider(|provider| provider.prompt = domain::provider::Prompt::parse("").unwrap()).await;
    let reply = test.check(&[("user", "alice"), ("pass", "1234")]).await;
    assert_ne!(reply.json()["detail"]["multi_challenge"][0]["message"], "");
    assert_ne!(reply.json()["detail"]["message"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_texts() {
    for reply in each_kind(&with_alice().await).await {
        let detail = reply.json()["detail"].clone();
        assert!(detail["message"].is_string(), "{detail}");
        let texts = detail["messages"].as_array();
        assert!(texts.is_none_or(|texts| texts.iter().all(Value::is_string)), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_a_text_of_twenty_digits() {
    let test = with_alice().await;
    let id = test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    assert!(id.len() == 20 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_has_a_number_a_text_and_no_value() {
    let test = with_alice().await;
    for fields in [&[("pass", "x")][..], &[("user", "alice")], &[("user", "alice"), ("pass", "x"), ("otponly", "1")]] {
        let reply = test.check(fields).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (400, 905), "{}", reply.text());
        let result = reply.json()["result"].clone();
        assert!(result["error"]["message"].as_str().unwrap().starts_with("ERR905: "));
        assert!(result.get("value").is_none() && result.get("authentication").is_none());
        assert_eq!(reply.json()["detail"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_success_says_its_version_and_its_time() {
    for reply in each_kind(&with_alice().await).await {
        assert_eq!(reply.json()["versionnumber"], "3.13.3");
        assert_eq!(reply.json()["version"], "privacyIDEA 3.13.3");
        assert!(reply.json()["time"].is_number());
        assert_eq!((&reply.json()["id"], &reply.json()["jsonrpc"]), (&json!(2), &json!("2.0")));
        assert_eq!(reply.headers["cache-control"], "no-cache");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn form_multipart_json_and_query_say_the_same() {
    let test = with_alice().await;
    let part =
        |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let multipart = format!("{}{}--x--\r\n", part("user", "alice"), part("pass", "1234"));
    let json = r#"{"user": "alice", "pass": "1234", "realm": null}"#.to_owned();
    for (kind, path, body) in [
        ("application/x-www-form-urlencoded", "/validate/check", "user=alice&pass=1234".to_owned()),
        ("multipart/form-data; boundary=x", "/validate/check", multipart),
        ("application/json", "/validate/check", json.clone()),
        ("text/plain", "/validate/check", json),
        ("application/x-www-form-urlencoded", "/validate/check?user=alice&pass=1234", "pass=other".to_owned()),
    ] {
        let request = Request::post(path).header("content-type", kind).body(body.into()).unwrap();
        let reply = test.send(request).await;
        assert_eq!(reply.authentication(), "CHALLENGE", "{kind} {path}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_and_foreign_authorization_are_ignored() {
    let test = with_alice().await;
    let fields = [("user", "alice"), ("pass", "1234"), ("timeout", "5"), ("resConf", "x"), ("client_user_agent", "y")];
    for authorization in ["garbage", "Bearer garbage", "eyJ.e30.x"] {
        let mut request = form_request("/validate/check", &fields);
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        assert_eq!(test.send(request).await.authentication(), "CHALLENGE", "{authorization}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_encoded_twice_are_read_as_their_client_means_them() {
    let test = TestApp::start().await;
    test.enroll("alice", "a b%41").await;
    for (agent, pass) in [
        ("privacyIDEA-Keycloak/1.4", "a%2Bb%252541"),
        ("FreeRADIUS", "a%2520b%252541"),
        ("PAM/1.0", "a+b%2541"),
        ("curl/8.0", "a%20b%2541"),
    ] {
        let request = Request::post("/validate/check")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", agent)
            .body(format!("user=alice&pass={pass}").into())
            .unwrap();
        let reply = test.send(request).await;
        assert_eq!(reply.authentication(), "CHALLENGE", "{agent}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_never_a_server_error() {
    let test = with_alice().await;
    for (kind, body) in [
        ("application/json", r#"{"user":"#),
        ("application/json", "[]"),
        ("application/json", r#"{"user": {"a": 1}, "pass": ["x"]}"#),
        ("application/x-www-form-urlencoded", "user=%ff&pass=%fe"),
        ("application/x-www-form-urlencoded", "user=a&user=b&pass=1"),
        ("multipart/form-data", "nothing"),
        ("multipart/form-data; boundary=x", "--x"),
        ("", ""),
    ] {
        let request = Request::post("/validate/check").header("content-type", kind).body(body.into()).unwrap();
        let reply = test.send(request).await;
        assert_eq!((reply.status.as_u16(), reply.error_code()), (400, 905), "{kind} {body}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_comes_back_with_every_outcome() {
    let test = with_alice().await;
    let (id, code) = begin(&test, "alice").await;
    for fields in [
        &[("user", "alice"), ("pass", "4321"), ("nonce", "abc123")][..],
        &[("user", "alice"), ("pass", "1234"), ("nonce", "abc123")],
        &[("user", "alice"), ("pass", &code), ("transaction_id", &id), ("nonce", "abc123")],
    ] {
        assert_eq!(test.check(fields).await.json()["nonce"], "abc123");
    }
    assert!(test.check(&[("user", "alice"), ("pass", "4321")]).await.json().get("nonce").is_none());
}
