//! The doctor of network gear, by the real binary: one program serves, another watches, real packets come.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::http::Client;
use super::place::{Guard, Place, free, until};
use crate::radius::wire::{REJECT, Request};

const SECRET: &str = "radius-canary-Tw6Hn3Vb";
const PASSWORD: &str = "typed-canary-Xs9Gk2Mf";

/// Gear at this address, which waits for answers.
fn gear(address: &str) -> UdpSocket {
    let socket = UdpSocket::bind(format!("{address}:0")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    socket
}

/// A server with gear that signs at .1 and gear that need not at .3.
fn place(at: SocketAddr) -> Place {
    Place::ready_with(&format!(
        "[radius]\nlisten = [\"{at}\"]\n\
         [[radius.client]]\nname = \"vpn\"\naddress = \"127.0.0.1\"\nsecret = \"{SECRET}\"\n\
         [[radius.client]]\nname = \"old\"\naddress = \"127.0.0.3\"\nsecret = \"{SECRET}-old\"\n\
         require_message_authenticator = \"auto\""
    ))
}

/// A program that watches; what it prints is in the files of the place.
fn watching(place: &Place, arguments: &[&str]) -> Guard {
    let file = |name: &str| std::fs::File::create(place.folder.path().join("output").join(name)).unwrap();
    let mut command: Command = place.command(&[&["radius", "watch"], arguments].concat());
    command.stdin(Stdio::null()).stdout(file("watched")).stderr(file("complained"));
    Guard(command.spawn().unwrap())
}

#[test]
fn packets_are_shown_as_they_come_with_what_is_wrong_in_words() {
    let at = free();
    let place = place(at);
    let mut server = place.serve();
    let mut watcher = watching(&place, &[]);
    let patience = Duration::from_secs(20);
    until("the watching to begin", patience, || place.read("watched").contains("watching").then_some(()));
    let shown = |words: &str| until(words, patience, || place.read("watched").contains(words).then_some(()));
    let send = |socket: &UdpSocket, octets: &[u8]| socket.send_to(octets, at).unwrap();
    let (vpn, old, stranger) = (gear("127.0.0.1"), gear("127.0.0.3"), gear("127.0.0.9"));
    send(&vpn, &Request::access(1, "another secret").user("alice").password(PASSWORD).octets());
    shown("silence (secret-differs)");
    shown("! shared secret differs between this client and us");
    send(&vpn, &Request::access(2, SECRET).user("alice").password(PASSWORD).unsigned().octets());
    shown("! the request has no Message-Authenticator; update the client");
    send(&stranger, &Request::access(3, SECRET).user("alice").octets());
    shown("? 127.0.0.9:");
    shown("! no client is listed for this address");
    send(&vpn, b"noise");
    shown("vpn 127.0.0.1:");
    shown("what is no packet: silence (too-short)");
    let wrong = Request::access(4, &format!("{SECRET}-old")).user("al\u{1b}[2Jice").password(PASSWORD).unsigned();
    send(&old, &wrong.octets());
    shown("! no Message-Authenticator: firmware from before 2024");
    let of_old = |id| Request::access(id, &format!("{SECRET}-old")).user("bob").password(PASSWORD);
    send(&old, &of_old(6).octets());
    let learned = || place.read("stderr").contains("this client signs its requests, from now on it has to");
    until("the log to say so", patience, || learned().then_some(()));
    send(&old, &of_old(7).unsigned().octets());
    shown("Access-Request 7, PAP: silence (unsigned)");
    let refused = Request::access(5, SECRET).user("alice").password(PASSWORD).with(32, "branch \u{7}office");
    send(&vpn, &refused.octets());
    let mut buffer = [0; 4096];
    let length = vpn.recv(&mut buffer).unwrap();
    assert_eq!(refused.read(&buffer[..length]).code, REJECT);
    shown("udp Access-Request 5, PAP, alice, NAS branch \u{fffd}office: reject after ");
    send(&vpn, &refused.octets());
    shown("Access-Request 5, PAP, alice, NAS branch \u{fffd}office: a copy");
    assert_eq!(server.child.terminate(Duration::from_secs(15)).code(), Some(0), "watching does not hold it up");
    assert_eq!(watcher.wait(patience).code(), Some(0), "{}", place.read("complained"));
    let watched = place.read("watched");
    assert!(!watched.contains("canary") && !watched.contains('\u{1b}') && !watched.contains('\u{7}'), "{watched}");
    let named = watched.lines().filter(|line| line.contains("alice")).count();
    assert_eq!(named, 2, "names of what is believed alone: {watched}");
}

#[test]
fn only_who_may_read_the_key_file_may_watch() {
    let at = free();
    let place = place(at);
    let server = place.serve();
    let bare = Client::new(server.manage);
    let status = |client: &Client| client.send("GET", "/radius/watch", "text/plain", "").unwrap().status;
    assert_eq!(status(&bare), 403);
    assert_eq!(status(&bare.with("Authorization", "Bearer 0123")), 403);
    let other = Place::new();
    other.ok(&["keys", "new"], "");
    std::fs::copy(other.key_file(), place.key_file()).unwrap();
    let said = place.cli(&["radius", "watch"], "");
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(said.err.contains("does not let this program watch"), "{}", said.err);
    std::fs::remove_file(place.key_file()).unwrap();
    assert_eq!(place.cli(&["radius", "watch"], "").code, 3);
}

#[test]
fn programs_get_a_line_of_json_for_each_packet() {
    let at = free();
    let place = place(at);
    let server = place.serve();
    let watcher = watching(&place, &["--output", "json"]);
    let vpn = gear("127.0.0.1");
    // The watcher says nothing before the first packet; so packets come until one is seen.
    until("a line", Duration::from_secs(20), || {
        vpn.send_to(&Request::access(1, "another secret").user("alice").octets(), at).unwrap();
        place.read("watched").contains('\n').then_some(())
    });
    let watched = place.read("watched");
    let line: serde_json::Value = serde_json::from_str(watched.lines().next().unwrap()).unwrap();
    assert_eq!((&line["client"], &line["over"]), (&"vpn".into(), &"udp".into()), "{line}");
    assert_eq!(line["came"]["dropped"]["reason"], "secret-differs", "{line}");
    assert_eq!(
        (&line["packet"]["kind"], &line["packet"]["user"]),
        (&"Access-Request".into(), &serde_json::Value::Null)
    );
    assert!(line["findings"][0].as_str().unwrap().starts_with("shared secret differs"), "{line}");
    watcher.kill();
    drop(server);
}
