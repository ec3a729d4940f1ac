//! What is changed at one node is in force at all of them within five seconds: settings and texts, keys, tokens,
//! people, sessions. Told by the database, and where nobody is told.

use std::time::Duration;

use tokio::time::Instant;

use super::trio::Trio;
use crate::process::http::{Answer, Client};
use crate::process::place::{ADMIN_PASSWORD, until};

#[test]
fn a_change_at_one_node_is_in_force_at_all_of_them() {
    let trio = Trio::start();
    change_all(&trio, "told", || ());
}

/// Every node loses the connection by which it would hear of the change, at the moment of the change.
#[test]
fn it_is_in_force_where_no_node_is_told_of_it_too() {
    let trio = Trio::start();
    change_all(&trio, "not told", || {
        let connected = || trio.database.query(LISTENERS).len();
        until("all nodes to listen", Duration::from_secs(10), || (connected() == trio.nodes.len()).then_some(()));
        assert_eq!(trio.database.query(DEAFEN).len(), trio.nodes.len());
    });
}

fn change_all(trio: &Trio, how: &str, before: impl Fn()) {
    for (what, change) in CHANGES {
        let (change, is_followed) = change(trio);
        before();
        change();
        let changed = Instant::now();
        let took = [1, 2].map(|node| {
            until(&format!("node {node} to follow: {what}, {how}"), PROMISED, || is_followed(node).then_some(()));
            changed.elapsed()
        });
        eprintln!("| {what} | {how} | {:.2} s | {:.2} s |", took[0].as_secs_f32(), took[1].as_secs_f32());
    }
}

/// How it is changed at the first node, and whether a node follows.
type Prepared<'a> = (Box<dyn Fn() + 'a>, Box<dyn Fn(usize) -> bool + 'a>);

const CHANGES: [(&str, fn(&Trio) -> Prepared<'_>); 5] = [
    ("a provider's text", text),
    ("an API key is revoked", key),
    ("a token is switched off", token),
    ("a person is locked out", person),
    ("an administrator signs out", session),
];

fn text(trio: &Trio) -> Prepared<'_> {
    enroll(trio, "TEXT");
    let new = "What does the newest mail say?";
    let begin = |node| begin(trio, node, "TEXT").json()["detail"]["message"].clone();
    assert!([0, 1, 2].iter().all(|node| begin(*node) != new));
    let fields = [("email.challenge_text", new)];
    (Box::new(move || drop(trio.admin.done("/system/setConfig", &fields))), Box::new(move |node| begin(node) == new))
}

fn key(trio: &Trio) -> Prepared<'_> {
    let key = trio.nodes[0].ok(&["api-key", "add", "k", "--scope", "validate:check"]).trim().to_owned();
    let id = key.split('_').nth(1).expect("an id").to_owned();
    let admitted = move |node| {
        let client = Client { api_key: Some(key.clone()), ..trio.client(node) };
        client.check(&[("serial", "NOBODY"), ("pass", "")]).status == 200
    };
    for node in 0..3 {
        until("the key to be known", PROMISED, || admitted(node).then_some(()));
    }
    // By another process: no node has made this change itself.
    let revoke = move || drop(trio.nodes[0].ok(&["api-key", "revoke", &id]));
    (Box::new(revoke), Box::new(move |node| !admitted(node)))
}

fn token(trio: &Trio) -> Prepared<'_> {
    enroll(trio, "OFF");
    let is_refused = |node| begin(trio, node, "OFF").verdict() == "REJECT";
    assert!(![1, 2].iter().any(|node| is_refused(*node)));
    let disable = || drop(trio.admin.done("/token/disable/OFF", &[]));
    (Box::new(disable), Box::new(is_refused))
}

fn person(trio: &Trio) -> Prepared<'_> {
    trio.admin.done("/user/", &[("resolver", "local"), ("user", "leo"), ("email", "leo@example.org")]);
    let enrolled = [("type", "email"), ("serial", "LEO"), ("user", "leo"), ("email", "leo@example.org")];
    trio.admin.done("/token/init", &enrolled);
    trio.admin.done("/token/set", &[("serial", "LEO"), ("max_failcount", "1")]);
    let begin = |node| trio.client(node).check(&[("user", "leo"), ("pass", "")]);
    let id = begin(0).transaction().expect("a challenge");
    assert!([1, 2].iter().all(|node| begin(*node).transaction().as_ref() == Some(&id)));
    // At most one of a million codes is this one.
    let wrong = move || drop(trio.client(0).check(&[("user", "leo"), ("pass", "000000"), ("transaction_id", &id)]));
    (Box::new(wrong), Box::new(move |node| begin(node).verdict() == "REJECT"))
}

fn session(trio: &Trio) -> Prepared<'_> {
    let fields = [("name", "admin"), ("password", ADMIN_PASSWORD)];
    let head = trio.client(0).post("/console/signin", &fields).head;
    let cookies = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookies: Vec<&str> = cookies.filter(|cookie| cookie.contains("console=")).collect();
    let cookie = (*cookies.last().expect("a session")).to_owned();
    let browser = move |node| trio.client(node).with("Cookie", &cookie);
    let page = browser(0).get("/console").body;
    let (_, proof) = page.split_once("name=\"proof\" value=\"").expect("a form");
    let proof = proof.split('"').next().unwrap_or_default().to_owned();
    let is_out = {
        let browser = browser.clone();
        move |node| browser(node).get("/console").status == 303
    };
    assert!(![1, 2].iter().any(|node| is_out(*node)), "a session is one at every node");
    let sign_out = move || drop(browser(0).post("/console/signout", &[("proof", &proof)]));
    (Box::new(sign_out), Box::new(is_out))
}

fn enroll(trio: &Trio, serial: &str) {
    trio.admin.done("/token/init", &[("type", "email"), ("serial", serial), ("email", "somebody@example.org")]);
}

fn begin(trio: &Trio, node: usize, serial: &str) -> Answer {
    trio.client(node).check(&[("serial", serial), ("pass", "")])
}

const PROMISED: Duration = Duration::from_secs(5);
const LISTENERS: &str = "SELECT pid FROM pg_stat_activity \
    WHERE datname = current_database() AND query = 'LISTEN otpost_settings'";
const DEAFEN: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND query = 'LISTEN otpost_settings'";
