//! A failover to a standby that had not seen the last commits.

use private_postgres::cluster::Cluster;
use private_postgres::standby::Replication;
use tokio::time::Instant;

use super::PATIENCE;
use super::rig::{DATABASE, Rig, is_accepted};
use crate::process::place::until;

#[test]
fn a_code_whose_use_the_failover_lost_is_not_accepted_again() {
    let mut primary = Cluster::start().unwrap();
    primary.create_database(DATABASE).unwrap();
    let standby = primary.standby(Replication::Asynchronous).unwrap();
    let both = format!("{},{}", primary.address(), standby.address());
    let url = primary.url(DATABASE).replace(&primary.address().to_string(), &both);
    let rig = Rig::start(&format!("{url}?target_session_attrs=read-write"));
    let open = rig.open().expect("an open challenge");
    let state = format!("SELECT state FROM challenge WHERE id = '{}'", open.id);
    let is_there = || standby.query_one(DATABASE, &state).is_ok_and(|state| state == "open");
    until("the standby to have the challenge", PATIENCE, || is_there().then_some(()));
    standby.query("postgres", "ALTER SYSTEM SET primary_conninfo = ''").unwrap();
    standby.query("postgres", "SELECT pg_reload_conf()").unwrap();
    let followers = || primary.query_one("postgres", "SELECT count(*) FROM pg_stat_replication").unwrap();
    until("the standby to be cut off", PATIENCE, || (followers() == "0").then_some(()));
    assert!(is_accepted(&rig.answer(&open)), "used, and the standby will never know");
    let before = rig.said().len();
    primary.kill_9().unwrap();
    standby.promote().unwrap();
    let started = Instant::now();
    let recovered = rig.recover(started);
    assert_eq!(standby.query_one(DATABASE, &state).unwrap(), "open", "the new primary has not seen the use");
    let answer = rig.answer(&open);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.is_accepted(), "accepted twice: {}", answer.body);
    let said = rig.said();
    let words = "the database was failed over or restored; open challenges are void";
    assert_eq!(said[before..].matches(words).count(), 1, "{said}");
    assert!(!said.contains(primary.password()));
    eprintln!("| failover that loses commits | | {:.2} s | {words} |", recovered.as_secs_f32());
}
