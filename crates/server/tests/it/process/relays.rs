//! Relays that misbehave, seen from outside: sign-ins stay fast, the mails of others arrive, memory
//! stays flat.

use std::time::Duration;

use super::http::Client;
use super::peers::{Peers, mail_to};
use super::place::{Place, Server, free, until};
use super::scripted_relay::{Act, Stage};

#[test]
fn a_live_fallback_relay_takes_the_mails_of_a_dead_primary() {
    let (place, peers) = (Place::ready(), Peers::new());
    let sink = peers.sink(20);
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, "dead", free());
    server.relay(&admin, "live", sink.addr());
    admin.done("/system/setConfig", &[("email.identifier", "dead,live")]);
    for number in 0..10 {
        let (serial, to) = (format!("F{number}"), format!("f{number}@example.org"));
        admin.done("/token/init", &[("type", "email"), ("serial", &serial), ("email", &to)]);
        server.client().begin(&[("serial", &serial), ("pass", "")]);
        assert_eq!(mail_to(&sink, &to).to, to);
    }
}

#[test]
fn sign_ins_beside_a_silent_relay_stay_fast_and_mails_through_another_one_arrive() {
    beside("silent", Act::Silent, Stage::Banner);
}

#[test]
fn sign_ins_beside_a_relay_that_puts_us_off_stay_fast_and_mails_through_another_one_arrive() {
    beside("later", Act::Say("451 4.3.2 come back later"), Stage::Mail);
}

#[test]
fn sign_ins_beside_a_relay_that_refuses_and_quotes_stay_fast_and_mails_through_another_one_arrive() {
    let log = beside("echo", Act::QuoteBody("554 5.7.1"), Stage::Dot);
    assert!(log.contains("mail given up"), "{log}");
    let is_code = |word: &str| word.len() == 14 && word.bytes().all(|byte| byte.is_ascii_digit());
    assert!(!log.split(|c: char| !c.is_ascii_alphanumeric()).any(is_code), "a code in the log: {log}");
}

#[test]
fn sign_ins_beside_a_slow_relay_stay_fast_and_mails_through_another_one_arrive() {
    beside("slow", Act::Drip, Stage::Rcpt);
}

/// Twenty sign-ins of people behind the bad relay, then one of somebody behind a good one.
fn beside(name: &str, act: Act, stage: Stage) -> String {
    let (place, peers) = (Place::ready(), Peers::new());
    let (bad, good) = (peers.scripted(&[(stage, act)]), peers.sink(20));
    let server = place.serve();
    let admin = server.admin();
    server.relay(&admin, name, bad.addr);
    server.relay(&admin, "good", good.addr());
    admin.done("/system/setConfig", &[("email.identifier", name), ("DefaultOtpLen", "14")]);
    enroll(&admin, "GOOD", "good@example.org");
    admin.done("/token/info/GOOD/email.identifier", &[("value", "good")]);
    let slowest = sign_in(&server, &admin, 20);
    until("the bad relay to be asked", Duration::from_secs(10), || (bad.seen().connections > 0).then_some(()));
    let started = tokio::time::Instant::now();
    let own = server.client().check(&[("serial", "GOOD"), ("pass", "")]);
    assert!(own.took < FAST, "{:?}", own.took);
    assert_eq!(mail_to(&good, "good@example.org").to, "good@example.org");
    let waited = started.elapsed();
    eprintln!("{name}: slowest sign-in {slowest:?}, another's mail after {waited:?}");
    assert!(waited < OTHERS_WAIT, "{waited:?}");
    drop(server);
    place.read("stderr")
}

#[test]
fn two_hundred_mails_into_replies_of_ten_megabytes_leave_memory_flat() {
    for act in [Act::LongLine, Act::ManyLines] {
        let (place, peers) = (Place::ready(), Peers::new());
        let flood = peers.scripted(&[(Stage::Rcpt, act)]);
        let server = place.serve();
        let admin = server.admin();
        server.relay(&admin, "flood", flood.addr);
        sign_in(&server, &admin, 200);
        let asked = || flood.seen().commands.iter().filter(|line| line.starts_with("RCPT")).count();
        until("the mails to be tried", Duration::from_secs(30), || (asked() >= 200).then_some(()));
        let peak = memory(&server, "VmHWM");
        eprintln!(
            "{act:?}: peak {peak} KiB, now {} KiB, {} octets taken",
            memory(&server, "VmRSS"),
            flood.seen().flooded
        );
        assert!(peak < 150 * 1024, "{peak} KiB");
    }
}

fn enroll(admin: &Client, serial: &str, to: &str) {
    admin.done("/token/init", &[("type", "email"), ("serial", serial), ("email", to)]);
}

/// So many people sign in; none of them waits for the mail. The slowest answer.
fn sign_in(server: &Server, admin: &Client, people: usize) -> Duration {
    let client = server.client();
    let mut slowest = Duration::ZERO;
    for number in 0..people {
        let serial = format!("P{number}");
        enroll(admin, &serial, &format!("p{number}@example.org"));
        let answer = client.check(&[("serial", &serial), ("pass", "")]);
        assert_eq!(answer.verdict(), "CHALLENGE", "{}", answer.body);
        assert!(answer.took < FAST, "{:?}", answer.took);
        slowest = slowest.max(answer.took);
    }
    slowest
}

/// A line of the process's memory, in KiB.
fn memory(server: &Server, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.0.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

const FAST: Duration = Duration::from_secs(1);
/// Below the five seconds that one attempt at the bad relay may take: nobody waits in line behind it.
const OTHERS_WAIT: Duration = Duration::from_secs(4);
