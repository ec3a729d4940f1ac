//! Gear that asks all its servers at once, so that it need not wait for a dead one.

use super::trio::{PIN, SECRET, Trio};
use crate::radius::wire::{ACCEPT, CHALLENGE, REJECT, Reply, Request};

#[test]
fn a_packet_at_all_nodes_at_once_mails_once_and_is_accepted_once() {
    let trio = Trio::start();
    for round in 1..=ROUNDS {
        let (first, second) = (u8::try_from(2 * round).unwrap(), u8::try_from(2 * round + 1).unwrap());
        let challenges = trio.ask_all(&Request::access(first, SECRET).user("alice").password(PIN));
        let state = challenges[0].state();
        assert!(challenges.iter().all(|reply| reply.code == CHALLENGE && reply.state() == state), "{challenges:?}");
        let answer = Request::access(second, SECRET).user("alice").password(trio.code(round)).with(24, &state);
        let answers = trio.ask_all(&answer);
        let count = |code| answers.iter().filter(|reply| reply.code == code).count();
        assert_eq!((count(ACCEPT), count(REJECT)), (1, 2), "{answers:?}");
        assert_eq!(trio.sink.mails().len(), round, "one mail for each sign-in");
    }
}

#[test]
fn one_sign_in_on_the_page_of_one_node_opens_one_door_of_all() {
    let vpn = "mode = \"code\"\nassert_client = true\nfront_door = \"same-address\"";
    let trio = Trio::start_with(vpn);
    let begun = trio.client(0).post("/signin", &[("name", "alice"), ("password", PIN)]);
    let line = |name: &str| {
        let mut lines = begun.head.lines();
        lines.find_map(|line| line.to_ascii_lowercase().starts_with(name).then(|| line[name.len()..].to_owned()))
    };
    let (cookie, path) = (line("set-cookie: ").expect("a cookie"), line("location: ").expect("a page"));
    let (cookie, id) = (cookie.split(';').next().unwrap(), path.rsplit('/').next().unwrap());
    let answer = [("id", id), ("code", &trio.code(1))];
    let done = trio.client(1).with("Cookie", cookie).post("/signin/code", &answer);
    assert!(done.head.to_ascii_lowercase().contains("location: /signin/done"), "{}", done.head);
    let from = |id, address| Request::access(id, SECRET).user("alice").with(31, address);
    let count = |replies: &[Reply], code| replies.iter().filter(|reply| reply.code == code).count();
    assert_eq!(count(&trio.ask_all(&from(1, "192.0.2.7")), REJECT), 3, "from elsewhere");
    let replies = trio.ask_all(&from(2, "127.0.0.1"));
    assert_eq!((count(&replies, ACCEPT), count(&replies, REJECT)), (1, 2), "{replies:?}");
    assert_eq!(count(&trio.ask_all(&from(3, "127.0.0.1")), REJECT), 3, "no more");
}

/// As many as an account may ask for at once.
const ROUNDS: usize = 5;
