//! The same first step at several nodes, the copies after the sign-in has ended: one mail all the same.

use std::thread;
use std::time::Duration;

use super::trio::{PIN, SECRET, Trio};
use crate::process::http::Client;
use crate::process::place::until;
use crate::radius::wire::{ACCEPT, CHALLENGE, Request};

const FIRST_STEP: &[(&str, &str)] = &[("user", "alice"), ("pass", PIN)];

#[test]
fn copies_at_other_nodes_mail_nothing_however_late_they_come() {
    let trio = Trio::start();
    let named = |node, name: &str| trio.client(node).with("Idempotency-Key", name);
    let id = named(0, "k-1").begin(FIRST_STEP);
    let code = trio.code(1);
    let answer = [("user", "alice"), ("pass", code.as_str()), ("transaction_id", id.as_str())];
    assert!(trio.client(1).check(&answer).is_accepted());
    for node in [1, 2, 0] {
        assert_eq!(named(node, "k-1").begin(FIRST_STEP), id, "node {node}");
    }
    assert_ne!(named(1, "k-2").begin(FIRST_STEP), id, "another name is another sign-in");
    trio.mailed(2);

    let packet = Request::access(1, SECRET).user("alice").password(PIN);
    let state = trio.ask(0, &packet).state();
    let answer = Request::access(2, SECRET).user("alice").password(trio.code(3)).with(24, &state);
    assert_eq!(trio.ask(2, &answer).code, ACCEPT);
    for node in [1, 2, 0] {
        let copy = trio.ask(node, &packet);
        assert_eq!((copy.code, copy.state()), (CHALLENGE, state.clone()), "node {node}");
    }
    race(&trio);
    let mails = trio.sink.mails().len();
    assert_eq!(mails, 3 + ROUNDS, "one for each sign-in");
    eprintln!("nodes: {mails} mails of {mails} sign-ins, each asked for at three nodes");
}

/// Where several challenges may be open nothing but the name tells copies apart. All nodes at once.
fn race(trio: &Trio) {
    trio.admin.done("/system/setConfig", &[("email.concurrent_challenges", "1")]);
    trio.admin.done("/token/init", &[("type", "email"), ("serial", "RACE"), ("email", "race@example.org")]);
    for node in 0..3 {
        let client = Client { to: trio.client(node).to, ..trio.admin.clone() };
        let is_set = || client.get("/system/email.concurrent_challenges").json()["result"]["value"] == "1";
        until("the setting at every node", Duration::from_secs(5), || is_set().then_some(()));
    }
    let before = trio.sink.mails().len();
    for round in 0..ROUNDS {
        let name = format!("r-{round}");
        let ids: Vec<String> = thread::scope(|scope| {
            let ask = |node| {
                let client = trio.client(node).with("Idempotency-Key", name.as_str());
                scope.spawn(move || client.begin(&[("serial", "RACE"), ("pass", "")]))
            };
            [0, 1, 2, 0, 1, 2].map(ask).into_iter().map(|asked| asked.join().expect("no panic")).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        trio.mailed(before + round + 1);
    }
}

/// As many as an account may ask for at once.
const ROUNDS: usize = 5;
