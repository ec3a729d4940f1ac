//! The description of HTTP before two judges: one reads it by the standard, the other calls everything
//! it describes with made-up values and compares what comes back.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Demo, run};

#[test]
fn the_description_is_valid_and_every_answer_is_described() {
    let demo = Demo::start();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
    install(&folder);
    let document = folder.join("openapi.json");
    let url = format!("{}/openapi.json", demo.base);
    run("curl", &["-s", "--max-time", "10", "-o", &document.display().to_string(), &url]);
    judge(&folder, &["-m", "openapi_spec_validator", &document.display().to_string()]);
    let key = format!("X-API-Key: {}", demo.key);
    let typed = serde_json::json!({"username": "admin", "password": demo.password}).to_string();
    let session = demo.curl("/api/Session/logon", &["-H", "Content-Type: application/json", "-d", &typed]);
    let session = format!("auth_token: {}", session["authToken"].as_str().expect("a token"));
    let run = ["-m", "schemathesis.cli", "run", &url];
    judge(&folder, &[&run[..], &["-H", &key, "-H", &session, SIGNED], &CHECKED].concat());
    judge(&folder, &[&run[..], &["--include-path-regex=^/api/"], &CHECKED].concat());
}

/// The manage listener is elsewhere, and whoever is to try everything else does not sign out.
const SIGNED: &str = "--exclude-path-regex=^/(health/|healthz$|metrics$)|/logoff$";

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

/// Runs a Python program of the folder; on a failure its last lines tell.
fn judge(folder: &Path, args: &[&str]) {
    let mut python = Command::new("python3");
    python.args(args).env("PYTHONPATH", folder).env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder);
    let output = python.output().expect("this test needs Python: apt-get install python3-pip");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("text");
    let short: Vec<String> = said.lines().map(|line| line.chars().take(300).collect()).collect();
    assert!(output.status.success(), "{args:?} came to another end:\n{}", short.join("\n"));
}

/// Two packages, once.
fn install(folder: &PathBuf) {
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == PACKAGES.join(" ")) {
        return;
    }
    std::fs::create_dir_all(folder).unwrap();
    let target = folder.display().to_string();
    let fixed = ["install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--upgrade"];
    run("pip3", &[&fixed[..], &["--target", &target], &PACKAGES].concat());
    std::fs::write(stamp, PACKAGES.join(" ")).unwrap();
}

const PACKAGES: [&str; 2] = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"];
