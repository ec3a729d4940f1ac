//! The switches of rules, of a provider and of a site, and what they decide.

use serde_json::{Value, json};

use super::super::{Ras, problem};
use super::{assert_audited, created};
use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_rule_is_empty_and_asks_everybody() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let id = created(&ras, "Post", json!({})).await;
    let group = |list: &str, members: Value| json!({"enabled": false, "matchingMode": 1, list: members});
    let none = json!({"android": false, "chrome": false, "iOS": false, "linux": false, "mac": false, "webClient": false,
        "windows": false, "wyse": false});
    let expected = json!({
        "access": 1,
        "securityPrincipals": group("members", json!([])),
        "gateways": group("members", json!([])),
        "devices": group("members", json!([])),
        "hardwareIDs": group("members", json!([])),
        "oSs": group("allowedOSes", none.clone()),
        "iPs": group("allowedIPs", json!({"iPv4s": [], "iPv6s": []})),
    });
    assert_eq!(ras.get(&format!("/api/MFA/{id}/Criteria")).await.json(), expected);
    assert_eq!(ras.get(&format!("/api/MFA/{id}")).await.json()["criteria"], expected);
    assert_eq!(ras.get("/api/MFADefaultSettings").await.json(), json!({"criteria": expected, "siteId": 1}));
    assert_eq!(ras.get("/api/MFADefaultSettings/Criteria?siteId=1").await.json(), expected);
    assert_eq!(ras.get("/api/MFADefaultSettings/Criteria/OSes").await.json(), none);
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_that_are_left_out_stay() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({})).await;
        for place in [format!("/api/MFA/{id}/Criteria"), "/api/MFADefaultSettings/Criteria".to_owned()] {
            let all = json!({"access": 0, "securityPrincipalsEnabled": true, "securityPrincipalsMatchingMode": 0,
                "gatewaysEnabled": true, "gatewaysMatchingMode": 0, "devicesEnabled": true, "devicesMatchingMode": 0,
                "oSsEnabled": true, "oSsMatchingMode": 0, "iPsEnabled": true, "iPsMatchingMode": "IsNotOneOfTheFollowing",
                "hardwareIDsEnabled": true, "hardwareIDsMatchingMode": 0});
            assert_eq!(ras.put(&place, all).await.status, 204);
            let rule = ras.get(&place).await.json();
            for group in ["securityPrincipals", "gateways", "devices", "oSs", "iPs", "hardwareIDs"] {
                assert_eq!(
                    (&rule[group]["enabled"], &rule[group]["matchingMode"]),
                    (&json!(true), &json!(0)),
                    "{group}"
                );
            }
            let one = json!({"access": null, "devicesEnabled": false, "iPsMatchingMode": 1, "oSsEnabled": null});
            assert_eq!(ras.put(&place, one).await.status, 204);
            let rule = ras.get(&place).await.json();
            assert_eq!((&rule["access"], &rule["devices"]["enabled"]), (&json!(0), &json!(false)));
            assert_eq!((&rule["iPs"]["matchingMode"], &rule["oSs"]["enabled"]), (&json!(1), &json!(true)));
            assert_eq!(ras.put(&format!("{place}/OSes"), json!({"iOS": true, "webClient": true})).await.status, 204);
            assert_eq!(ras.put(&format!("{place}/OSes"), json!({"iOS": false, "wyse": null})).await.status, 204);
            let oses = ras.get(&format!("{place}/OSes")).await.json();
            let listed: Vec<_> =
                oses.as_object().unwrap().iter().filter(|(_, flag)| **flag == true).map(|(os, _)| os).collect();
            assert_eq!(listed, ["webClient"]);
        }
        let told = "criteria of provider 'Post' (id 2): switched: devices: 'on IsNotOneOfTheFollowing' -> \
                    'off IsNotOneOfTheFollowing'; iPs: 'on IsNotOneOfTheFollowing' -> 'on IsOneOfTheFollowing'";
        assert_audited(&test, "PUT /api/MFA/<id>/Criteria", told).await;
        let told = "criteria of site 1: switched: allowedOSes: '' -> 'ios, web-client'";
        assert_audited(&test, "PUT /api/MFADefaultSettings/Criteria/OSes", told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_switch_is_refused() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    for place in ["/api/MFA/1/Criteria", "/api/MFADefaultSettings/Criteria"] {
        let before = ras.get(place).await.json();
        for (body, fault) in [
            (json!({"access": 2}), "/access choice"),
            (json!({"access": true}), "/access choice"),
            (json!({"devicesEnabled": 1}), "/devicesEnabled type"),
            (json!({"devicesMatchingMode": 2}), "/devicesMatchingMode choice"),
            (json!({"devices": {"enabled": true}}), "/devices unknown"),
            (json!({"ossEnabled": true}), "/ossEnabled unknown"),
        ] {
            assert_eq!(problem(&ras.put(place, body).await, 400).1, [fault]);
        }
        assert_eq!(problem(&ras.put(&format!("{place}/OSes"), json!({"ios": true})).await, 400).1, ["/ios unknown"]);
        assert_eq!(ras.get(place).await.json(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_of_the_site_counts_where_it_is_inherited() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    test.set_provider(|provider| provider.first_factor = domain::provider::FirstFactor::UserStore).await;
    let account = test.add_user("ann", "right").await;
    test.enroll_again(&account, "PIEM_ann", "").await;
    let asked = async || test.check(&[("user", "ann"), ("pass", "right")]).await.authentication();
    assert_eq!(asked().await, "CHALLENGE");
    ras.put("/api/MFADefaultSettings/Criteria", json!({"access": 0, "securityPrincipalsEnabled": true})).await;
    assert_eq!(asked().await, "CHALLENGE", "an empty list excepts nobody");
    let ann = json!({"account": "test\\ann"});
    assert_eq!(ras.post("/api/MFADefaultSettings/Criteria/SecurityPrincipals", ann.clone()).await.status, 201);
    assert_eq!(asked().await, "ACCEPT");
    ras.put("/api/MFA/EmailOTP/1", json!({"inheritDefaultCriteriaSettings": false})).await;
    assert_eq!(asked().await, "CHALLENGE", "its own rule is empty");
    ras.put("/api/MFA/EmailOTP/1", json!({"inheritDefaultCriteriaSettings": true})).await;
    assert_eq!(ras.take_out("/api/MFADefaultSettings/Criteria/SecurityPrincipals", ann).await.status, 204);
    assert_eq!(asked().await, "CHALLENGE");
}
