//! Bad days of a directory: every answer is bounded, nobody gets in or is enrolled by accident, other
//! people are not held up, and it works again within five seconds. The tests print what came of it.

use std::time::Duration;

use private_directory::certificate::Flaw;
use private_directory::proxy::{LdapProxy, Weather};
use private_directory::slapd::{PASSWORD, Slapd};
use tokio::time::Instant;

use super::{Resolver, begin, connected, enroll, mails_to, sign_in};
use crate::app::TestApp;

/// A running product between a directory and people: alice of the directory, lena of its own database.
struct Rig {
    test: TestApp,
}

impl Rig {
    async fn start(resolver: &Resolver) -> Self {
        let test = connected(resolver).await;
        enroll(&test, "alice").await;
        test.enroll("lena", "1234").await;
        sign_in(&test, "alice", PASSWORD, ALICE).await;
        Self { test }
    }

    /// What came of one fault.
    async fn endure(&self, name: &str) {
        // Nothing that was learnt or begun before may hide the fault.
        self.test.clock.advance(Duration::from_secs(300));
        let mails = mails_to(&self.test, ALICE);
        let started = Instant::now();
        let others = async {
            let reply = self.test.check(&[("user", "lena"), ("realm", "test"), ("pass", "1234")]).await;
            (reply.authentication(), started.elapsed())
        };
        let (hers, (theirs, waited)) = tokio::join!(begin(&self.test, "alice", PASSWORD), others);
        let took = started.elapsed();
        assert!(!["ACCEPT", "CHALLENGE"].contains(&hers.authentication().as_str()), "{name}: {}", hers.text());
        assert!(took < BOUND, "{name}: answered after {took:?}");
        assert_eq!(theirs, "CHALLENGE", "{name}: others are not affected");
        assert!(waited < Duration::from_secs(2), "{name}: others waited {waited:?}");
        let unknown = self.test.admin("POST", "/token/init", &ENROLL_BOB).await;
        assert_ne!(unknown.status, 200, "{name}: nobody is enrolled on a guess: {}", unknown.text());
        assert_eq!(mails_to(&self.test, ALICE), mails, "{name}");
        eprintln!("| {name} | {} {} | {took:.1?} | {waited:.1?} |", hers.status.as_u16(), hers.authentication());
    }

    /// The fault is over: five seconds are enough.
    async fn recover(&self, name: &str) {
        let (started, mails) = (Instant::now(), mails_to(&self.test, ALICE));
        loop {
            self.test.clock.advance(Duration::from_millis(200));
            let reply = begin(&self.test, "alice", PASSWORD).await;
            if reply.authentication() == "CHALLENGE" {
                eprintln!("| {name}: works again | | {:.1?} | |", started.elapsed());
                self.test.mails_to(ALICE, mails + 1).await;
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(5), "{name}: still {}", reply.text());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_road_that_breaks_is_a_bounded_refusal_and_no_more() {
    let slapd = Slapd::start().unwrap();
    let mut road = LdapProxy::start(slapd.address()).unwrap();
    let url = format!("ldap://{}", road.address());
    let rig = Rig::start(&Resolver::of_slapd(&slapd).with("LDAPURI", &url)).await;
    eprintln!("{HEAD}");
    for (name, weather) in [
        ("nobody listens", Weather::Closed),
        ("cut before an answer", Weather::CutAfter(0)),
        ("half an answer, then an end", Weather::CutAfter(9)),
        ("reset in the middle of a bind", Weather::ResetAfter(5)),
        ("reset before an answer", Weather::ResetAfter(0)),
    ] {
        road.cut();
        road.turn(weather).unwrap();
        rig.endure(name).await;
        road.turn(Weather::Fair).unwrap();
        rig.recover(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ended_while_it_lay_there_costs_nobody_an_answer() {
    let slapd = Slapd::start().unwrap();
    for (address, scheme) in [(slapd.address(), "ldap"), (slapd.tls_address(), "ldaps")] {
        let road = LdapProxy::start(address).unwrap();
        let url = format!("{scheme}://{}", road.address());
        let rig = Rig::start(&Resolver::of_slapd(&slapd).with("LDAPURI", &url)).await;
        for _ in 0..3 {
            road.cut();
            rig.test.clock.advance(Duration::from_secs(60));
            sign_in(&rig.test, "alice", PASSWORD, ALICE).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn octets_that_mean_nothing_are_a_bounded_refusal() {
    let slapd = Slapd::start().unwrap();
    eprintln!("{HEAD}");
    for (kind, address, scheme) in [("in clear", slapd.address(), "ldap"), ("in TLS", slapd.tls_address(), "ldaps")] {
        let mut road = LdapProxy::start(address).unwrap();
        let url = format!("{scheme}://{}", road.address());
        let rig = Rig::start(&Resolver::of_slapd(&slapd).with("LDAPURI", &url)).await;
        road.turn(Weather::Garbled).unwrap();
        rig.endure(&format!("garbage {kind}")).await;
        road.turn(Weather::Fair).unwrap();
        road.cut();
        rig.recover(&format!("garbage {kind}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_takes_its_time_holds_nobody_else_up() {
    let slapd = Slapd::start().unwrap();
    let mut road = LdapProxy::start(slapd.tls_address()).unwrap();
    let url = format!("ldaps://{}", road.address());
    let rig = Rig::start(&Resolver::of_slapd(&slapd).with("LDAPURI", &url)).await;
    eprintln!("{HEAD}");
    for (name, weather) in
        [("ten seconds an answer", Weather::Slow(Duration::from_secs(10))), ("no answer at all", Weather::Silent)]
    {
        road.turn(weather).unwrap();
        rig.endure(name).await;
        road.turn(Weather::Fair).unwrap();
        road.cut();
        rig.recover(name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_stopped_killed_or_frozen_comes_back() {
    let mut slapd = Slapd::start().unwrap();
    let rig = Rig::start(&Resolver::of_slapd(&slapd)).await;
    eprintln!("{HEAD}");
    slapd.pause().unwrap();
    rig.endure("frozen").await;
    slapd.resume().unwrap();
    rig.recover("frozen").await;
    slapd.stop().unwrap();
    rig.endure("stopped").await;
    slapd.start_again().unwrap();
    rig.recover("stopped").await;
    slapd.kill_9().unwrap();
    rig.endure("killed").await;
    slapd.start_again().unwrap();
    rig.recover("killed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_wrong_lets_nobody_in() {
    let mut slapd = Slapd::start().unwrap();
    let rig = Rig::start(&Resolver::of_slapd(&slapd)).await;
    eprintln!("{HEAD}");
    for flaw in [Flaw::Expired, Flaw::OtherName, Flaw::UnknownAuthority] {
        slapd.start_again_with(flaw).unwrap();
        rig.endure(&format!("certificate: {flaw:?}")).await;
    }
    slapd.start_again_with(Flaw::None).unwrap();
    rig.recover("certificate").await;
}

/// Two tries of one second each, a connection to make, and a busy machine.
const BOUND: Duration = Duration::from_secs(8);
const ALICE: &str = "alice@example.org";
const ENROLL_BOB: [(&str, &str); 4] =
    [("type", "email"), ("user", "bob"), ("realm", "corp"), ("email", "bob@example.org")];
const HEAD: &str = "| fault | answer | after | others after |\n| --- | --- | --- | --- |";
