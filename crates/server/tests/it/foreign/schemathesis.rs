//! The description of HTTP before two judges: one reads it by the standard, the other calls everything
//! it describes with made-up values and compares what comes back.

use super::{Demo, judges, run};

#[test]
fn the_description_is_valid_and_every_answer_is_described() {
    let demo = Demo::start();
    let document = judges::folder().join("openapi.json");
    let url = format!("{}/openapi.json", demo.base);
    run("curl", &["-s", "--max-time", "10", "-o", &document.display().to_string(), &url]);
    judges::python(&["-m", "openapi_spec_validator", &document.display().to_string()]);
    let key = format!("X-API-Key: {}", demo.key);
    let typed = serde_json::json!({"username": "admin", "password": demo.password}).to_string();
    let session = demo.curl("/api/Session/logon", &["-H", "Content-Type: application/json", "-d", &typed]);
    let session = format!("auth_token: {}", session["authToken"].as_str().expect("a token"));
    let run = ["-m", "schemathesis.cli", "run", &url];
    judges::python(&[&run[..], &["-H", &key, "-H", &session, SIGNED], &CHECKED].concat());
    judges::python(&[&run[..], &["--include-path-regex=^/api/"], &CHECKED].concat());
}

/// The manage listener is elsewhere, and whoever is to try everything else does not sign out.
const SIGNED: &str = "--exclude-path-regex=^/(health/|healthz$|metrics$|radius/)|/logoff$";

/// No failure of ours, and nothing that the document does not say.
const CHECKED: [&str; 10] = [
    "--checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
    "--phases=examples,fuzzing",
    "--max-examples=5",
    "--seed=1",
    "--generation-deterministic",
    "--request-timeout=10",
    "--workers=1",
    "--no-color",
    "--suppress-health-check=all",
    "--output-truncate=true",
];
