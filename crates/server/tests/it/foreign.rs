//! Foreign judges: programs that other people wrote and everybody has, against the real binary.

pub(crate) mod judges;
mod pyrad;
mod radclient;
pub(crate) mod recipes;
mod schemathesis;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use otpost::demo::sink::Sink;
use serde_json::Value;

/// A running demonstration; it ends with this value.
pub(crate) struct Demo {
    child: Child,
    base: String,
    /// Address and secret of RADIUS.
    pub(crate) radius: (String, String),
    /// A key that may do everything.
    key: String,
    /// The password of the administrator `admin`.
    password: String,
}

impl Demo {
    /// Starts it on a free port and reads from its greeting where it listens.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_otpost"))
            .args(["demo", "--listen", "127.0.0.1:0", "--radius", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut greeting = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let mut words = |start: &str| -> Vec<String> {
            let line = greeting.find(|line| line.trim_start().starts_with(start)).expect("the greeting");
            line.split_whitespace().map(str::to_owned).collect()
        };
        let password = words("Console").pop().expect("a password");
        let radius = words("RADIUS");
        let key = words("API").pop().expect("a key");
        let url = words("Try:").pop().expect("an address");
        let base = url.trim_end_matches("/validate/check").to_owned();
        Self { child, base, radius: (radius[1].clone(), radius[3].clone()), key, password }
    }

    /// What `curl` prints, as JSON.
    fn curl(&self, path: &str, args: &[&str]) -> Value {
        let printed = run("curl", &[&["-s", "--max-time", "10"], args, &[&format!("{}{path}", self.base)]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|_| panic!("not JSON: {printed}"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Told, not killed: it takes its folder along.
        run("kill", &["-TERM", &self.child.id().to_string()]);
        drop(self.child.wait());
    }
}

fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install Debian's package of that name"));
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8(output.stderr).unwrap_or_default());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn curl_begins_a_sign_in_as_form_multipart_and_json() {
    let demo = Demo::start();
    let json = r#"{"user": "alice", "pass": "demo"}"#;
    let ways: [&[&str]; 3] = [
        &["-d", "user=alice", "-d", "pass=demo"],
        &["-F", "user=alice", "-F", "pass=demo"],
        &["-H", "Content-Type: application/json", "-d", json],
    ];
    let ids = ways.map(|way| demo.curl("/validate/check", way)["detail"]["transaction_id"].clone());
    assert!(ids[0].as_str().is_some_and(|id| id.len() == 20), "{ids:?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "one sign-in, continued: {ids:?}");
}

#[test]
fn curl_hands_a_code_in_once() {
    let demo = Demo::start();
    let begun = demo.curl("/validate/check", &["-d", "user=alice", "-d", "pass=demo"]);
    let id = format!("transaction_id={}", begun["detail"]["transaction_id"].as_str().expect("an id"));
    let code = format!("pass={}", newest_code(&demo));
    for expected in [true, false] {
        let answer = demo.curl("/validate/check", &["-d", "user=alice", "-d", &id, "-d", &code]);
        assert_eq!(answer["result"]["value"], expected, "{answer}");
    }
}

pub(crate) fn newest_code(demo: &Demo) -> String {
    for _ in 0..500 {
        let mails = demo.curl("/mailbox.json", &[]);
        let text = mails[0]["text"].as_str().unwrap_or_default().to_owned();
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(code) = text.lines().find(is_code) {
            return code.to_owned();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("no mail came within five seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn swaks_finds_a_real_mail_server_in_the_sink() {
    let sink = Sink::start("127.0.0.1:0".parse().unwrap(), 10).await.unwrap();
    let server = sink.addr().to_string();
    let sent = tokio::task::spawn_blocking(move || {
        let envelope = ["--from", "a@example.org", "--to", "b@example.org", "--header", "Subject: from swaks"];
        run("swaks", &[&["--server", &server, "--helo", "localhost"], &envelope[..]].concat())
    });
    assert!(sent.await.unwrap().contains("250"));
    let mails = sink.mails();
    assert_eq!((mails[0].to.as_str(), mails[0].subject.as_str()), ("b@example.org", "from swaks"));
}
