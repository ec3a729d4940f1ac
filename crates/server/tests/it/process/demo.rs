//! `otpost demo`: what it promises on standard output, and everything gone at the end.

use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::http::{Answer, Client};
use super::place::{Guard, bare, finish, free, is_listening, until};

#[test]
fn the_demo_prints_what_it_promises_and_signs_alice_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let (address, radius, started) = (free(), free(), Instant::now());
    let mut command = bare(&["demo", "--listen", &address.to_string(), "--radius", &radius.to_string()]);
    command.env("TMPDIR", folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = Guard(command.spawn().unwrap());
    until("the demo to listen", Duration::from_secs(5), || is_listening(address).then_some(()));
    eprintln!("demo: listening after {:?}", started.elapsed());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "one folder of its own");
    let client = Client::new(address);
    until("the demo to answer", Duration::from_secs(5), || (client.get("/mailbox.json").status == 200).then_some(()));
    let challenge = curl(&format!("curl -d user=alice -d pass=demo http://{address}/validate/check"));
    let id = challenge["detail"]["transaction_id"].as_str().expect("a challenge").to_owned();
    let newest = until("the mail", Duration::from_secs(5), || {
        client.get("/mailbox.json").json().get(0).filter(|mail| mail["to"] == "alice@demo.example").cloned()
    });
    let text = newest["text"].as_str().unwrap();
    let code = text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())).unwrap();
    let answer = [("user", "alice"), ("pass", code), ("transaction_id", id.as_str())];
    assert!(client.check(&answer).is_accepted());
    assert_eq!(client.check(&answer).verdict(), "REJECT", "the second time");
    people(&client);
    let mails = client.get("/mailbox.json").json();
    assert_eq!(mails.as_array().map(Vec::len), Some(1), "nobody else got a mail");
    let output = demo.0.stdout.take().unwrap();
    let status = demo.terminate(Duration::from_secs(10));
    assert_eq!(status.code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the folder is gone");
    printed(&std::io::read_to_string(output).unwrap(), &address.to_string(), &radius.to_string());
}

#[test]
fn a_closed_terminal_ends_the_demo_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = free();
    let mut command = bare(&["demo", "--listen", &address.to_string(), "--radius", "127.0.0.1:0"]);
    command.env("TMPDIR", folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut demo = Guard(command.spawn().unwrap());
    until("the demo to listen", Duration::from_secs(5), || is_listening(address).then_some(()));
    demo.signal("HUP");
    assert_eq!(demo.wait(Duration::from_secs(10)).code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the folder is gone");
}

/// Strangers, the locked-out and the not enrolled look alike; the excepted one needs no code.
fn people(client: &Client) {
    let first = |user: &str| client.check(&[("user", user), ("pass", "demo")]);
    let refusals: Vec<_> = ["dave", "bob", "carol", "zoe"].map(|user| timeless(&first(user))).into_iter().collect();
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    assert_eq!(refusals[0]["result"]["authentication"], "REJECT");
    let erin = first("erin");
    assert!(erin.is_accepted(), "{}", erin.body);
    assert_eq!(client.check(&[("user", "erin"), ("pass", "wrong")]).verdict(), "REJECT");
}

/// An answer without the time it was given at.
fn timeless(answer: &Answer) -> Value {
    let mut json = answer.json();
    json.as_object_mut().unwrap().remove("time");
    json["http"] = answer.status.into();
    json
}

/// Runs a printed line as a person would.
fn curl(line: &str) -> Value {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "this test needs curl (apt-get install curl): {text}");
    serde_json::from_str(&text).unwrap()
}

/// The lines of the contract, and nothing else.
fn printed(output: &str, address: &str, radius: &str) {
    let lines: Vec<_> = output.lines().collect();
    let page = |path: &str| format!("{:<33}", format!("http://{address}{path}"));
    let (console, api) =
        (format!("  Console   {}admin / ", page("/console")), format!("  API       {}key otpk_", page("/openapi")));
    let [head, sign_in, mailbox, console_line, radius_line, api_line, hint] = lines[..] else {
        panic!("not seven lines: {output}");
    };
    assert_eq!(head, "Otpost demo: made-up people, mails stay on this machine. Ctrl-C stops it.");
    assert_eq!(sign_in, format!("  Sign in   {}alice / demo", page("/")));
    assert_eq!(mailbox, format!("  Mailbox   {}every mail appears here", page("/mailbox")));
    assert!(console_line.strip_prefix(&console).is_some_and(|rest| rest.len() == 19), "{console_line}");
    let secret = radius_line.strip_prefix(&format!("  RADIUS    {radius:<33}secret "));
    assert!(secret.is_some_and(|secret| secret.len() == 29), "{radius_line}");
    assert!(api_line.strip_prefix(&api).is_some_and(|rest| rest.len() > 20), "{api_line}");
    assert_eq!(hint, format!("Try:  curl -d user=alice -d pass=demo http://{address}/validate/check"));
}

#[test]
fn a_port_that_is_taken_is_named_with_the_flag_that_moves_it() {
    let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let taken = [("--listen", tcp.local_addr().unwrap()), ("--radius", udp.local_addr().unwrap())];
    for (flag, address) in taken {
        let other = if flag == "--listen" { "--radius" } else { "--listen" };
        let said = finish(bare(&["demo", flag, &address.to_string(), other, "127.0.0.1:0"]), "");
        assert_eq!((said.code, said.out.as_str()), (7, ""), "{}", said.err);
        let words = [format!("cannot listen on {address}: "), format!("such as {flag} 127.0.0.1:0")];
        assert!(words.iter().all(|words| said.err.contains(words)), "{}", said.err);
    }
}
