//! FreeRADIUS's own client against the demonstration.

use std::io::Write;
use std::process::{Command, Stdio};

use super::{Demo, newest_code};

/// What `radclient` prints; it checks the authenticators of replies itself. It waits so many seconds.
pub(super) fn radclient(server: &str, command: &str, secret: &str, attributes: &[&str], patience: &str) -> String {
    let mut child = Command::new("radclient")
        .args(["-x", "-r", "1", "-t", patience, server, command, secret])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("radclient; install Debian's package freeradius-utils");
    child.stdin.take().expect("a pipe").write_all(attributes.join("\n").as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("text")
}

impl Demo {
    fn radclient(&self, command: &str, secret: &str, attributes: &[&str]) -> String {
        let attributes = [attributes, &["Message-Authenticator = 0x00"]].concat();
        radclient(&self.radius.0, command, secret, &attributes, "3")
    }

    fn access(&self, attributes: &[&str]) -> String {
        self.radclient("auth", &self.radius.1, attributes)
    }
}

/// The lines of the reply.
fn reply(printed: &str) -> Vec<&str> {
    printed.lines().skip_while(|line| !line.starts_with("Received")).map(str::trim).collect()
}

#[test]
fn radclient_is_challenged_and_accepted_once() {
    let demo = Demo::start();
    let printed = demo.access(&["User-Name = \"alice\"", "User-Password = \"demo\""]);
    let challenge = reply(&printed);
    assert!(challenge[0].starts_with("Received Access-Challenge"), "{printed}");
    assert!(challenge[1].starts_with("Message-Authenticator = 0x"), "{printed}");
    assert!(challenge.contains(&"Reply-Message = \"Enter the code sent to your e-mail address.\""), "{printed}");
    let timeout = challenge.iter().find_map(|line| line.strip_prefix("Session-Timeout = ")).expect("seconds left");
    assert!((110..=120).contains(&timeout.parse::<u32>().expect("a number")), "{printed}");
    let state = challenge.iter().find(|line| line.starts_with("State = 0x")).expect("a State");
    let typed = format!("User-Password = \"{}\"", newest_code(&demo));
    for expected in ["Received Access-Accept", "Received Access-Reject"] {
        let printed = demo.access(&["User-Name = \"alice\"", &typed, state]);
        assert!(reply(&printed)[0].starts_with(expected), "{printed}");
    }
}

#[test]
fn radclient_sees_who_is_refused_and_who_is_excepted() {
    let demo = Demo::start();
    let ask = |name: &str, typed: &str| {
        let (name, typed) = (format!("User-Name = \"{name}\""), format!("User-Password = \"{typed}\""));
        demo.access(&[&name, &typed])
    };
    for (name, typed) in [("alice", "wrong"), ("bob", "demo"), ("dave", "demo"), ("zoe", "demo")] {
        let printed = ask(name, typed);
        assert!(reply(&printed)[0].starts_with("Received Access-Reject"), "{printed}");
        assert_eq!(reply(&printed).last(), Some(&"Reply-Message = \"Authentication failed.\""), "{printed}");
    }
    let printed = ask("DEMO\\\\erin", "demo");
    assert!(reply(&printed)[0].starts_with("Received Access-Accept"), "{printed}");
    let printed = demo.access(&["User-Name = \"alice\"", "CHAP-Password = \"demo\""]);
    assert_eq!(reply(&printed).last(), Some(&"Reply-Message = \"PAP required\""), "{printed}");
}

#[test]
fn radclient_gets_an_answer_to_its_status_and_none_with_another_secret() {
    let demo = Demo::start();
    let printed = demo.radclient("status", &demo.radius.1, &[]);
    assert!(reply(&printed)[0].starts_with("Received Access-Accept"), "{printed}");
    let printed = demo.radclient("status", "another secret, also long", &[]);
    assert!(reply(&printed).is_empty() && printed.contains("No reply from server"), "{printed}");
}
