//! RADIUS by the real binary: what the operator reads, and what stays out of it.

use std::net::UdpSocket;
use std::time::Duration;

use super::http::Client;
use super::place::{Place, free, until};
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
