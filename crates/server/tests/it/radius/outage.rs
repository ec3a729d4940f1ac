//! When something of ours fails: silence, so that the client asks its next server, and nothing accepted.

use std::time::Duration;

use otpost::config::StoreUrl;
use otpost::radius::Pace;
use private_directory::scripted::{Lie, Scripted};

use super::wire::{ACCEPT, CHALLENGE, Request};
use super::{Desk, SECRET};
use crate::directory::Resolver;

/// Runs a statement beside the running product.
fn meddle(desk: &Desk, sql: &str) {
    let StoreUrl::Sqlite(path) = &desk.test.app.config.store.url else { panic!("SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_the_store_is_silence_and_the_same_packet_is_answered_later() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    meddle(&desk, "ALTER TABLE challenge RENAME TO gone");
    let first = vpn.alice(1);
    for failures in 1..=3 {
        vpn.send(&first.octets()).await;
        desk.until(|desk| desk.packets("vpn", "failed") == failures).await;
    }
    vpn.hears_nothing(SECRET).await;
    meddle(&desk, "ALTER TABLE gone RENAME TO challenge");
    let challenge = vpn.ask(&first).await;
    assert_eq!(challenge.code, CHALLENGE);
    let code = desk.test.code_to("alice@example.org").await;
    meddle(&desk, "ALTER TABLE challenge RENAME TO gone");
    let answer = vpn.access(2).user("alice").password(&code).with(24, challenge.state());
    vpn.send(&answer.octets()).await;
    desk.until(|desk| desk.packets("vpn", "failed") == 4).await;
    vpn.hears_nothing(SECRET).await;
    meddle(&desk, "ALTER TABLE gone RENAME TO challenge");
    assert_eq!(vpn.ask(&answer).await.code, ACCEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_directory_for_longer_than_an_answer_may_take() {
    let silent = Scripted::start(Lie::Silence).unwrap();
    let pace = Pace { reject_after: Duration::ZERO, answer_within: Duration::from_millis(300) };
    let desk = Desk::start_with(pace).await;
    let resolver = Resolver::reading(&silent.url(), "/dev/null".as_ref()).with("TIMEOUT", "10");
    for (path, fields) in [("/resolver/people", resolver.fields()), ("/realm/corp", vec![("resolvers", "people")])] {
        assert_eq!(desk.test.admin("POST", path, &fields).await.status, 200);
    }
    let vpn = desk.vpn().await;
    vpn.send(&vpn.access(1).user("bob@corp").password("1234").octets()).await;
    let given_up = desk.until(|desk| desk.packets("vpn", "failed") == 1);
    tokio::time::timeout(Duration::from_secs(5), given_up).await.expect("long before the directory's own ten seconds");
    vpn.hears_nothing(SECRET).await;
    assert_eq!(vpn.ask(&vpn.alice(2)).await.code, CHALLENGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_silent_while_the_database_does_not_answer() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    meddle(&desk, "ALTER TABLE instance RENAME TO gone");
    vpn.send(&Request::status(1, SECRET).octets()).await;
    desk.until(|desk| desk.packets("vpn", "failed") == 1).await;
    meddle(&desk, "ALTER TABLE gone RENAME TO instance");
    vpn.hears_nothing(SECRET).await;
    assert_eq!(desk.packets("vpn", "status"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_answered_before_the_end() {
    let mut desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let first = vpn.alice(1);
    vpn.send(&first.octets()).await;
    // The next packet is read after the first has been taken up.
    vpn.send(&vpn.access(2).user("alice").with(3, [1; 17]).octets()).await;
    desk.until(|desk| desk.packets("vpn", "reject") == 1).await;
    desk.stopper.stop();
    let replies = [vpn.receive().await, vpn.receive().await];
    assert!(replies.iter().any(|reply| reply[1] == 1 && first.read(reply).code == CHALLENGE));
    while desk.doors.join_next().await.is_some() {}
    assert!(tokio::net::UdpSocket::bind(desk.server).await.is_ok(), "the port is free again");
}
