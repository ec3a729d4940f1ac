//! What commands answer when something is not as it should be: the exit code of the contract, and a sentence that
//! names it.

use std::time::Duration;

use super::place::{Place, Said, bare, finish};

fn says(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{said:?}");
    for word in words {
        assert!(said.err.contains(word), "{word} in {}", said.err);
    }
}

/// The kernel lets nobody make anything there, the superuser included.
const CLOSED: &str = "/sys/otpost";

#[test]
fn what_the_operating_system_does_not_permit_is_named_with_its_place() {
    says(&finish(bare(&["init", "--folder", CLOSED]), ""), 5, &["cannot make the folder /sys/otpost: "]);
    says(&finish(bare(&["init", "--config", "/sys/otpost.toml"]), ""), 5, &["cannot write /sys/otpost.toml: "]);
    let mut place = Place::new();
    place.ok(&["keys", "new"], "");
    place.store = "sqlite:/sys/otpost.db".to_owned();
    let mut migrate = place.command(&["migrate"]);
    migrate.env("OTPOST_STORE__URL", &place.store);
    says(&finish(migrate, ""), 5, &["cannot create or write /sys/otpost.db: "]);
}

#[test]
fn a_database_that_another_program_holds_is_said_to_be_locked() {
    let place = Place::ready();
    place.ok(&["user", "add", "ann"], "");
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    says(&place.cli(&["user", "add", "ben"], ""), 4, &["database is locked"]);
    let doctor = place.cli(&["doctor", "--output", "json"], "");
    let findings: serde_json::Value = serde_json::from_str(&doctor.out).unwrap();
    let found = findings.as_array().unwrap().iter().find(|finding| finding["what"] == "database").unwrap();
    assert_eq!(found["state"], "bad", "{doctor:?}");
    assert!(found["words"].as_str().unwrap().contains("database is locked"), "{doctor:?}");
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::ready();
    place.ok(&["user", "add", "ann"], "");
    says(&place.cli(&["user", "import", "/nowhere.csv"], ""), 6, &["cannot read /nowhere.csv: "]);
    says(&place.cli(&["user", "list", "--realm", "nope"], ""), 6, &["there is no realm nope"]);
    says(&place.cli(&["policy", "explain", "ann", "--realm", "nope"], ""), 6, &["there is no realm nope"]);
    says(&place.cli(&["policy", "explain", "ann", "--theme", "nope"], ""), 6, &["there is no theme nope"]);
    says(&place.cli(&["api-key", "revoke", "nope"], ""), 6, &["there is no API key nope"]);
}

#[test]
fn what_cannot_be_read_is_a_usage_error() {
    let place = Place::ready();
    let empty = place.folder.path().join("empty.csv");
    std::fs::write(&empty, "").unwrap();
    says(&place.cli(&["user", "import", empty.to_str().unwrap()], ""), 2, &["empty.csv is empty", "name,email"]);
    let add = ["admin", "add", "eve", "--password-stdin"];
    says(&finish(place.command(&add), b"pass\xffword pass\n"), 2, &["Password: this is not UTF-8"]);
    let mut unnamed = bare(&["config", "check"]);
    unnamed.env("OTPOST_CONFIG", "");
    says(&finish(unnamed, ""), 2, &["name a file, or unset OTPOST_CONFIG"]);
}

#[test]
fn who_cannot_be_added_leaves_nothing_behind() {
    let place = Place::ready();
    let said = place.cli(&["user", "add", "ann", "--email", "not an address"], "");
    says(&said, 2, &["mail address"]);
    assert!(!said.err.contains("made the resolver"), "{}", said.err);
    says(&place.cli(&["user", "list", "--realm", "users"], ""), 6, &[]);
}

#[test]
fn nobody_is_enrolled_twice_for_the_same_address() {
    let place = Place::ready();
    place.ok(&["user", "add", "ann", "--email", "ann@example.org"], "");
    let serial = place.ok(&["user", "enroll", "ann"], "");
    says(&place.cli(&["user", "enroll", "ann"], ""), 7, &[serial.trim(), "otpost user reset ann"]);
    let elsewhere = ["user", "enroll", "ann", "--address", "ann@example.net"];
    place.ok(&elsewhere, "");
    says(&place.cli(&elsewhere, ""), 7, &["enrolled there already"]);
}

#[test]
fn programs_get_json_whatever_they_ask() {
    let place = Place::ready();
    let json = |verb: &[&str]| {
        let said = place.ok(&[verb, &["--output", "json"]].concat(), "");
        serde_json::from_str::<serde_json::Value>(&said).unwrap_or_else(|error| panic!("{verb:?}: {error}: {said}"))
    };
    assert!(json(&["config", "show"])["http"]["listen"].as_str().is_some());
    let keys = json(&["config", "reference"]);
    let row = keys.as_array().unwrap().iter().find(|row| row["key"] == "log.level").unwrap();
    assert_eq!((&row["environment"], &row["default"]), (&"OTPOST_LOG__LEVEL".into(), &"\"info\"".into()));
    assert_eq!(json(&["config", "check"])["message"], "the configuration is good");
    let _server = place.serve();
    assert_eq!(json(&["healthcheck"])["status"], "ready");
}

#[test]
fn a_good_configuration_has_its_certificates() {
    let place = Place::ready_with("[http.tls]\ncert_file = \"/no/cert.pem\"\nkey_file = \"/no/key.pem\"");
    let mut check = place.command(&["config", "check"]);
    check.env("OTPOST_LOG__LEVEL", "loud");
    let said = finish(check, "");
    says(&said, 3, &["http.tls.cert_file cannot be read: /no/cert.pem", "http.tls.key_file", "log.level"]);
}
