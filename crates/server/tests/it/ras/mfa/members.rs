//! The lists of rules: added one by one, removed one by one, and what cannot stand in them.

use domain::criteria::{Criteria, Label, Member};
use otpost::manage::criteria::{self, Owner};
use serde_json::{Value, json};

use super::super::{Ras, problem};
use super::{assert_audited, created};
use crate::app::{TestApp, by};

/// Each list with a member, another spelling of it, a body that names nobody there, and the list as it is read.
fn lists() -> [(&'static str, Value, Value, Value, Value); 6] {
    [
        (
            "Devices",
            json!({"clientDeviceName": "Kiosk 1"}),
            json!({"clientDeviceName": "KIOSK 1 "}),
            json!({"clientDeviceName": "kiosk"}),
            json!([{"client": "Kiosk 1"}]),
        ),
        (
            "HardwareIDs",
            json!({"hardwareID": "H-1"}),
            json!({"hardwareID": "h-1"}),
            json!({"hardwareID": "h-2"}),
            json!([{"hardwareID": "H-1"}]),
        ),
        (
            "GatewayIPs",
            json!({"gatewayIP": "192.0.2.1"}),
            json!({"gatewayIP": "::ffff:192.0.2.1"}),
            json!({"gatewayIP": "192.0.2.2"}),
            json!([{"gatewayIP": "192.0.2.1"}]),
        ),
        (
            "SecurityPrincipals",
            json!({"account": "CORP\\Ann", "sid": "S-1-5-21-7"}),
            json!({"account": "ann@corp"}),
            json!({"account": "ann"}),
            json!([{"account": "CORP\\Ann", "type": 1, "sid": "S-1-5-21-7"}]),
        ),
        (
            "IPs",
            json!({"ip": "10.0.0.0-10.0.255.255", "ipType": 0}),
            json!({"ip": " 10.0.0.0 - 10.0.255.255 ", "ipType": "version4"}),
            json!({"ip": "10.0.0.0", "ipType": 0}),
            json!({"iPv4s": [{"from": "10.0.0.0", "to": "10.0.255.255"}], "iPv6s": []}),
        ),
        (
            "IPs",
            json!({"ip": "2001:db8::1", "ipType": 1}),
            json!({"ip": "2001:DB8:0::1-2001:db8::1", "ipType": 1}),
            json!({"ip": "2001:db8::2", "ipType": 1}),
            json!({"iPv4s": [], "iPv6s": [{"from": "2001:db8::1", "to": "2001:db8::1"}]}),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_added_once_and_removed_once() {
    for test in [TestApp::start().await, TestApp::start_on_postgres().await] {
        let ras = Ras::root(&test).await;
        let id = created(&ras, "Post", json!({})).await;
        for place in [format!("/api/MFA/{id}/Criteria"), "/api/MFADefaultSettings/Criteria".to_owned()] {
            for (list, member, spelled, other, shown) in lists() {
                let path = format!("{place}/{list}");
                let empty = ras.get(&path).await.json();
                let added = ras.post(&path, member.clone()).await;
                let alone = shown.get(0).unwrap_or(&shown);
                assert_eq!((added.status.as_u16(), &added.json()), (201, alone), "{path}");
                assert!(added.headers["location"].to_str().unwrap().starts_with(&path));
                assert_eq!(ras.get(&path).await.json(), shown);
                assert!(problem(&ras.post(&path, spelled.clone()).await, 409).0.contains("already"));
                assert!(problem(&ras.take_out(&path, other).await, 404).0.contains("has no member"));
                assert_eq!(ras.take_out(&path, spelled).await.status, 204);
                problem(&ras.take_out(&path, member).await, 404);
                assert_eq!(ras.get(&path).await.json(), empty);
            }
        }
        let place = "POST /api/MFA/<id>/Criteria/SecurityPrincipals";
        let told = "criteria of provider 'Post' (id 2): securityPrincipals + 'CORP\\\\Ann S-1-5-21-7'";
        assert_audited(&test, place, told).await;
        let told = "criteria of site 1: iPs - '10.0.0.0-10.0.255.255'";
        assert_audited(&test, "DELETE /api/MFADefaultSettings/Criteria/IPs", told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_stand_in_a_list_is_refused_with_its_place() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let long = "x".repeat(256);
    let v4 = |ip: &str| json!({"ip": ip, "ipType": 0});
    let v6 = |ip: &str| json!({"ip": ip, "ipType": 1});
    for (list, body, fault, said) in [
        ("IPs", v4("10.0.0.9-10.0.0.1"), "/ip format", "runs backwards"),
        ("IPs", v4("10.0.0.256"), "/ip format", "not an IP address"),
        ("IPs", v4("10.0.0.0/8"), "/ip format", "first and its last address"),
        ("IPs", v4("10.0.0.1-"), "/ip format", "both ends"),
        ("IPs", v4("-10.0.0.1"), "/ip format", "both ends"),
        ("IPs", v4("2001:db8::1"), "/ip value", "other kind"),
        ("IPs", v6("10.0.0.1"), "/ip value", "other kind"),
        ("IPs", v6("::ffff:10.0.0.1"), "/ip value", "other kind"),
        ("IPs", v4("10.0.0.1-2001:db8::1"), "/ip format", "different kinds"),
        ("IPs", v6("fe80::1%eth0"), "/ip format", "not an IP address"),
        ("IPs", v4(""), "/ip length", "1 to 100"),
        ("IPs", json!({"ipType": 0}), "/ip missing", "required"),
        ("IPs", json!({"ip": "10.0.0.1"}), "/ipType missing", "required"),
        ("IPs", json!({"ip": "10.0.0.1", "ipType": 4}), "/ipType choice", "0 (Version4), 1 (Version6)"),
        ("IPs", json!({"ip": null, "ipType": 0}), "/ip null", "null"),
        ("GatewayIPs", json!({"gatewayIP": "10.0.0.0/8"}), "/gatewayIP format", "last address"),
        ("GatewayIPs", json!({"gatewayIP": "gw1"}), "/gatewayIP format", "not an IP address"),
        ("GatewayIPs", json!({}), "/gatewayIP missing", "required"),
        ("Devices", json!({"clientDeviceName": ""}), "/clientDeviceName length", "1 to 255 characters, got 0"),
        ("Devices", json!({"clientDeviceName": long}), "/clientDeviceName length", "1 to 255 characters, got 256"),
        ("Devices", json!({"clientDeviceName": "a\u{202e}b"}), "/clientDeviceName format", "control characters"),
        ("Devices", json!({"client": "x"}), "/clientDeviceName missing", ""),
        ("HardwareIDs", json!({"hardwareID": 7}), "/hardwareID type", "must be a text"),
        ("SecurityPrincipals", json!({}), "/account format", "an account or a security identifier is needed"),
        ("SecurityPrincipals", json!({"account": null, "sid": null}), "/account format", "is needed"),
        ("SecurityPrincipals", json!({"sid": "S-1"}), "/sid format", "written like S-1-5-21"),
        ("SecurityPrincipals", json!({"account": "x", "sid": "1-5-21"}), "/sid format", "written like"),
        ("SecurityPrincipals", json!({"account": "x".repeat(256)}), "/account length", "1 to 255"),
        ("SecurityPrincipals", json!({"account": "x", "type": 1}), "/type unknown", ""),
    ] {
        for place in ["/api/MFA/1/Criteria", "/api/MFADefaultSettings/Criteria"] {
            let path = format!("{place}/{list}");
            let before = ras.get(&path).await.json();
            for reply in [ras.post(&path, body.clone()).await, ras.take_out(&path, body.clone()).await] {
                let told = reply.text();
                let faults = problem(&reply, 400).1;
                assert!(faults.contains(&fault.to_owned()) && told.contains(said), "{list} {body}: {told}");
            }
            assert_eq!(ras.get(&path).await.json(), before);
        }
    }
    let by_number = ras.post("/api/MFA/1/Criteria/GatewayIPs", json!({"gatewayId": 3})).await;
    assert!(by_number.text().contains("give gatewayIP"), "{}", by_number.text());
    let bare = ras.delete("/api/MFA/1/Criteria/Devices").await;
    problem(&bare, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_at_most_a_thousand_members() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let device = |number: usize| Member::Device(Label::parse(&format!("d{number}")).unwrap());
    let full = (0..1000).fold(Criteria::default(), |rule, number| rule.with(&device(number)).unwrap());
    criteria::replace(&test.app, &by(), Owner::Site(1), &full).await.unwrap();
    let path = "/api/MFADefaultSettings/Criteria/Devices";
    let refused = ras.post(path, json!({"clientDeviceName": "one more"})).await;
    assert!(problem(&refused, 400).0.contains("at most 1000 members"), "{}", refused.text());
    problem(&ras.post(path, json!({"clientDeviceName": "D7"})).await, 409);
    assert_eq!(ras.take_out(path, json!({"clientDeviceName": "D7"})).await.status, 204);
    assert_eq!(ras.post(path, json!({"clientDeviceName": "one more"})).await.status, 201);
}
