//! A server of one's own: that it is one, obeys, follows, and never outlives its owner.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use private_postgres::client;
use private_postgres::cluster::{Cluster, Stop};
use private_postgres::standby::Replication;

#[test]
fn a_server_keeps_what_was_committed_over_every_way_to_end_it() {
    let mut cluster = Cluster::start().unwrap();
    cluster.create_database("one").unwrap();
    let url = cluster.url("one");
    client::query(&url, "CREATE TABLE kept (number BIGINT)").unwrap();
    for (number, how) in [Some(Stop::Smart), Some(Stop::Fast), Some(Stop::Immediate), None].into_iter().enumerate() {
        client::query(&url, &format!("INSERT INTO kept VALUES ({number})")).unwrap();
        match how {
            Some(how) => cluster.stop(how).unwrap(),
            None => cluster.kill_9().unwrap(),
        }
        assert!(client::query(&url, "SELECT 1").is_err(), "nobody is there after {how:?}");
        cluster.start_again().unwrap();
    }
    assert_eq!(client::query_one(&url, "SELECT count(*) FROM kept").unwrap(), "4");
    assert_eq!(client::query_one(&url, "SHOW synchronous_commit").unwrap(), "on");
    assert_eq!(client::query_one(&url, "SHOW fsync").unwrap(), "on");
}

#[test]
fn a_wrong_password_is_refused() {
    let cluster = Cluster::start().unwrap();
    let wrong = cluster.url("postgres").replace(cluster.password(), "wrong");
    let error = client::query(&wrong, "SELECT 1").unwrap_err();
    assert!(error.to_string().contains("password authentication failed"), "{error}");
    let error = client::query(&cluster.url("postgres"), "CREATE ROLE other").unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
}

#[test]
fn a_paused_server_is_silent_until_it_goes_on() {
    let cluster = Cluster::start().unwrap();
    cluster.pause().unwrap();
    let url = cluster.superuser_url("postgres");
    let asked = std::thread::spawn(move || client::query_one(&url, "SELECT 7"));
    sleep(Duration::from_millis(300));
    assert!(!asked.is_finished(), "nobody answers meanwhile");
    cluster.resume().unwrap();
    assert_eq!(asked.join().unwrap().unwrap(), "7");
}

#[test]
fn a_standby_takes_the_place_of_the_first() {
    for replication in [Replication::Asynchronous, Replication::Synchronous] {
        let mut first = Cluster::start().unwrap();
        let second = first.standby(replication).unwrap();
        first.create_database("one").unwrap();
        let write = "CREATE TABLE kept (number BIGINT); INSERT INTO kept VALUES (7)";
        client::query(&first.url("one"), write).unwrap();
        let is_there =
            || client::query_one(&second.url("one"), "SELECT number FROM kept").is_ok_and(|found| found == "7");
        wait("the standby to have it", is_there);
        first.kill_9().unwrap();
        second.promote().unwrap();
        client::query(&second.url("one"), "INSERT INTO kept VALUES (8)").unwrap();
        assert_eq!(client::query_one(&second.url("one"), "SELECT count(*) FROM kept").unwrap(), "2");
    }
}

/// Runs this very test program once more, as the owner that is killed.
#[test]
fn no_server_outlives_its_owner() {
    for state in ["running", "paused"] {
        let mut owner = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "owner", "--nocapture", "--include-ignored"])
            .env("OWNER_OF_A_SERVER", state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
        let folder =
            lines.map_while(Result::ok).find_map(|line| line.split_once("folder ").map(|(_, path)| path.to_owned()));
        let folder = folder.expect("the owner tells its folder");
        assert_ne!(working_in(&folder), 0, "there are processes");
        owner.kill().unwrap();
        owner.wait().unwrap();
        wait("the folder to go", || !Path::new(&folder).exists());
        assert_eq!(working_in(&folder), 0, "{state}: processes are left");
    }
}

/// Not a test of its own: what [`no_server_outlives_its_owner`] starts and kills.
#[test]
#[expect(clippy::disallowed_methods, reason = "one program, two parts: the other one asks and listens")]
fn owner() {
    let Ok(state) = std::env::var("OWNER_OF_A_SERVER") else {
        return;
    };
    let cluster = Cluster::start().unwrap();
    if state == "paused" {
        cluster.pause().unwrap();
    }
    println!("\nfolder {}", cluster.socket_folder().display());
    sleep(Duration::from_mins(1));
}

/// How many processes work in this folder or below.
fn working_in(folder: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path().join("cwd"));
    processes.filter(|cwd| std::fs::read_link(cwd).is_ok_and(|at| at.starts_with(folder))).count()
}

#[expect(clippy::disallowed_methods, reason = "waits for other processes")]
fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        sleep(Duration::from_millis(10));
    }
}
