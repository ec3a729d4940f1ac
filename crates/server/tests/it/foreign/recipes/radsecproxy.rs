//! RadSec with peers that are not ours: Debian's radsecproxy hands sign-ins on, and OpenSSL is turned away
//! whenever its certificate is none of ours.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{PASSWORD, Page, Rig, ask, readable, start, with_file};
use crate::process::http::Client;
use crate::process::place::{free, until};
use crate::radius::certificates::Authority;

const GEAR_SECRET: &str = "the-secret-of-the-gear";

#[test]
fn radsecproxy_hands_sign_ins_on_and_strangers_do_not_get_past_the_handshake() {
    let page = Page::read("radsec.md");
    let rig = Rig::start_with(|folder, radius| configuration(&page, folder, radius));
    let (proxy, folder) = (free(), rig.place.folder.path());
    let text = page.block("# /etc/radsecproxy.conf").replace("127.0.0.1:1812", &proxy.to_string());
    let text = text.replace("otp.example.org", "127.0.0.1").replace("2083", &rig.radius.port().to_string());
    let text = text.replace("/etc/radsecproxy/otpost-ca.pem", &shown(folder, "ca.pem"));
    let text = text.replace("/etc/radsecproxy", &folder.display().to_string());
    std::fs::write(folder.join("radsecproxy.conf"), text).unwrap();
    let mut command = Command::new("radsecproxy");
    command.args(["-f", "-d", "2", "-c"]).arg(folder.join("radsecproxy.conf"));
    let (_proxy, printed) = start(command, "radsecproxy");
    // What comes before it is connected it forgets, and copies of it for ten seconds.
    until("radsecproxy to be connected", Duration::from_secs(10), || printed.text().contains(" up").then_some(()));
    signs_in(&rig, proxy, &printed, 1);
    turned_away(&rig);
    signs_in(&rig, proxy, &printed, 2);
}

fn signs_in(rig: &Rig, proxy: SocketAddr, printed: &super::Printed, mails: usize) {
    let reply = ask(proxy, GEAR_SECRET, &["User-Name = \"alice\"", &format!("User-Password = \"{PASSWORD}\"")]);
    assert!(reply.contains("Received Access-Challenge"), "{reply}\n{}", printed.text());
    let state = reply.lines().map(str::trim).find(|line| line.starts_with("State = 0x")).expect("a State");
    let typed = format!("User-Password = \"{}\"", rig.code(mails));
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let reply = ask(proxy, GEAR_SECRET, &["User-Name = \"alice\"", &typed, state]);
        assert!(reply.contains(expected), "{reply}\n{}", printed.text());
    }
}

/// Each by its own counter: what OpenSSL sees of it differs from version to version of TLS.
fn turned_away(rig: &Rig) {
    let (folder, manage) = (rig.place.folder.path(), Client::new(rig.server.manage));
    let stranger = Authority::new(folder, "stranger.pem");
    stranger.certify("stranger", &["branch.example.org"]);
    let pair = |name: &str| {
        [
            "-cert".to_owned(),
            shown(folder, &format!("{name}.pem")),
            "-key".to_owned(),
            shown(folder, &format!("{name}.key")),
        ]
    };
    let tries: [(&str, Vec<String>); 6] = [
        ("tls-handshake", vec![]),
        ("tls-handshake", vec!["-tls1_2".to_owned()]),
        ("tls-handshake", pair("stranger").into()),
        ("tls-handshake", [pair("branch").as_slice(), &["-tls1_1".to_owned()]].concat()),
        ("unknown-certificate", pair("other").into()),
        ("unknown-certificate", pair("both").into()),
    ];
    for (number, (reason, arguments)) in tries.iter().enumerate() {
        let before = dropped(&manage, reason);
        let said = openssl(rig.radius, &shown(folder, "ca.pem"), arguments);
        until(&format!("try {number} to be counted; {said}"), Duration::from_secs(10), || {
            (dropped(&manage, reason) == before + 1).then_some(())
        });
    }
}

fn dropped(manage: &Client, reason: &str) -> u64 {
    let start = format!("otpost_radius_dropped_total{{reason=\"{reason}\"}} ");
    let metrics = manage.get("/metrics").body;
    metrics.lines().find_map(|line| line.strip_prefix(&start)).map_or(0, |count| count.parse().unwrap())
}

/// Tries to speak; it must not end well.
fn openssl(at: SocketAddr, authority: &str, arguments: &[String]) -> String {
    let mut command = Command::new("openssl");
    command.args([
        "s_client",
        "-connect",
        &at.to_string(),
        "-CAfile",
        authority,
        "-ign_eof",
        "-cipher",
        "ALL:@SECLEVEL=0",
    ]);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().expect("this test needs openssl: apt-get install openssl");
    readable(&[output.stdout, output.stderr].concat())
}

fn configuration(page: &Page, folder: &Path, radius: SocketAddr) -> String {
    let authority = Authority::new(folder, "ca.pem");
    authority.certify("server", &["127.0.0.1"]);
    authority.certify("branch", &["branch.example.org"]);
    authority.certify("other", &["other.example.org"]);
    authority.certify("both", &["branch.example.org", "second.example.org"]);
    let files = [("cert_file", "server.pem"), ("key_file", "server.key"), ("client_ca_file", "ca.pem")];
    let text =
        files.iter().fold(page.block("[radius.tls]"), |text, (key, name)| with_file(key, &text, &folder.join(name)));
    let text = text.replace("192.0.2.1:2083", &radius.to_string()).replace("192.0.2.0/24", "127.0.0.0/8");
    let second =
        "[[radius.client]]\nname = \"second\"\naddress = \"0.0.0.0/0\"\ncertificate_name = \"second.example.org\"\n";
    text + second
}

fn shown(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}
