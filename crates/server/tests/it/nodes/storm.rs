//! Three nodes, one PostgreSQL with a standby, and a nemesis. The load never stops meanwhile.
//!
//! Seen to fail: while a first step that had been overtaken by its copy at another node replaced the
//! challenge it found, ten of two hundred sign-ins got two mails.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use private_postgres::cluster::{Cluster, Setup, Stop};
use private_postgres::standby::Replication;
use tokio::time::Instant;

use super::balancer::Balancer;
use super::checker::{check, count};
use super::evidence::{Evidence, Line, Mail, Rules, SELECT_LINES, SELECT_SERIALS, serial_in};
use super::history::{History, Op, Told};
use super::load::Load;
use super::node::Node;
use crate::process::peers::Peers;
use crate::process::place::until;

#[test]
fn whatever_is_killed_no_code_is_accepted_twice_and_nothing_acknowledged_is_lost() {
    let mut stage = Stage::set_up();
    let (peers, history, stop) = (Peers::new(), History::new(), AtomicBool::new(false));
    let sink = peers.sink(100_000);
    let (admin, server) = stage.nodes[0].server_for_setup();
    server.relay(&admin, "main", sink.addr());
    let behind = crate::process::http::Client::new(stage.balancer.address());
    let admin = crate::process::http::Client { to: behind.to, ..admin };
    let load = Load { client: behind, admin, sink: &sink, history: &history, stop: &stop };
    thread::scope(|scope| {
        for caller in 0..CALLERS {
            let load = &load;
            scope.spawn(move || load.run(caller));
        }
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stage.storm(&history)));
        stop.store(true, Ordering::SeqCst);
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    stage.wait_for_mails();
    let evidence = stage.gather(&history, sink.mails().iter().map(Mail::of).collect());
    let counts = count(&evidence);
    eprintln!(
        "nodes: {} codes issued, {} accepted, {} doubly accepted; {} acknowledged writes checked, {} lost; \
         mails per challenge {:?}; {} requests without an answer",
        counts.issued,
        counts.accepted,
        counts.accepted_twice,
        counts.writes,
        counts.lost,
        counts.mails,
        counts.ambiguous
    );
    let findings = check(&evidence);
    assert!(findings.is_empty(), "{}\n{}", findings.join("\n"), stage.nodes.iter().map(Node::said).collect::<String>());
    assert!(counts.accepted > 50, "there was hardly any load");
}

/// Everything that can be hurt.
struct Stage {
    nodes: Vec<Node>,
    balancer: Balancer,
    primary: Cluster,
    standby: Option<Cluster>,
}

impl Stage {
    fn set_up() -> Self {
        let parameters = PARAMETERS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let primary =
            Cluster::start_with(Setup { parameters, ..Setup::default() }).unwrap_or_else(|error| panic!("{error}"));
        primary.create_database(DATABASE).unwrap();
        let standby = primary.standby(Replication::Synchronous).unwrap();
        let url = primary.url(DATABASE);
        let both = format!("{},{}", primary.address(), standby.address());
        let url = format!("{}?target_session_attrs=read-write", url.replace(&primary.address().to_string(), &both));
        let first = Node::first(&url);
        let mut nodes = vec![first];
        for _ in 1..NODES {
            nodes.push(Node::beside(&nodes[0]));
        }
        let addresses: Vec<_> = nodes.iter().map(Node::address).collect();
        Self { balancer: Balancer::start(&addresses), nodes, primary, standby: Some(standby) }
    }

    /// Each act, and after it the proof that sign-ins work again.
    fn storm(&mut self, history: &History) {
        let acts: [(&str, fn(&mut Self)); 6] = [
            ("one request at two nodes", |stage| stage.balancer.send_twice_every(5)),
            ("kill -9 of a node", Self::kill_a_node),
            ("a node stands still for longer than a lease", Self::pause_a_node),
            ("a rolling restart", Self::roll),
            ("a restart of the database", Self::restart_the_database),
            ("failover to the standby", Self::fail_over),
        ];
        self.prove("the beginning", history);
        for _ in 0..rounds() {
            for (name, act) in acts {
                if name.starts_with("failover") && self.standby.is_none() {
                    continue;
                }
                act(self);
                self.prove(name, history);
            }
        }
    }

    /// Some more acceptances, soon.
    fn prove(&self, after: &str, history: &History) {
        let accepted = || history.records().iter().filter(|record| record.told == Told::Accepted).count();
        let (before, start) = (accepted(), Instant::now());
        until(&format!("sign-ins after {after}"), RECOVERY, || (accepted() >= before + PROOF).then_some(()));
        eprintln!("nodes: {PROOF} sign-ins {:?} after {after}", start.elapsed());
    }

    fn kill_a_node(&mut self) {
        self.nodes[1].kill_9();
        thread::sleep(SHORT);
        self.back(1);
    }

    /// The lease of a mail is fifteen seconds: another node takes over what this one holds.
    fn pause_a_node(&mut self) {
        self.nodes[2].pause();
        thread::sleep(LONGER_THAN_A_LEASE);
        self.nodes[2].resume();
    }

    fn roll(&mut self) {
        for number in 0..NODES {
            self.nodes[number].terminate();
            self.back(number);
        }
    }

    fn restart_the_database(&mut self) {
        self.primary.stop(Stop::Fast).unwrap();
        self.primary.start_again().unwrap();
    }

    fn fail_over(&mut self) {
        let standby = self.standby.take().expect("a standby");
        self.primary.kill_9().unwrap();
        standby.promote().unwrap();
        self.primary = standby;
    }

    fn back(&mut self, number: usize) {
        self.nodes[number].start_again();
        self.balancer.set(number, self.nodes[number].address());
    }

    /// Until no mail is left that could still be sent.
    fn wait_for_mails(&self) {
        let due = "SELECT count(*) FROM outbox o JOIN challenge c ON c.id = o.id AND c.part = o.part \
                   JOIN instance i ON i.name = 'epoch' AND i.value = int8send(c.epoch) \
                   WHERE c.state = 'open' AND o.address <> ''";
        let is_empty = || self.primary.query_one(DATABASE, due).unwrap() == "0";
        until("the last mails", Duration::from_secs(60), || is_empty().then_some(()));
    }

    fn gather(&self, history: &History, mails: Vec<Mail>) -> Evidence {
        let rows = |sql| self.primary.query(DATABASE, sql).unwrap();
        let there: BTreeSet<String> = rows(SELECT_SERIALS).into_iter().flatten().collect();
        let audit = rows(SELECT_LINES).iter().map(|row| Line::of(row)).collect();
        let rules = Rules { had_faults: true, ..Rules::default() };
        let doubled = self.balancer.doubled().iter().filter_map(|request| serial_in(request)).collect();
        let records = history.records();
        assert!(records.iter().any(|record| matches!(record.op, Op::Answer { .. })));
        Evidence { records, mails, audit, there, doubled, rules }
    }
}

/// Once for every day; more rounds where somebody asks for them.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is told from outside")]
fn rounds() -> usize {
    std::env::var("OTPOST_TEST_ROUNDS").map_or(1, |rounds| rounds.parse().expect("a number"))
}

/// The order of commits is asked for afterwards; and after a restart commits wait for the standby, which
/// looks for its primary every five seconds otherwise.
const PARAMETERS: [(&str, &str); 2] = [("track_commit_timestamp", "on"), ("wal_retrieve_retry_interval", "200ms")];
const NODES: usize = 3;
const CALLERS: usize = 4;
const DATABASE: &str = "nodes";
/// Acceptances that show that it works again.
const PROOF: usize = 10;
/// Twice what is promised: the machine of the test does many things at once.
const RECOVERY: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_secs(1);
const LONGER_THAN_A_LEASE: Duration = Duration::from_secs(17);
