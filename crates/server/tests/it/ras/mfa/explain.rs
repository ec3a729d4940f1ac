//! Why somebody is asked, in plain words.

use serde_json::json;

use super::super::{Ras, problem};
use super::created;
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_learns_why_somebody_is_asked_or_not() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    test.add_user("ann", "right").await;
    let id = created(&ras, "Post", json!({"enabled": true, "userEnrollment": 0})).await;
    let path = format!("/api/MFA/{id}");
    ras.put(&format!("/api/MFA/EmailOTP/{id}"), json!({"inheritDefaultCriteriaSettings": false})).await;
    ras.put(&format!("{path}/Criteria"), json!({"access": 0, "iPsEnabled": true, "oSsEnabled": true})).await;
    ras.post(&format!("{path}/Criteria/IPs"), json!({"ip": "10.0.0.0-10.0.255.255", "ipType": 0})).await;
    ras.put(&format!("{path}/Criteria/OSes"), json!({"windows": true})).await;
    let explain = async |question| ras.post(&format!("{path}/Explain"), question).await.json();
    let office =
        explain(json!({"user": "ann", "client": "10.0.3.4", "os": "Windows", "device": "k", "hardwareId": "h"})).await;
    assert_eq!((&office["required"], &office["known"]), (&json!(false), &json!(true)), "{office}");
    assert_eq!(office["afterRightPassword"], "they are signed in");
    let elsewhere = explain(json!({"user": "ann", "client": "203.0.113.9", "gateway": "192.0.2.1"})).await;
    assert_eq!(
        elsewhere,
        json!({
            "required": true,
            "known": true,
            "provider": "Post",
            "explanation": [
                "A code is asked for: the rule excepts those who meet all its criteria; 0 of 2 are met.",
                "The operating system is one of the list: it is not known, which excepts nobody, so this is not met.",
                "The address of the client is one of the list: it is not, so this is not met.",
            ],
            "afterRightPassword": "they may enroll the address in the directory",
            "afterWrongPassword": "a code is asked for that nobody gets",
        })
    );
    let stranger = explain(json!({"user": "nobody"})).await;
    assert_eq!((&stranger["known"], &stranger["required"]), (&json!(false), &json!(true)));
    ras.put(&format!("/api/MFA/EmailOTP/{id}"), json!({"enabled": false})).await;
    let off = explain(json!({"user": "ann"})).await;
    assert_eq!(off["explanation"], json!(["No code is asked for: the provider is switched off."]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_held_to_its_form() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for (question, faults) in [
        (json!({}), &["/user missing"][..]),
        (json!({"user": "a", "client": "10.0.0.0/8"}), &["/client format"]),
        (json!({"user": "a", "gateway": "gw", "os": "beos"}), &["/gateway format", "/os format"]),
        (json!({"user": "a", "hardwareID": "h"}), &["/hardwareID unknown"]),
    ] {
        assert_eq!(problem(&ras.post("/api/MFA/1/Explain", question).await, 400).1, faults);
    }
    assert!(ras.post("/api/MFA/1/Explain", json!({"user": "a", "os": "beos"})).await.text().contains("web-client"));
}
