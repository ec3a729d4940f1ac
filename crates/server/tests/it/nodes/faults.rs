//! One node, one PostgreSQL, and one thing after the other that is wrong with it. Meanwhile everybody is
//! answered within two seconds and nobody is let in, RADIUS gets no packet at all; five seconds later all is as
//! before, and nothing that was acknowledged is lost. The words are those an operator finds.

mod failover;
mod gear;
mod proxy;
mod refused;
mod rig;

use std::cell::RefCell;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use private_postgres::cluster::{Cluster, Setup, Stop};
use private_postgres::disk::{SmallDisk, may_mount};
use proxy::Proxy;
use rig::{DATABASE, Fault, Meanwhile, Open, Rig, is_accepted};
use tokio::time::Instant;

use crate::process::place::until;

#[test]
fn a_database_that_is_gone_is_no_verdict_and_no_hang() {
    let mut cluster = Cluster::start().unwrap();
    let rig = Rig::of(&cluster);
    let gone = Fault { logged: "Connection refused", diagnosed: "Connection refused", ..FAULT };
    let fault = Fault { name: "server stopped", ..gone };
    rig.endure(
        &mut cluster,
        &fault,
        |cluster| cluster.stop(Stop::Fast).unwrap(),
        |cluster| cluster.start_again().unwrap(),
    );
    let fault = Fault { name: "server killed", ..gone };
    rig.endure(&mut cluster, &fault, |cluster| cluster.kill_9().unwrap(), |cluster| cluster.start_again().unwrap());
}

#[test]
fn a_database_that_stands_still_is_no_verdict_and_no_hang() {
    let mut cluster = Cluster::start().unwrap();
    let rig = Rig::of(&cluster);
    let fault = Fault { name: "server paused", least: Duration::from_secs(5), ..SILENT };
    rig.endure(&mut cluster, &fault, |cluster| cluster.pause().unwrap(), |cluster| cluster.resume().unwrap());
}

#[test]
fn a_database_that_restarts_under_load_lets_nobody_in_twice() {
    let mut cluster = Cluster::start().unwrap();
    let (rig, stop) = (Rig::of(&cluster), AtomicBool::new(false));
    let count = AtomicUsize::new(0);
    let (accepted, recovered) = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(|| sign_in_on(&rig, &stop, &count))).collect();
        let mut recovered = Duration::ZERO;
        for restart in 1..=RESTARTS {
            until("load", PATIENCE, || (count.load(Ordering::SeqCst) >= restart * CALLERS).then_some(()));
            cluster.stop(Stop::Fast).unwrap();
            cluster.start_again().unwrap();
            recovered = recovered.max(rig.recover(Instant::now()));
        }
        stop.store(true, Ordering::SeqCst);
        let accepted: Vec<_> = callers.into_iter().flat_map(|caller| caller.join().expect("no panic")).collect();
        (accepted, recovered)
    });
    for open in &accepted {
        assert!(!is_accepted(&rig.answer(open)), "accepted twice");
    }
    let (count, recovered) = (accepted.len(), recovered.as_secs_f32());
    eprintln!("| restarted {RESTARTS} times under load | | {recovered:.2} s | {count} accepted, none twice |");
}

#[test]
fn a_database_that_does_not_let_us_in_is_no_verdict_and_no_hang() {
    let parameters = vec![("max_connections".to_owned(), (ORDINARY + RESERVED).to_string())];
    let mut cluster = Cluster::start_with(Setup { parameters, ..Setup::default() }).unwrap();
    let rig = Rig::of(&cluster);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let idle = RefCell::new(Vec::new());
    let words = "the database server has no connection left (max_connections)";
    let fault = Fault { name: "out of connections", logged: words, diagnosed: words, ..FAULT };
    let take_all = |cluster: &mut Cluster| {
        until("all connections to be taken", PATIENCE, || {
            cut_off(cluster);
            let url = cluster.url(DATABASE);
            while let Ok(connected) = runtime.block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls)) {
                idle.borrow_mut().push(connected);
            }
            // No view of the server shows a connection that is being let in: there must be no room for one.
            (idle.borrow().len() == ORDINARY).then_some(())
        });
    };
    rig.endure(&mut cluster, &fault, take_all, |_| idle.borrow_mut().clear());

    let words = "the database server refuses the user or the password of store.url";
    let fault = Fault { name: "password changed", logged: words, diagnosed: words, ..FAULT };
    let password = |cluster: &Cluster, word: &str| {
        cluster.query("postgres", &format!("ALTER ROLE otpost PASSWORD '{word}'")).unwrap();
        cut_off(cluster);
    };
    rig.endure(
        &mut cluster,
        &fault,
        |cluster| password(cluster, "another"),
        |cluster| password(cluster, cluster.password()),
    );

    let words = "the database of store.url does not exist on its server";
    let fault = Fault { name: "database gone", logged: words, diagnosed: words, ..FAULT };
    let away = |cluster: &mut Cluster| {
        cluster.query("postgres", &format!("ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS false")).unwrap();
        cut_off(cluster);
        let rename = format!("ALTER DATABASE {DATABASE} RENAME TO away");
        until("the last connection to end", PATIENCE, || cluster.query("postgres", &rename).ok());
    };
    let back = |cluster: &mut Cluster| {
        cluster.query("postgres", &format!("ALTER DATABASE away RENAME TO {DATABASE}")).unwrap();
        cluster.query("postgres", &format!("ALTER DATABASE {DATABASE} ALLOW_CONNECTIONS true")).unwrap();
    };
    rig.endure(&mut cluster, &fault, away, back);
}

#[test]
fn a_database_that_takes_no_writes_is_no_verdict_and_no_hang() {
    let mut cluster = Cluster::start().unwrap();
    let rig = Rig::of(&cluster);
    let words = "the database server takes no writes: a standby, or set read-only";
    let fault = Fault { name: "read-only", logged: words, meanwhile: Meanwhile::Reads, ..FAULT };
    let set = |cluster: &Cluster, order: &str| {
        cluster.query("postgres", &format!("ALTER SYSTEM {order}")).unwrap();
        cluster.query("postgres", "SELECT pg_reload_conf()").unwrap();
        thread::sleep(RELOAD);
    };
    let begin = |cluster: &mut Cluster| set(cluster, "SET default_transaction_read_only = on");
    rig.endure(&mut cluster, &fault, begin, |cluster| set(cluster, "RESET default_transaction_read_only"));
}

#[test]
fn a_server_that_would_acknowledge_before_it_writes_loses_nothing_of_ours() {
    // So nothing reaches the disk by chance.
    let parameters = [("synchronous_commit", "off"), ("wal_writer_delay", "10s")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut cluster = Cluster::start_with(Setup { parameters, ..Setup::default() }).unwrap();
    let rig = Rig::of(&cluster);
    let words = "synchronous_commit is off on the server; sessions of this program set it to on";
    assert!(rig.said().contains(words), "{}", rig.said());
    let used = rig.sign_in().expect("a sign-in");
    cluster.kill_9().unwrap();
    cluster.start_again().unwrap();
    rig.recover(Instant::now());
    assert!(!is_accepted(&rig.answer(&used)), "a used code was accepted again");
    let enrolled = rig.enroll().expect("an enrollment");
    cluster.kill_9().unwrap();
    cluster.start_again().unwrap();
    rig.recover(Instant::now());
    assert!(rig.is_enrolled(&enrolled), "an enrollment that was acknowledged is gone");
    eprintln!("| synchronous_commit = off | | | {words} |");
}

#[test]
fn a_full_disk_is_no_hang_and_loses_nothing() {
    if !may_mount().unwrap() {
        eprintln!("| disk full | | | not arranged: only the superuser may mount a small disk |");
        return;
    }
    let mut cluster = Cluster::start().unwrap();
    let disk = SmallDisk::mount(&cluster, 64).unwrap();
    let order = format!("CREATE DATABASE {DATABASE} OWNER otpost TABLESPACE {}", SmallDisk::TABLESPACE);
    cluster.query("postgres", &order).unwrap();
    let rig = Rig::start(&cluster.url(DATABASE));
    let words = "the disk of the database server is full";
    let fault = Fault { name: "disk full", logged: words, meanwhile: Meanwhile::Reads, diagnosed: words, ..FAULT };
    let fill = |_: &mut Cluster| {
        disk.fill().unwrap();
        // What has room in pages that are there still gets through.
        until("the last page to be full", PATIENCE, || rig.is_refused_for_long().then_some(()));
    };
    rig.endure(&mut cluster, &fault, fill, |_| disk.free().unwrap());
    drop(cluster);
}

/// The server ends itself then, and recovers where it stopped.
#[test]
fn a_disk_full_of_the_log_is_no_hang_and_loses_nothing() {
    if !may_mount().unwrap() {
        eprintln!("| disk of the log full | | | not arranged: only the superuser may mount a small disk |");
        return;
    }
    let mut cluster = Cluster::start().unwrap();
    let disk = SmallDisk::mount_under_log(&mut cluster, 256).unwrap();
    let rig = Rig::of(&cluster);
    let fault =
        Fault { name: "disk of the log full", logged: "Connection refused", diagnosed: "Connection refused", ..FAULT };
    let fill = |cluster: &mut Cluster| {
        disk.fill().unwrap();
        // Segments that are there already are filled first.
        until("the last segment to be full", PATIENCE, || {
            cluster.query("postgres", NEXT_SEGMENT).is_err().then_some(())
        });
        until("the server to end itself", PATIENCE, || TcpStream::connect(cluster.address()).is_err().then_some(()));
    };
    let make_room = |cluster: &mut Cluster| {
        disk.free().unwrap();
        cluster.start_again().unwrap();
    };
    rig.endure(&mut cluster, &fault, fill, make_room);
    drop(cluster);
}

#[test]
fn a_slow_or_broken_road_is_no_hang() {
    let mut cluster = Cluster::start().unwrap();
    let proxy = Proxy::start(cluster.address());
    let rig = Rig::behind(&cluster, proxy.address());
    let fault = Fault { name: "each packet takes 3 s", least: Duration::from_secs(4), ..SILENT };
    rig.endure(&mut cluster, &fault, |_| proxy.delay(Duration::from_secs(3)), |_| proxy.delay(Duration::ZERO));
    let slow = Fault { least: Duration::from_secs(4), meanwhile: Meanwhile::Anything, ..FAULT };
    let fault = Fault { name: "each packet takes 0.5 s", ..slow };
    rig.endure(&mut cluster, &fault, |_| proxy.delay(Duration::from_millis(500)), |_| proxy.delay(Duration::ZERO));
    let fault = Fault { name: "each packet takes 20 ms", least: Duration::from_secs(1), ..slow };
    rig.endure(&mut cluster, &fault, |_| proxy.delay(Duration::from_millis(20)), |_| proxy.delay(Duration::ZERO));
    let fault = Fault { name: "connections cut", logged: "closed", diagnosed: "unavailable", ..FAULT };
    rig.endure(&mut cluster, &fault, |_| proxy.cut(), |_| proxy.mend());
}

/// Signs in again and again; answers whom it was told to let in.
fn sign_in_on(rig: &Rig, stop: &AtomicBool, count: &AtomicUsize) -> Vec<Open> {
    let mut accepted = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        match rig.sign_in() {
            Some(open) => {
                accepted.push(open);
                count.fetch_add(1, Ordering::SeqCst);
            }
            None => thread::sleep(RELOAD),
        }
    }
    accepted
}

/// Ends all connections of the product.
fn cut_off(cluster: &Cluster) {
    let order = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'otpost'";
    cluster.query("postgres", order).unwrap();
}

/// Something has to be written between two segments.
const NEXT_SEGMENT: &str = "SELECT pg_logical_emit_message(false, 'test', 'x'); SELECT pg_switch_wal()";
/// Connections for ordinary users, and those kept for the superuser, as the server has them by default.
const ORDINARY: usize = 21;
const RESERVED: usize = 3;
const FAULT: Fault =
    Fault { name: "", logged: "", diagnosed: "", least: Duration::from_secs(2), meanwhile: Meanwhile::Nothing };
const SILENT: Fault = Fault {
    logged: "the database server does not answer in time",
    diagnosed: "the database server does not answer in time",
    ..FAULT
};
const CALLERS: usize = 4;
const RESTARTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(10);
/// Until all processes of a server have read its configuration again.
const RELOAD: Duration = Duration::from_millis(100);
