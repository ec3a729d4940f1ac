//! When the start is refused: with which exit code, and in which words.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use super::place::{Place, Said, bare, finish};

/// `serve` on this folder, which must end by itself.
fn refused(place: &Place) -> Said {
    let said = place.cli(&["serve"], "");
    assert!(said.out.is_empty(), "nothing on standard output: {}", said.out);
    said
}

#[track_caller]
fn says(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "no '{word}' in: {}", said.err);
    }
}

fn append(place: &Place, lines: &str) {
    let text = std::fs::read_to_string(place.config()).unwrap();
    std::fs::write(place.config(), text + lines).unwrap();
}

#[test]
fn an_unknown_key_stops_the_start_and_names_its_neighbour() {
    let place = Place::ready();
    append(&place, "[log]\nlevle = \"info\"\n");
    says(&refused(&place), 3, &["log.levle", "did you mean `level`", "otpost.toml:"]);
}

#[test]
fn several_errors_are_named_at_once() {
    let place = Place::ready();
    append(&place, "[log]\nlevle = \"info\"\nformat = \"xml\"\n[validate]\nget = \"perhaps\"\n");
    let said = refused(&place);
    says(&said, 3, &["log.levle", "log.format", "validate.get"]);
    assert!(said.err.lines().count() >= 3, "{}", said.err);
    assert_eq!(place.cli(&["config", "check"], "").code, 3);
}

#[test]
fn a_configuration_file_that_was_named_must_be_there() {
    let place = Place::ready();
    std::fs::remove_file(place.config()).unwrap();
    says(&refused(&place), 3, &["otpost.toml"]);
}

#[test]
fn a_key_file_that_others_may_read_stops_the_start() {
    let place = Place::ready();
    std::fs::set_permissions(place.key_file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    says(&refused(&place), 5, &["0644", "chmod 0600"]);
}

#[test]
fn a_missing_key_file_stops_the_start() {
    let place = Place::ready();
    std::fs::remove_file(place.key_file()).unwrap();
    says(&refused(&place), 3, &["there is no key file", "otpost keys new"]);
}

#[test]
fn the_key_file_of_another_database_stops_the_start() {
    let place = Place::ready();
    std::fs::remove_file(place.key_file()).unwrap();
    place.ok(&["keys", "new"], "");
    says(&refused(&place), 3, &["does not belong to this database"]);
    assert_eq!(place.cli(&["keys", "new"], "").code, 7, "a key is never replaced");
}

#[test]
fn a_newer_schema_stops_the_start_and_is_left_as_it_is() {
    let place = Place::ready();
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    let columns: Vec<String> = {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info('migration')").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let others: Vec<_> = columns.iter().filter(|name| *name != "version").map(String::as_str).collect();
    let copy = format!(
        "INSERT INTO migration (version, {others}) SELECT 99, {others} FROM migration LIMIT 1",
        others = others.join(", ")
    );
    assert_eq!(connection.execute(&copy, []).unwrap(), 1);
    drop(connection);
    says(&refused(&place), 3, &["schema version 99", "newer"]);
    says(&place.cli(&["migrate"], ""), 3, &["schema version 99"]);
    says(&place.cli(&["admin", "list"], ""), 3, &["schema version 99"]);
}

#[test]
fn a_missing_database_stops_the_start() {
    let place = Place::new();
    place.ok(&["keys", "new"], "");
    says(&refused(&place), 3, &["there is no database", "otpost migrate"]);
    assert!(!place.database().exists(), "a refused start makes nothing");
}

#[test]
fn a_port_in_use_stops_the_start() {
    let place = Place::ready();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (variable, key) in [("OTPOST_HTTP__LISTEN", "http.listen"), ("OTPOST_MANAGE__LISTEN", "manage.listen")] {
        let mut command = place.command(&["serve"]);
        command.env(variable, &address);
        says(&finish(command, ""), 7, &[&address, key]);
    }
}

#[test]
fn plain_http_beyond_this_machine_stops_the_start() {
    let place = Place::ready();
    let mut command = place.command(&["serve"]);
    command.env("OTPOST_HTTP__LISTEN", "0.0.0.0:18080");
    says(&finish(command, ""), 3, &["http.listen", "http.allow_insecure"]);
}

#[test]
fn a_demo_beyond_this_machine_wants_the_flag() {
    for arguments in [
        ["demo", "--listen", "0.0.0.0:0", "--radius", "127.0.0.1:0"],
        ["demo", "--listen", "127.0.0.1:0", "--radius", "0.0.0.0:0"],
    ] {
        says(&finish(bare(&arguments), ""), 2, &["--i-know-this-is-a-demo"]);
    }
}
