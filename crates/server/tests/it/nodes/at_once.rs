//! Gear that asks all its servers at once, so that it need not wait for a dead one.

use super::trio::{PIN, SECRET, Trio};
use crate::radius::wire::{ACCEPT, CHALLENGE, REJECT, Request};

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

/// As many as an account may ask for at once.
const ROUNDS: usize = 5;
