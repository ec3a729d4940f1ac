//! `otpost radius test` in the modes in which a code is not asked for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use otpost::demo::sink::Sink;

use super::peers::{Peers, code_to};
use super::place::{Guard, Place, Server, free};

const ALICE: &str = "alice@example.org";
const PASSWORD: &str = "correct-horse-battery";
const SECRET: &str = "a-secret-of-this-test-alone";
const MAILED: &str = "turned away: A code was sent by e-mail. Sign in again with your password and the code behind it.";

/// A server whose client is this machine, and alice.
struct Rig {
    place: Place,
    server: Server,
    sink: Sink,
    _peers: Peers,
}

/// What the command said, one thing after the other, and how it ended.
type Said = (Vec<String>, Option<i32>);

impl Rig {
    fn start(lines: &str) -> Self {
        let (at, mut place): (SocketAddr, _) = (free(), Place::ready());
        place.extra = format!(
            "[radius]\nlisten = [\"{at}\"]\n[[radius.client]]\nname = \"vpn\"\naddress = \"127.0.0.1\"\n\
             secret = \"{SECRET}\"\n{lines}\n"
        );
        place.ok(&["user", "add", "alice", "--email", ALICE], "");
        place.ok(&["user", "enroll", "alice", "--pin-stdin"], PASSWORD);
        let (server, peers) = (place.serve(), Peers::new());
        let sink = peers.sink(100);
        server.relay(&server.admin(), "main", sink.addr());
        Self { place, server, sink, _peers: peers }
    }

    /// Types the first line, and when it is turned away or challenged the code of the mail.
    fn test(&self, options: &[&str], typed: &str) -> Said {
        let mut command = self.place.command(&[&["radius", "test", "alice"], options].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Guard(command.spawn().unwrap());
        let mut keyboard = child.0.stdin.take().unwrap();
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
        writeln!(keyboard, "{typed}").unwrap();
        let mut said = Vec::from_iter(lines.next());
        if said.iter().any(|line| line.starts_with("turned away: ")) {
            writeln!(keyboard, "{}", code_to(&self.sink, ALICE)).unwrap();
            said.extend(lines);
        }
        let mut error = String::new();
        child.0.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        said.extend(error.lines().map(str::to_owned));
        (said, child.wait(Duration::from_secs(15)).code())
    }
}

fn said(lines: &[&str], code: i32) -> Said {
    (lines.iter().map(|line| (*line).to_owned()).collect(), Some(code))
}

#[test]
fn where_both_come_in_one_field_the_first_try_is_turned_away_and_the_second_has_both() {
    let rig = Rig::start("mode = \"password+code\"");
    assert_eq!(rig.test(&[], "wrong"), said(&["otpost: refused: Authentication failed."], 1));
    assert_eq!(rig.test(&[], PASSWORD), said(&[MAILED, "accepted"], 0));
    assert_eq!(rig.sink.mails().len(), 1);
}

#[test]
fn where_the_code_is_the_password_it_alone_is_asked_for() {
    let rig = Rig::start("mode = \"code\"\nclient_group = \"validate\"");
    assert_eq!(rig.test(&[], "000000"), said(&["otpost: refused: Authentication failed."], 1));
    rig.server.client().begin(&[("user", "alice"), ("pass", PASSWORD)]);
    let code = code_to(&rig.sink, ALICE);
    assert_eq!(rig.test(&[], &code), said(&["accepted"], 0));
    assert_eq!(rig.test(&[], &code), said(&["otpost: refused: Authentication failed."], 1));
}

#[test]
fn the_mode_of_another_servers_client_is_said_and_has_to_be_the_right_one() {
    let rig = Rig::start("mode = \"password+code\"");
    let file = rig.place.folder.path().join("secret");
    std::fs::write(&file, SECRET).unwrap();
    let file = file.display().to_string();
    let secret = ["--secret-file", &file];
    assert_eq!(
        rig.test(&[&secret[..], &["--mode", "password+code"]].concat(), PASSWORD),
        said(&[MAILED, "accepted"], 0)
    );
    let refused = MAILED.replace("turned away", "otpost: refused");
    assert_eq!(rig.test(&secret, PASSWORD), said(&[&refused], 1), "a challenge, where nothing else is said");
    let (lines, code) = rig.test(&["--mode", "psk"], "");
    assert_eq!(code, Some(2));
    assert!(lines.concat().contains("is none of challenge, password+code, code"), "{lines:?}");
}

#[test]
fn a_challenge_that_was_not_expected_is_told() {
    let rig = Rig::start("");
    let told = "otpost: challenged: this client has mode challenge at the server";
    assert_eq!(rig.test(&["--mode", "password+code"], PASSWORD), said(&[told], 1));
}
