//! Equal names, things in use, copies, and who may do what.

use serde_json::json;

use super::super::{Ras, problem};
use super::{assert_audited, create, created, engines};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_in_any_letter_case() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Straße", json!({})).await;
        for name in ["Straße", "STRASSE", " straße "] {
            let (detail, faults) = problem(&create(&ras, name, json!({})).await, 409);
            assert_eq!((detail.as_str(), faults.len()), ("an MFA provider named 'Straße' exists (id 2)", 0));
        }
        let other = created(&ras, "Other", json!({})).await;
        let renamed = ras.put(&format!("/api/MFA/EmailOTP/{other}"), json!({"name": "STRAßE", "otpLength": 9})).await;
        problem(&renamed, 409);
        assert_eq!(ras.get(&format!("/api/MFA/{other}")).await.json()["otpLength"], 6, "nothing was half done");
        let own = ras.put(&format!("/api/MFA/EmailOTP/{id}"), json!({"name": "STRASSE"})).await;
        assert_eq!(own.status, 204, "its own name in another spelling");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_take_a_name_at_once_one_gets_it() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let (a, b, c, d) = tokio::join!(
            create(&ras, "Post", json!({})),
            create(&ras, "POST", json!({})),
            create(&ras, "post", json!({})),
            create(&ras, "Other", json!({})),
        );
        assert_eq!(d.status, 201);
        let mut statuses = [a.status.as_u16(), b.status.as_u16(), c.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409]);
        let refused = [a, b, c].into_iter().find(|reply| reply.status == 409).unwrap();
        assert!(problem(&refused, 409).0.contains("exists (id "), "{}", refused.text());
        assert_eq!(ras.get("/api/MFA").await.json().as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_a_name_of_its_own_the_criteria_and_nobody_enrolled() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        test.add_user("ann", "right").await;
        let id = created(&ras, "Post", json!({"enabled": true, "otpLength": 8})).await;
        ras.post(&format!("/api/MFA/{id}/Criteria/Devices"), json!({"clientDeviceName": "kiosk"})).await;
        assert_eq!(ras.post("/api/MFA/Users", json!({"user": "ann", "mfaId": id})).await.status, 201);
        for (number, name) in [(3, "Post (2)"), (4, "Post (3)")] {
            let reply = ras.order(&format!("/api/MFA/{id}/Duplicate")).await;
            assert_eq!(
                (reply.status.as_u16(), reply.headers["location"].to_str().unwrap()),
                (201, format!("/api/MFA/{number}").as_str())
            );
            let copy = reply.json();
            assert_eq!((&copy["name"], &copy["enabled"], &copy["otpLength"]), (&json!(name), &json!(false), &json!(8)));
            assert_eq!(copy["criteria"]["devices"]["members"], json!([{"client": "kiosk"}]));
            let found = ras.post("/api/MFA/Users/Find", json!({"mfaId": number})).await;
            assert_eq!(found.json(), json!([]));
        }
        assert_audited(&test, "POST /api/MFA/<id>/Duplicate", "provider 'Post (2)' of site 1 copied from id 2").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_goes_with_its_enrollments_and_codes_on_their_way() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        test.add_user("ann", "right").await;
        let id = created(&ras, "Post", json!({"enabled": true})).await;
        assert_eq!(ras.post("/api/MFA/Users", json!({"user": "ann", "mfaId": id})).await.status, 201);
        let begun = test.check(&[("user", "ann"), ("pass", "right")]).await;
        let transaction = begun.transaction();
        let code = test.code_to("ann@example.org").await;
        assert_eq!(ras.delete(&format!("/api/MFA/{id}")).await.status, 204);
        problem(&ras.get(&format!("/api/MFA/{id}")).await, 404);
        let answer = test.check(&[("user", "ann"), ("pass", &code), ("transaction_id", &transaction)]).await;
        assert_ne!(answer.authentication(), "ACCEPT", "{}", answer.text());
        let told = "provider 'Post' (id 2): 1 enrollments removed, 1 open challenges ended";
        assert_audited(&test, "DELETE /api/MFA/<id>", told).await;
        assert_eq!(created(&ras, "Post", json!({})).await, 3, "a number is given once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_in_use_stays() {
    for test in engines().await {
        let ras = Ras::root(&test).await;
        let first = problem(&ras.delete("/api/MFA/1").await, 409).0;
        assert!(first.contains("switch it off instead"), "{first}");
        let id = created(&ras, "Post", json!({})).await;
        let ann = test.add_user("ann", "right").await;
        otpost::manage::providers::assign(&test.app, &crate::app::by(), &ann, Some(id)).await.unwrap();
        let used = problem(&ras.delete(&format!("/api/MFA/{id}")).await, 409).0;
        assert_eq!(used, "the provider 'Post' (id 2) is to serve 1 users: give them another one first");
        assert_eq!(ras.get(&format!("/api/MFA/{id}")).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_directory_says_what_is_missing() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for path in ["?siteId=1&adCustomAttribute=extensionattribute4", "?ADCUSTOMATTRIBUTE=mail", ""] {
        let told = problem(&ras.get(&format!("/api/MFA/ValidateADAccess{path}")).await, 409).0;
        assert!(told.contains("no directory is connected"), "{told}");
    }
    let refused = ras.get("/api/MFA/ValidateADAccess?adCustomAttribute=userPassword").await;
    let (told, faults) = problem(&refused, 400);
    assert_eq!(faults, ["/adCustomAttribute value"]);
    assert!(told.contains("permitted: mail"), "{told}");
}
