//! Wrong guesses stay charged: over challenges, over parallel callers, over a process that was killed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::http::Client;
use super::peers::{Peers, code_to};
use super::place::{Place, until};

/// A guess that is not the code.
struct Guess {
    serial: String,
    id: String,
    code: String,
}

#[test]
fn of_320_parallel_wrong_guesses_over_20_challenges_eight_per_account_are_compared_across_a_kill() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(100);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/system/setConfig", &[("email.concurrent_challenges", "1"), ("email.validtime", "240")]);
    let mut guesses = Vec::new();
    for account in 0..ACCOUNTS {
        let serial = format!("GUESS{account}");
        let address = format!("guess{account}@example.org");
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", &address)]);
        let ids: Vec<_> = (0..5).map(|_| server.client().begin(&[("serial", &serial), ("pass", "")])).collect();
        let is_all = || sink.mails().iter().filter(|mail| mail.to == address).count() == 5;
        until("five mails", Duration::from_secs(10), || is_all().then_some(()));
        let right: Vec<_> = sink.mails().iter().map(crate::app::code_in).collect();
        let wrong = (100_000..100_100).map(|code: u32| code.to_string()).find(|code| !right.contains(code)).unwrap();
        let each = |id: &String| Guess { serial: serial.clone(), id: id.clone(), code: wrong.clone() };
        guesses.extend(ids.iter().flat_map(|id| (0..16).map(move |_| each(id))));
    }
    assert_eq!(guesses.len(), 320);
    let answered = AtomicUsize::new(0);
    let left = Mutex::new(guesses);
    let first = server.client();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| guess(&first, &left, &answered));
        }
        until("the first answers", Duration::from_secs(10), || (answered.load(Ordering::SeqCst) >= 12).then_some(()));
        server.child.kill();
    });
    let before = place.audited("wrong-code").len();
    let server = place.serve();
    let second = server.client();
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| guess(&second, &left, &answered));
        }
    });
    let mut compared: HashMap<String, usize> = HashMap::new();
    for serial in place.audited("wrong-code") {
        *compared.entry(serial).or_default() += 1;
    }
    eprintln!("guesses: {before} compared before the kill, by account {compared:?}");
    assert!(left.into_inner().unwrap().is_empty());
    assert_eq!(compared.len(), ACCOUNTS);
    assert!(compared.values().all(|count| *count == 8), "{compared:?}");
}

/// Guesses what is left until nothing is, or nobody answers.
fn guess(client: &Client, left: &Mutex<Vec<Guess>>, answered: &AtomicUsize) {
    loop {
        let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(Guess { serial, id, code }) = next else { return };
        let fields = [("serial", serial.as_str()), ("pass", code.as_str()), ("transaction_id", id.as_str())];
        match client.try_post("/validate/check", &fields) {
            Ok(answer) => {
                assert!(!answer.is_accepted(), "a wrong code");
                answered.fetch_add(1, Ordering::SeqCst);
            }
            Err(_) => return left.lock().unwrap_or_else(PoisonError::into_inner).push(Guess { serial, id, code }),
        }
    }
}

#[test]
fn after_eight_acknowledged_wrong_guesses_and_a_kill_the_right_code_is_not_compared() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(100);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "main", sink.addr());
    admin.done("/system/setConfig", &[("email.concurrent_challenges", "1")]);
    admin.done("/token/init", &[("type", "email"), ("serial", "NINE"), ("email", "nine@example.org")]);
    let mut client = server.client();
    let mut server = server;
    for round in 0..2 {
        let id = client.begin(&[("serial", "NINE"), ("pass", "")]);
        let is_there = || sink.mails().len() == round + 1;
        until("the mail", Duration::from_secs(10), || is_there().then_some(()));
        let right = code_to(&sink, "nine@example.org");
        let wrong = if right == "123456" { "654321" } else { "123456" };
        for _ in 0..4 {
            let said = client.check(&[("serial", "NINE"), ("pass", wrong), ("transaction_id", &id)]);
            assert_eq!(said.verdict(), "REJECT");
        }
        server.child.kill();
        server = place.serve();
        client = server.client();
        assert_eq!(place.audited("wrong-code").len(), (round + 1) * 4);
        if round == 1 {
            let said = client.check(&[("serial", "NINE"), ("pass", &right), ("transaction_id", &id)]);
            assert_eq!(said.verdict(), "REJECT", "the ninth guess is not compared, not even a right one");
        }
    }
    assert_eq!(place.audited("guess-budget-spent").len(), 1);
    assert_eq!(place.audited("wrong-code").len(), 8);
}

const ACCOUNTS: usize = 4;
