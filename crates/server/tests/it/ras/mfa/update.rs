//! Changing providers: what is left out stays, the whole is judged, the audit tells before and after.

use serde_json::{Value, json};

use super::super::{Ras, problem};
use super::{assert_audited, audited, created};
use crate::app::TestApp;

async fn shown(ras: &Ras<'_>, id: i64) -> Value {
    ras.get(&format!("/api/MFA/{id}")).await.json()
}

/// PUTs and expects this status.
async fn put(ras: &Ras<'_>, id: i64, body: Value, status: u16) -> crate::app::Reply {
    let reply = ras.put(&format!("/api/MFA/EmailOTP/{id}"), body).await;
    assert_eq!(reply.status, status, "{}", reply.text());
    reply
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_or_null_stays() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({"otpLength": 8, "description": "d"})).await;
        let before = shown(&ras, id).await;
        test.clock.advance(std::time::Duration::from_secs(60));
        let nothing = json!({"name": null, "description": null, "enabled": null, "inheritDefaultCriteriaSettings": null,
            "displayName": null, "userEnrollment": null, "showInformationForUnenrolledUsers": null, "untilDateTime": null,
            "otpLifespanSec": null, "externalEmailStorage": null, "defaultEmailContent": null, "emailContent": null,
            "defaultEmailSubject": false, "emailSubject": null, "defaultUserMessagePrompt": false,
            "userMessagePrompt": null, "adCustomAttribute": null, "allowEnrollExternalEmail": null, "otpLength": null});
        for body in [nothing, json!({})] {
            let reply = put(&ras, id, body, 204).await;
            assert!(reply.body.is_empty());
            assert_eq!(shown(&ras, id).await, before);
        }
        put(&ras, id, json!({"otpLifespanSec": 30, "inheritDefaultCriteriaSettings": false}), 204).await;
        let after = shown(&ras, id).await;
        let changed = |name: &&String| before[name.as_str()] != after[name.as_str()];
        let changed: Vec<_> = after.as_object().unwrap().keys().filter(changed).cloned().collect();
        assert_eq!(changed, ["inheritDefaultCriteriaSettings", "otpLifespanSec", "timeLastMod"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_is_judged_and_not_the_change() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let id = created(&ras, "Post", json!({})).await;
    let before = shown(&ras, id).await;
    for (body, faults) in [
        (json!({"userEnrollment": 1}), &["/untilDateTime value", "/userEnrollment value"][..]),
        (json!({"externalEmailStorage": 2}), &["/adCustomAttribute value", "/externalEmailStorage value"]),
        (json!({"emailContent": "no code"}), &["/emailContent value"]),
        (json!({"emailContent": "%OTP%", "defaultEmailContent": true}), &["/emailContent value"]),
        (json!({"siteId": 1, "type": 11}), &["/siteId unknown", "/type unknown"]),
        (json!({"enabled": false, "name": "", "otpLength": 21}), &["/name length", "/otpLength range"]),
    ] {
        let mut told = problem(&put(&ras, id, body.clone(), 400).await, 400).1;
        told.sort_unstable();
        assert_eq!(told, faults, "{body}");
        assert_eq!(shown(&ras, id).await, before);
    }
    put(&ras, id, json!({"adCustomAttribute": "mail"}), 204).await;
    put(&ras, id, json!({"externalEmailStorage": "ADCustom"}), 204).await;
    put(&ras, id, json!({"emailSubject": "%OTP%", "emailContent": "see above"}), 204).await;
    let refused = put(&ras, id, json!({"defaultEmailSubject": true}), 400).await;
    assert_eq!(problem(&refused, 400).1, ["/emailContent value"]);
    put(&ras, id, json!({"defaultEmailSubject": true, "defaultEmailContent": true}), 204).await;
    let after = shown(&ras, id).await;
    assert_eq!((&after["emailSubject"], &after["emailContent"]), (&before["emailSubject"], &before["emailContent"]));
    put(&ras, id, json!({"userMessagePrompt": "Look"}), 204).await;
    put(&ras, id, json!({"defaultUserMessagePrompt": true}), 204).await;
    assert_eq!(shown(&ras, id).await["userMessagePrompt"], before["userMessagePrompt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_enrollment_that_has_passed_means_closed_and_is_kept() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let id = created(&ras, "Post", json!({})).await;
    put(&ras, id, json!({"userEnrollment": 1, "untilDateTime": "2020-01-01T00:00:00+01:00"}), 204).await;
    let told = "2019-12-31T23:00:00.000Z";
    assert_eq!(shown(&ras, id).await["untilDateTime"], told);
    put(&ras, id, json!({"userEnrollment": 2}), 204).await;
    assert_eq!(shown(&ras, id).await["untilDateTime"], told, "kept, and not looked at");
    put(&ras, id, json!({"userEnrollment": "AllowUntil"}), 204).await;
    let explained = ras.post(&format!("/api/MFA/{id}/Explain"), json!({"user": "nobody"})).await.json();
    assert_eq!(explained["known"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_tells_what_was_before_and_what_is_now() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let id = created(&ras, "Post", json!({"otpLength": 8})).await;
    let told = "provider 'Post' of site 1: name: 'E-mail' -> 'Post'; otpLength: '6' -> '8'";
    assert_audited(&test, "POST /api/MFA/EmailOTP", told).await;
    put(&ras, id, json!({"otpLength": 4, "enabled": true, "otpLifespanSec": 120}), 204).await;
    put(&ras, id, json!({"name": "Mail", "emailContent": format!("%OTP% {}", "x".repeat(500))}), 204).await;
    let call = "PUT /api/MFA/EmailOTP/<id>";
    let told = "provider 'Post' (id 2): enabled: 'false' -> 'true'; otpLength: '8' -> '4'";
    assert_audited(&test, call, told).await;
    let lines = audited(&test, call).await;
    let renamed = "provider 'Post' (id 2): name: 'Post' -> 'Mail'; emailContent: 'Your";
    let renamed = lines.iter().find(|line| line.starts_with(renamed)).expect("audited");
    assert!(renamed.len() < 300, "long values are cut");
    put(&ras, id, json!({"otpLength": 4}), 204).await;
    assert_eq!(audited(&test, call).await.len(), lines.len(), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_at_once_both_have_their_way() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({})).await;
        let bodies = [
            json!({"otpLength": 9}),
            json!({"otpLifespanSec": 99}),
            json!({"description": "both"}),
            json!({"userMessagePrompt": "p"}),
        ];
        let path = format!("/api/MFA/EmailOTP/{id}");
        let device = format!("/api/MFA/{id}/Criteria/Devices");
        let [a, b, c, d] = bodies;
        let (a, b, c, d, e) = tokio::join!(
            ras.put(&path, a),
            ras.put(&path, b),
            ras.put(&path, c),
            ras.put(&path, d),
            ras.post(&device, json!({"clientDeviceName": "kiosk"})),
        );
        assert_eq!([a, b, c, d, e].map(|reply| reply.status.as_u16()), [204, 204, 204, 204, 201]);
        let now = shown(&ras, id).await;
        assert_eq!((&now["otpLength"], &now["otpLifespanSec"]), (&json!(9), &json!(99)));
        assert_eq!((&now["description"], &now["userMessagePrompt"]), (&json!("both"), &json!("p")));
        assert_eq!(now["criteria"]["devices"]["members"], json!([{"client": "kiosk"}]));
    }
}
