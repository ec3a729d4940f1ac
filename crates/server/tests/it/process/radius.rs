//! RADIUS by the real binary: what the operator reads, and what stays out of it.

use std::io::{BufRead, BufReader, Write};
use std::net::UdpSocket;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use super::http::Client;
use super::place::{Guard, Place, bare, free, until};
use crate::foreign::{Demo, newest_code};
use crate::radius::wire::{ACCEPT, Request};

const SECRET: &str = "radius-canary-Bq7Lw2Xz";
const PASSWORD: &str = "typed-canary-Rt5Nm8Kd";

#[test]
fn the_operator_reads_once_a_minute_what_is_wrong_and_no_secret() {
    let at = free();
    let mut place = Place::ready();
    let file = place.folder.path().join("clients.conf");
    let text = format!(
        "client vpn {{\n\tipaddr = 127.0.0.1\n\tsecret = {SECRET}\n}}\nclient twin {{\n\tipaddr = 127.0.0.3\n\tsecret = {SECRET}\n}}\n"
    );
    std::fs::write(&file, text).unwrap();
    place.extra = format!("[radius]\nlisten = [\"{at}\"]\nclients_file = \"{}\"", file.display());
    let mut server = place.serve();
    let (vpn, stranger) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.9:0").unwrap());
    vpn.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    for id in 0..100 {
        let wrong = Request::access(id, "another secret").user("alice").password(PASSWORD).octets();
        let unsigned = Request::access(id, SECRET).user("alice").password(PASSWORD).unsigned().octets();
        for octets in [&wrong[..], &unsigned, b"noise"] {
            vpn.send_to(octets, at).unwrap();
            stranger.send_to(octets, at).unwrap();
        }
    }
    let status = Request::status(200, SECRET);
    vpn.send_to(&status.octets(), at).unwrap();
    let mut buffer = [0; 4096];
    let length = vpn.recv(&mut buffer).unwrap();
    assert_eq!(status.read(&buffer[..length]).code, ACCEPT);
    let manage = Client::new(server.manage);
    let counted = |line: &str| manage.get("/metrics").body.lines().any(|found| found == line);
    until("all of them to be counted", Duration::from_secs(5), || {
        counted("otpost_radius_dropped_total{reason=\"unknown-source\"} 300").then_some(())
    });
    assert!(counted("otpost_radius_dropped_total{reason=\"secret-differs\"} 100"));
    assert!(counted("otpost_radius_packets_total{client=\"vpn\",outcome=\"status\"} 1"));
    assert_eq!(server.child.terminate(Duration::from_secs(10)).code(), Some(0));
    let log = place.read("stderr");
    let lines = |words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines("shared secret differs"), 1, "{log}");
    assert_eq!(lines("no client is listed for this address"), 1, "{log}");
    assert_eq!(lines("RADIUS: "), 3, "one of each source, and the secret: {log}");
    assert_eq!(lines("two RADIUS clients share one secret"), 1, "{log}");
    assert!(!log.contains("canary"), "{log}");
}

#[test]
fn a_sign_in_can_be_tried_out_from_the_command_line() {
    let (demo, folder) = (Demo::start(), tempfile::tempdir().unwrap());
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{}\n", demo.radius.1)).unwrap();
    let ask = |user: &str, typed: &str| -> (Vec<String>, ExitStatus) {
        let mut command = bare(&["radius", "test", user, "--server", &demo.radius.0, "--secret-file"]);
        command.arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Guard(command.spawn().unwrap());
        let mut input = child.0.stdin.take().unwrap();
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
        writeln!(input, "{typed}").unwrap();
        let mut said = Vec::from_iter(lines.next());
        if said.iter().any(|line| line.starts_with("challenged: ")) {
            writeln!(input, "{}", newest_code(&demo)).unwrap();
            said.extend(lines);
        }
        said.extend(BufReader::new(child.0.stderr.take().unwrap()).lines().map_while(Result::ok));
        (said, child.wait(Duration::from_secs(15)))
    };
    let (said, status) = ask("alice", "demo");
    assert_eq!(said, ["challenged: Enter the code sent to your e-mail address.", "accepted"]);
    assert_eq!(status.code(), Some(0));
    let (said, status) = ask("erin", "demo");
    assert_eq!((said.concat().as_str(), status.code()), ("accepted without a code", Some(0)));
    let (said, status) = ask("alice", "wrong");
    assert_eq!((said.concat().as_str(), status.code()), ("otpost: refused: Authentication failed.", Some(1)));
}

#[test]
fn clients_are_listed_as_they_are_looked_up() {
    let place = Place::ready_with(&format!(
        "[[radius.client]]\nname = \"wide\"\naddress = \"192.0.2.0/24\"\nsecret = \"{SECRET}\"\n\
         [[radius.client]]\nname = \"narrow\"\naddress = \"192.0.2.7\"\nsecret = \"{SECRET}\"\n\
         require_message_authenticator = \"auto\""
    ));
    let listed = place.ok(&["radius", "clients"], "");
    let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows[1..],
        [["narrow", "192.0.2.7/32", "challenge", "auto"], ["wide", "192.0.2.0/24", "challenge", "yes"]]
    );
    assert!(!listed.contains("canary"), "{listed}");
    let said = place.cli(&["radius", "test", "alice", "--server", "127.0.0.1:9"], "x\n");
    assert_eq!(said.code, 6, "{}", said.err);
    assert!(said.err.contains("no RADIUS client is listed for 127.0.0.1, from where this test asks"), "{}", said.err);
    let said = place.cli(&["radius", "test", "alice"], "x\n");
    assert_eq!((said.code, said.err.contains("radius.listen is empty")), (3, true), "{}", said.err);
}

#[test]
fn a_failure_of_ours_is_silence_outside_and_an_error_in_the_log() {
    let at = free();
    let place = Place::ready_with(&format!(
        "[radius]\nlisten = [\"{at}\"]\n[[radius.client]]\nname = \"vpn\"\naddress = \"127.0.0.1\"\nsecret = \"{SECRET}\""
    ));
    let mut server = place.serve();
    let connection = rusqlite::Connection::open(place.database()).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch("ALTER TABLE audit RENAME TO gone").unwrap();
    let vpn = UdpSocket::bind("127.0.0.1:0").unwrap();
    vpn.send_to(&Request::access(1, SECRET).user("alice").password(PASSWORD).octets(), at).unwrap();
    let words = "not answered, so that the client asks its next server";
    until("the error in the log", Duration::from_secs(10), || place.read("stderr").contains(words).then_some(()));
    vpn.set_nonblocking(true).unwrap();
    assert!(vpn.recv(&mut [0; 4096]).is_err(), "nothing came");
    let log = place.read("stderr");
    assert!(log.lines().any(|line| line.contains(words) && line.contains("ERROR") && line.contains("vpn")), "{log}");
    assert!(!log.contains("canary"), "{log}");
    assert_eq!(server.child.terminate(Duration::from_secs(15)).code(), Some(0));
}

#[test]
fn the_doctor_names_gear_whose_theme_lets_nobody_in() {
    let row = |name: &str, last: u8, theme: &str| {
        format!(
            "[[radius.client]]\nname = \"{name}\"\naddress = \"192.0.2.{last}\"\nsecret = \"{SECRET}\"\ntheme = \"{theme}\"\n"
        )
    };
    let place = Place::ready_with(&(row("one", 1, "default") + &row("two", 2, "nowhere")));
    let said = place.cli(&["doctor"], "").out;
    let of = |name: &str| said.lines().find(|line| line.contains(&format!("RADIUS client {name}"))).expect("a line");
    assert!(of("two").contains(" bad ") && of("two").contains("its theme nowhere is not there"), "{said}");
    assert!(of("one").contains("its theme default"), "{said}");
}
