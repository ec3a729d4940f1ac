//! Answers before a foreign judge: the schemas of the vendor's two documented calls.

use std::path::Path;

use serde_json::{Value, json};

use super::super::Ras;
use super::{create, created};
use crate::app::TestApp;
use crate::foreign::judges;

#[tokio::test(flavor = "multi_thread")]
async fn answers_fit_the_schemas_of_the_vendor() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let mut seen = Vec::new();
    let full = json!({"description": "d", "enabled": true, "userEnrollment": 1, "untilDateTime": "2030-01-01T00:00:00Z",
        "adCustomAttribute": "mail", "externalEmailStorage": 2, "allowEnrollExternalEmail": true});
    for with in [json!({}), full.clone()] {
        let number = seen.len();
        seen.push(("MFAEmailOTP", create(&ras, &format!("Post {number}"), with).await.json()));
    }
    let id = created(&ras, "Full", full).await;
    for (list, member) in [
        ("SecurityPrincipals", json!({"account": "corp\\ann"})),
        ("SecurityPrincipals", json!({"sid": "S-1-5-21-7"})),
        ("GatewayIPs", json!({"gatewayIP": "2001:db8::1"})),
        ("Devices", json!({"clientDeviceName": "kiosk"})),
        ("HardwareIDs", json!({"hardwareID": "h"})),
        ("IPs", json!({"ip": "10.0.0.1", "ipType": 0})),
        ("IPs", json!({"ip": "2001:db8::-2001:db8::9", "ipType": 1})),
    ] {
        assert_eq!(ras.post(&format!("/api/MFA/{id}/Criteria/{list}"), member).await.status, 201);
    }
    seen.push(("MFAEmailOTP", ras.get(&format!("/api/MFA/{id}")).await.json()));
    seen.push(("MFAEmailOTP", ras.order(&format!("/api/MFA/{id}/Duplicate")).await.json()));
    seen.push(("MFACriteria", ras.get(&format!("/api/MFA/{id}/Criteria")).await.json()));
    seen.push(("MFACriteria", ras.get("/api/MFADefaultSettings/Criteria").await.json()));
    seen.push(("AllowedIPsCriteria", ras.get(&format!("/api/MFA/{id}/Criteria/IPs")).await.json()));
    seen.push(("AllowedOperatingSystems", ras.get(&format!("/api/MFA/{id}/Criteria/OSes")).await.json()));
    for provider in ras.get("/api/MFA").await.json().as_array().unwrap() {
        seen.push(("MFAEmailOTP", provider.clone()));
    }
    seen.push(("ProblemDetails", create(&ras, "Full", json!({})).await.json()));
    seen.push(("ProblemDetails", create(&ras, "", json!({"otpLength": 3})).await.json()));
    let told = tokio::task::spawn_blocking(move || judged(&seen)).await.unwrap();
    assert_eq!(told, "", "answers that do not fit");
}

#[test]
fn the_judge_sees_what_does_not_fit() {
    let missing_time = judged(&[("MFAEmailOTP", json!({"untilDateTime": null}))]);
    assert!(missing_time.contains("untilDateTime"), "{missing_time}");
    assert!(judged(&[("MFAEmailOTP", json!({"colour": 1}))]).contains("colour"));
    assert!(judged(&[("MFACriteria", json!({"access": 2}))]).contains("access"));
}

/// What the judge finds wrong, one line each.
fn judged(answers: &[(&str, Value)]) -> String {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ras/emailotp.openapi.json");
    let list: Vec<_> = answers.iter().map(|(schema, answer)| json!({"schema": schema, "answer": answer})).collect();
    judges::python(&["-c", JUDGE, &schemas.display().to_string(), &json!(list).to_string()])
}

const JUDGE: &str = r##"
import json, sys
from jsonschema import Draft202012Validator, FormatChecker
document = json.load(open(sys.argv[1]))
for case in json.loads(sys.argv[2]):
    schema = {"$ref": "#/components/schemas/" + case["schema"], "components": document["components"]}
    for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(case["answer"]):
        print(case["schema"], error.json_path, error.message)
"##;
