//! What a server does for a command must not depend on how many others sign in: plans are made when a database
//! is empty, and have to be good when it is full.

use std::time::Duration;

use otpost::store::command::{ClaimMails, Judged};

use super::desk::{Ask, Engine, T0, ann, at_once, desk, not, opened, seconds, subject};

/// Seen to fail: a plan made on an empty table walked over every open challenge of everybody, for each batch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_reads_what_others_have_open() {
    let (desk, place) = desk(Engine::Postgres).await;
    for round in 0..ROUNDS {
        let asks = (0..AT_ONCE).map(|number| Ask { subject: subject(round * AT_ONCE + number), ..ann() });
        let steps: Vec<_> = asks.collect();
        let begun = at_once(steps.iter().map(|ask| {
            let (store, command) = (desk.store.clone(), desk.begin(ask));
            async move { opened(store.begin(command).await.expect("answered")) }
        }))
        .await;
        let judged = at_once(begun.iter().zip(&steps).map(|(begun, ask)| {
            let (store, command) = (desk.store.clone(), desk.judge(ask, &begun.id, &begun.code()));
            async move { store.judge(command).await.expect("answered") }
        }));
        judged.await;
    }
    let flows = i64::try_from(ROUNDS * AT_ONCE).expect("few");
    let inserted = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'challenge'";
    // Statistics of a connection come at its next transaction, a second later at the earliest.
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        for number in 0..8 {
            // Of both connections that write.
            desk.open(&Ask { subject: subject(number), ..ann() }).await;
        }
        if place.number(inserted).await >= flows {
            break;
        }
    }
    let read = "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'challenge_pkey'";
    let read = place.number(read).await;
    assert!(place.number(inserted).await >= flows, "the statistics have not come");
    assert!(read <= 4 * flows, "{read} challenges were read for {flows} sign-ins");
}

/// Seen to fail: after a clean-up of empty tables each batch walked over the budgets of everybody, and over every
/// kept challenge to judge one, or to close one for its successor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_counted_an_empty_table_reads_no_more() {
    let (desk, place) = desk(Engine::Postgres).await;
    place.execute("VACUUM ANALYZE").await;
    for round in 0..ROUNDS {
        let people = (0..AT_ONCE).map(|number| Ask { subject: subject(round * AT_ONCE + number), ..ann() });
        // Left alone, then overtaken, then mistyped, then right.
        let flows = people.map(|ask| {
            let desk = &desk;
            async move {
                let later = Ask { now: ask.now + seconds(100), ..ask.clone() };
                let left = opened(desk.store.begin(desk.begin(&ask)).await.expect("answered"));
                let begun = opened(desk.store.begin(desk.begin(&later)).await.expect("answered"));
                assert_ne!(left.id, begun.id, "the successor");
                desk.store.judge(desk.judge(&later, &begun.id, &not(&begun.code()))).await.expect("answered");
                let judged = desk.store.judge(desk.judge(&later, &begun.id, &begun.code())).await;
                assert!(matches!(judged.expect("answered"), Judged::Accepted(_)));
            }
        });
        futures_util::future::join_all(flows).await;
    }
    let flows = i64::try_from(ROUNDS * AT_ONCE).expect("few");
    let inserted = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'challenge'";
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        desk.open(&Ask { subject: subject(1), now: T0 + seconds(200), ..ann() }).await;
        if place.number(inserted).await >= 2 * flows {
            break;
        }
    }
    assert!(place.number(inserted).await >= 2 * flows, "the statistics have not come");
    for table in ["budget", "challenge", "outbox", "enrollment"] {
        let read = format!("SELECT SUM(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = '{table}'");
        let read = place.number(&read).await;
        eprintln!("{table}: {read} entries for {flows} people");
        assert!(read <= 12 * flows, "{read} entries of {table} were read for {flows} people");
    }
}

/// Seen to fail: 500 expired rows were found by reading the whole table, and waiting mails by reading all open
/// challenges.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clean_up_and_waiting_mails_read_no_whole_table() {
    let (desk, place) = desk(Engine::Postgres).await;
    let commands = (0..200).map(|number| desk.begin(&Ask { subject: subject(number), ..ann() }));
    at_once(commands.map(|command| {
        let store = desk.store.clone();
        async move { opened(store.begin(command).await.expect("answered")) }
    }))
    .await;
    let (scanned, run, looked_at) = (
        "SELECT SUM(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('challenge', 'outbox', 'first_step', 'budget')",
        "SELECT SUM(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname IN ('outbox_pkey', 'first_step_challenge')",
        "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'challenge_pkey'",
    );
    // To make an index reads a table, too.
    let (before, made) = (place.number(run).await, place.number(scanned).await);
    let read = place.number(looked_at).await;
    // More often than a statement's plan is made for its own values; statistics come a second later.
    for _ in 0..8 {
        let claim = ClaimMails { now: T0, lease: seconds(1), limit: 100 };
        assert!(desk.store.claim_mails(claim).await.expect("answered").is_empty(), "this node is at it");
        desk.store.purge(T0 + seconds(60)).await.expect("answered");
        let claim = ClaimMails { now: T0 + seconds(60), lease: seconds(1), limit: 1 };
        assert_eq!(desk.store.claim_mails(claim).await.expect("answered").len(), 1);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(place.number(run).await > before, "the statistics have not come");
    assert_eq!(place.number(scanned).await, made, "whole tables were read");
    let read = place.number(looked_at).await - read;
    assert!(read <= 40, "{read} challenges were read for eight mails");
}

const ROUNDS: u64 = 20;
const AT_ONCE: u64 = 20;
