//! The script of the page for Parallels RAS administrators, run as it stands there.

use std::io::Write;
use std::process::{Command, Stdio};

use super::peers::{Peers, code_to};
use super::place::{ADMIN_PASSWORD, Place};

#[test]
fn the_script_of_the_page_leads_from_log_on_to_a_sign_in() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(50);
    place.ok(&["user", "add", "anna", "--email", "anna@example.org", "--password-stdin"], "a long password\n");
    let server = place.serve();
    let mut bash = Command::new("bash");
    bash.args(["-c", &script()])
        .env("BASE", format!("http://{}", server.http))
        .env("SMTP", sink.addr().to_string())
        .env("ADMIN_PASSWORD", ADMIN_PASSWORD)
        .env("ANNA_PASSWORD", "a long password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut bash = bash.spawn().unwrap();
    let mut typing = bash.stdin.take().unwrap();
    let waiting = std::thread::spawn(move || bash.wait_with_output().unwrap());
    let code = code_to(&sink, "anna@example.org");
    assert_eq!(code.len(), 8, "the provider of the script");
    writeln!(typing, "{code}").unwrap();
    drop(typing);
    let output = waiting.join().unwrap();
    let (said, complained) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{said}\n{complained}");
    assert_eq!(said.lines().next(), Some("provider 2"), "{said}");
    assert!(said.contains("A code is asked for: the rule excepts"), "{said}");
    assert_eq!(said.lines().last(), Some("ACCEPT"), "{said}\n{complained}");
}

/// The one block of shell on the page.
fn script() -> String {
    let page = include_str!("../../../../../docs/integrate/parallels-ras.md");
    let (_, rest) = page.split_once("```bash\n").expect("a script");
    let (script, rest) = rest.split_once("\n```\n").expect("its end");
    assert!(!rest.contains("```bash"), "one script");
    script.to_owned()
}
