//! Making providers: what every property takes, both sides of each limit, and what comes by default.

use serde_json::{Value, json};

use super::super::{Ras, problem};
use super::{create, created, merged};
use crate::app::TestApp;

const FAR: &str = "2030-06-01T12:00:00+02:00";

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_made_with_the_published_defaults() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let ras = Ras::root(&test).await;
        let reply = create(&ras, "  Post ", json!({})).await;
        assert_eq!((reply.status.as_u16(), reply.headers["location"].to_str().unwrap()), (201, "/api/MFA/2"));
        let made = reply.json();
        let expected = json!({
            "id": 2, "name": "Post", "displayName": "", "siteId": 1, "description": "", "enabled": false, "type": 11,
            "inheritDefaultCriteriaSettings": true, "userEnrollment": 0, "showInformationForUnenrolledUsers": 2,
            "otpLength": 6, "otpLifespanSec": 120, "emailSubject": "Your sign-in code",
            "userMessagePrompt": "Enter the code sent to your e-mail address.", "allowEnrollExternalEmail": false,
            "externalEmailStorage": 0, "adCustomAttribute": null, "adminCreate": "admin", "adminLastMod": "admin",
            "timeCreate": "2026-11-21T01:21:08.640Z", "timeLastMod": "2026-11-21T01:21:08.640Z",
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&made[name], value, "{name}");
        }
        assert!(made["emailContent"].as_str().unwrap().contains("%OTP%"));
        assert!(made.get("untilDateTime").is_none(), "it must not be null");
        assert_eq!(made["criteria"]["access"], 1);
        assert_eq!(ras.get("/api/MFA/2").await.json(), made);
        assert_eq!(ras.get("/api/mfa?siteid=1&NAME=post").await.json(), json!([made]));
        assert_eq!(ras.get("/api/MFA").await.json().as_array().unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_property_comes_back_as_it_was_given() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let given = json!({
        "siteId": 1, "description": "two\nlines", "enabled": true, "displayName": "Code by post", "userEnrollment": 1,
        "untilDateTime": FAR, "showInformationForUnenrolledUsers": 1, "otpLength": 8, "otpLifespanSec": 60,
        "userMessagePrompt": "Look", "emailSubject": "%OTP%", "emailContent": "look above",
        "allowEnrollExternalEmail": true, "externalEmailStorage": 2, "adCustomAttribute": "EXTENSIONattribute3",
    });
    let made = create(&ras, "Post", given.clone()).await.json();
    let expected =
        merged(given, json!({"untilDateTime": "2030-06-01T10:00:00.000Z", "adCustomAttribute": "extensionAttribute3"}));
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let by_name = json!({"userEnrollment": "doNotAllow", "externalEmailStorage": "RASDATABASE",
        "showInformationForUnenrolledUsers": "Never"});
    let made = create(&ras, "Other", by_name).await.json();
    assert_eq!((&made["userEnrollment"], &made["externalEmailStorage"]), (&json!(2), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn null_is_the_default_except_where_a_value_is_needed() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let all = json!({"siteId": null, "description": null, "enabled": null, "userEnrollment": null, "untilDateTime": null,
        "showInformationForUnenrolledUsers": null, "otpLength": null, "otpLifespanSec": null, "userMessagePrompt": null,
        "emailSubject": null, "emailContent": null, "allowEnrollExternalEmail": null, "externalEmailStorage": null,
        "adCustomAttribute": null});
    created(&ras, "Post", all).await;
    for (body, faults) in [
        (json!({}), &["/name missing", "/displayName missing"][..]),
        (json!({"name": null, "displayName": null}), &["/name null", "/displayName null"]),
        (json!({"name": "x", "displayName": null}), &["/displayName null"]),
    ] {
        assert_eq!(problem(&ras.post("/api/MFA/EmailOTP", body).await, 400).1, faults);
    }
}

/// What is taken, and what is refused as what.
fn limits() -> Vec<(&'static str, Value, Value, &'static str, &'static str)> {
    let text = |count: usize| json!("x".repeat(count));
    let content = |count: usize| json!(format!("%OTP%{}", "x".repeat(count - 5)));
    let astral = |count: usize| json!("\u{1f600}".repeat(count));
    vec![
        ("otpLength", json!(4), json!(3), "range", "must be between 4 and 20, got 3"),
        ("otpLength", json!(20), json!(21), "range", "must be between 4 and 20, got 21"),
        ("otpLength", json!(6), json!(-1), "range", "must be between 4 and 20, got -1"),
        ("otpLength", json!(6), json!("6"), "type", "must be a whole number"),
        ("otpLength", json!(6), json!(6.5), "type", "must be a whole number"),
        ("otpLifespanSec", json!(30), json!(29), "range", "must be between 30 and 240 seconds, got 29"),
        ("otpLifespanSec", json!(240), json!(241), "range", "must be between 30 and 240 seconds, got 241"),
        ("name", text(1), text(0), "length", "1 to 255 characters, got 0"),
        ("name", text(255), text(256), "length", "1 to 255 characters, got 256"),
        ("name", json!(" y "), json!("   "), "length", "1 to 255 characters, got 0"),
        ("name", json!("a\u{e9}"), json!("a\nb"), "format", "control characters"),
        ("displayName", text(200), text(201), "length", "0 to 200 characters, got 201"),
        ("displayName", astral(100), astral(101), "length", "0 to 200 characters, got 202"),
        ("description", text(4000), text(4001), "length", "0 to 4000 characters, got 4001"),
        ("emailSubject", text(1), text(0), "length", "1 to 300 characters, got 0"),
        ("emailSubject", text(300), text(301), "length", "1 to 300 characters, got 301"),
        ("emailSubject", json!("%OTP%"), json!("a\r\nBcc: x@example.org"), "format", "line breaks"),
        ("emailContent", content(2048), content(2049), "length", "1 to 2048 characters, got 2049"),
        ("emailContent", json!("%OTP%"), json!(""), "length", "1 to 2048 characters, got 0"),
        ("emailContent", json!("a %OTP%"), json!("a %otp%"), "value", "put %OTP% in"),
        ("userMessagePrompt", text(0), text(301), "length", "0 to 300 characters, got 301"),
        ("userMessagePrompt", text(300), json!(7), "type", "must be a text"),
        ("adCustomAttribute", json!("mail"), json!("mail)(x=*"), "value", "not a permitted attribute name; permitted"),
        ("adCustomAttribute", json!("otherMailbox"), json!("userPassword"), "value", "permitted: mail"),
        ("adCustomAttribute", json!("extensionAttribute15"), json!("1abc"), "value", "permitted: mail"),
        ("adCustomAttribute", json!("extensionAttribute1"), text(201), "length", "1 to 200 characters, got 201"),
        ("adCustomAttribute", json!("MAIL"), json!(""), "length", "1 to 200 characters, got 0"),
        ("untilDateTime", json!(FAR), json!("2026-02-30T00:00:00Z"), "format", "that exists"),
        ("untilDateTime", json!("2026-11-21T01:21:08.641Z"), json!("2026-11-21T01:21:08.640Z"), "value", "passed"),
        ("untilDateTime", json!(FAR), json!("2030-06-01T12:00:00"), "format", "lacks its offset"),
        ("userEnrollment", json!(0), json!(3), "choice", "2 (DoNotAllow), got 3"),
        ("userEnrollment", json!("allow"), json!("Maybe"), "choice", "got 'Maybe'"),
        ("showInformationForUnenrolledUsers", json!(2), json!(-1), "choice", "0 (Always)"),
        ("externalEmailStorage", json!(1), json!(3), "choice", "2 (ADCustom)"),
        ("allowEnrollExternalEmail", json!(true), json!(1), "type", "true or false"),
        ("enabled", json!(true), json!("true"), "type", "true or false"),
        ("siteId", json!(1), json!(0), "range", "1"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_limit_has_two_sides() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for (at, (name, good, bad, code, said)) in limits().into_iter().enumerate() {
        let taken = create(&ras, &format!("Post {at}"), json!({ name: good })).await;
        assert_eq!(taken.status, 201, "{name} {good}: {}", taken.text());
        let before = ras.get("/api/MFA").await.json().as_array().unwrap().len();
        let refused = create(&ras, "Refused", json!({ name: bad })).await;
        let (detail, faults) = problem(&refused, 400);
        assert_eq!(faults, [format!("/{name} {code}")], "{name} {bad}: {detail}");
        assert!(detail.contains(said), "{name} {bad}: {detail}");
        assert_eq!(ras.get("/api/MFA").await.json().as_array().unwrap().len(), before, "nothing was made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_need_each_other_are_told_together() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for (with, faults) in [
        (json!({"userEnrollment": 1}), &["/untilDateTime value", "/userEnrollment value"][..]),
        (json!({"userEnrollment": 1, "untilDateTime": "2026-02-30T00:00:00Z"}), &["/untilDateTime format"][..]),
        (json!({"externalEmailStorage": 2}), &["/adCustomAttribute value", "/externalEmailStorage value"]),
        (json!({"emailContent": "no code", "emailSubject": "none"}), &["/emailContent value"]),
        (
            json!({"otpLength": 3, "otpLifespanSec": "x", "emailSubject": "", "colour": 1, "userEnrollment": 7}),
            &[
                "/colour unknown",
                "/emailSubject length",
                "/otpLength range",
                "/otpLifespanSec type",
                "/userEnrollment choice",
            ],
        ),
    ] {
        let mut told = problem(&create(&ras, "Post", with.clone()).await, 400).1;
        told.sort_unstable();
        assert_eq!(told, faults, "{with}");
    }
    created(
        &ras,
        "Post",
        json!({"userEnrollment": 1, "untilDateTime": FAR, "externalEmailStorage": 2, "adCustomAttribute": "mail"}),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_and_repeated_properties_are_refused() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for (body, fault) in [
        (r#"{"name":"a","displayName":"","otplength":6}"#, "/otplength unknown"),
        (r#"{"name":"a","displayName":"","id":7}"#, "/id unknown"),
        (r#"{"name":"a","displayName":"","defaultEmailContent":true}"#, "/defaultEmailContent unknown"),
        (
            r#"{"name":"a","displayName":"","inheritDefaultCriteriaSettings":true}"#,
            "/inheritDefaultCriteriaSettings unknown",
        ),
        (r#"{"name":"a","displayName":"","name":"b"}"#, "/name repeated"),
    ] {
        let request = super::super::typed(axum::http::Request::post("/api/MFA/EmailOTP"));
        assert_eq!(problem(&ras.send(request, body).await, 400).1, [fault]);
    }
    assert_eq!(ras.get("/api/MFA").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_in_paths_are_numbers_of_things_that_are_there() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for id in ["abc", "-1", "99999999999", "0", "1.0"] {
        assert_eq!(problem(&ras.get(&format!("/api/MFA/{id}")).await, 400).1, ["/id format"], "{id}");
    }
    let change = json!({"enabled": true});
    for reply in [
        ras.get("/api/MFA/42").await,
        ras.delete("/api/MFA/42").await,
        ras.put("/api/MFA/EmailOTP/42", change).await,
        ras.order("/api/MFA/42/Duplicate").await,
        ras.get("/api/MFA/42/Criteria").await,
        ras.put("/api/MFA/42/Criteria", json!({"access": 0})).await,
        ras.post("/api/MFA/42/Criteria/Devices", json!({"clientDeviceName": "x"})).await,
        ras.post("/api/MFA/42/Explain", json!({"user": "x"})).await,
    ] {
        assert_eq!(problem(&reply, 404).0, "no MFA provider with id 42");
    }
}
