//! The pool among several relays: reuse, fallback, breaker, deadline.

use std::sync::Arc;
use std::time::Duration;

use otpost::demo::sink::Sink;
use otpost::mail::error::MailError;
use otpost::mail::pool::{Delivered, RelayPool};
use otpost::mail::relay::{Relay, Security};
use otpost::mail::smtp::Envelope;
use tokio::time::Instant;

use super::battery::{BODY, alice, quick, relay_at};
use super::scripted_relay::{Act, Protection, Script, ScriptedRelay, Stage};

async fn peer(acts: Vec<(Stage, Act)>) -> ScriptedRelay {
    ScriptedRelay::start(Script { protection: Protection::Clear, pipelining: true, acts }).await
}

fn named(name: &str, peer: &ScriptedRelay) -> Relay {
    Relay { name: name.to_owned(), ..relay_at(peer.addr.port(), Security::Plaintext) }
}

async fn send(pool: &RelayPool, within: Duration) -> Result<Delivered, MailError> {
    let envelope = Envelope { from: "", to: &alice() };
    pool.send(&envelope, BODY, Instant::now() + within).await
}

const SOON: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_connection_serves_many_messages() {
    let peer = peer(vec![]).await;
    let pool = RelayPool::new(vec![named("main", &peer)]);
    for _ in 0..250 {
        send(&pool, SOON).await.expect("taken");
    }
    assert_eq!(peer.seen().connections, 3, "100 messages each");
    assert_eq!(peer.seen().kept.len(), 250);
}

#[tokio::test]
async fn at_most_eight_connections_work_at_once() {
    let sink = Sink::start("127.0.0.1:0".parse().expect("address"), 10_000).await.expect("a sink");
    let relay = Relay { limits: quick(), ..relay_at(sink.addr().port(), Security::Plaintext) };
    let pool = Arc::new(RelayPool::new(vec![relay]));
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let pool = pool.clone();
        senders.spawn(async move {
            for _ in 0..10 {
                send(&pool, SOON).await.expect("taken");
            }
        });
    }
    senders.join_all().await;
    assert_eq!(sink.mails().len(), 640);
}

#[tokio::test]
async fn a_relay_that_closes_after_each_mail_still_gets_all() {
    let peer = peer(vec![(Stage::Dot, Act::SayAndClose("250 2.0.0 kept"))]).await;
    let pool = RelayPool::new(vec![named("main", &peer)]);
    for _ in 0..5 {
        send(&pool, SOON).await.expect("taken");
    }
    assert_eq!(peer.seen().kept.len(), 5);
}

#[tokio::test]
async fn greylisting_passes_on_the_second_try_over_the_same_connection() {
    let peer = peer(vec![(Stage::Rcpt, Act::SayOnce("450 4.7.1 greylisted"))]).await;
    let pool = RelayPool::new(vec![named("main", &peer)]);
    let first = send(&pool, SOON).await.expect_err("greylisted");
    assert!(matches!(first, MailError::TryLater { .. }), "{first}");
    send(&pool, SOON).await.expect("taken");
    assert_eq!(peer.seen().connections, 1);
    assert!(peer.seen().commands.iter().any(|command| command == "RSET"));
}

#[tokio::test]
async fn the_fallback_takes_what_the_primary_cannot() {
    for act in [
        (Stage::Banner, Act::SayAndClose("421 busy")),
        (Stage::Banner, Act::Silent),
        (Stage::Hello, Act::Reset),
        (Stage::Banner, Act::Say("554 not you")),
        (Stage::Rcpt, Act::Say("451 4.3.0 no")),
        (Stage::Data, Act::Reset),
    ] {
        let (primary, fallback) = (peer(vec![act]).await, peer(vec![]).await);
        let pool = RelayPool::new(vec![named("primary", &primary), named("fallback", &fallback)]);
        let delivered = send(&pool, SOON).await;
        assert_eq!(delivered.as_ref().map(|d| d.relay.as_str()), Ok("fallback"), "{act:?}");
    }
}

#[tokio::test]
async fn the_fallback_is_not_asked_after_a_rejection_or_in_doubt() {
    for act in [(Stage::Rcpt, Act::Say("550 5.1.1 unknown")), (Stage::Dot, Act::KeepAndReset)] {
        let (primary, fallback) = (peer(vec![act]).await, peer(vec![]).await);
        let pool = RelayPool::new(vec![named("primary", &primary), named("fallback", &fallback)]);
        send(&pool, SOON).await.expect_err("not taken");
        assert_eq!(fallback.seen().connections, 0, "{act:?}");
    }
}

#[tokio::test]
async fn five_failed_connections_open_the_breaker_and_a_probe_closes_it() {
    let peer = peer(vec![(Stage::Banner, Act::SayAndClose("421 busy"))]).await;
    let pool = RelayPool::new(vec![named("main", &peer)]);
    for _ in 0..9 {
        send(&pool, SOON).await.expect_err("busy");
    }
    assert_eq!(peer.seen().connections, 5);
    let health = pool.health();
    assert!(health.iter().all(|relay| !relay.up && relay.last_error.as_deref().is_some_and(|e| e.contains("421"))));
    tokio::time::sleep(quick().probe).await;
    for _ in 0..3 {
        send(&pool, SOON).await.expect_err("busy");
    }
    assert_eq!(peer.seen().connections, 6, "one probe");
}

#[tokio::test]
async fn the_deadline_holds_whatever_the_relays_do() {
    let (first, second) = (peer(vec![(Stage::Hello, Act::Drip)]).await, peer(vec![(Stage::Dot, Act::Silent)]).await);
    let pool = RelayPool::new(vec![named("first", &first), named("second", &second)]);
    let began = Instant::now();
    let error = send(&pool, Duration::from_millis(350)).await.expect_err("too slow");
    assert!(matches!(error, MailError::TryLater { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_empty_pool_says_so() {
    let error = send(&RelayPool::new(vec![]), SOON).await.expect_err("no relay");
    assert!(matches!(error, MailError::Misconfigured { .. }));
}
