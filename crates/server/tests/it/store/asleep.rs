//! What only a server promises: nodes that sleep in the middle of something neither revive a code nor
//! hold up the others for long.

use std::time::Duration;

use domain::verdict::Refusal;
use otpost::store::command::Judged;
use otpost::store::{Store, Time};
use tokio::time::Instant;

use super::desk::{Ask, Desk, Engine, ann, fresh, seconds, serial_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_slept_while_it_held_a_command_cannot_revive_a_code() {
    let (_, place) = fresh(Engine::Postgres).await;
    let by = async |time| Desk::new(Store::open_by(&place.url(), 64, time).await.expect("open"), 1);
    let (awake, asleep) = (by(Time::Servers).await, by(Time::Commands).await);
    let theirs = awake.store.server_time().await.expect("an answer").expect("a time of its own");
    // The clock was read a second after the code was issued; since then the node has slept.
    let issued = Ask { now: theirs - ann().lifetime - seconds(10), ..ann() };
    let typed = issued.at(issued.now + seconds(1));
    let opened = awake.open(&issued).await;
    let refused = Judged::Refused { refusal: Refusal::ChallengeClosed, serials: vec![] };
    assert_eq!(awake.answer(&typed, &opened.id, &opened.code()).await, refused);
    // By the command's own time it would have been good.
    assert_eq!(asleep.answer(&typed, &opened.id, &opened.code()).await, Judged::Accepted(serial_of("PIEM0001")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_sleeps_in_a_transaction_holds_up_an_account_for_two_seconds_at_most() {
    let (store, place) = fresh(Engine::Postgres).await;
    let desk = Desk::new(store, 1);
    desk.open(&ann()).await;
    let sleeper = place.connect().await;
    // As every lane does before it sleeps in our test.
    let begin = "SET idle_in_transaction_session_timeout = 2000; BEGIN";
    sleeper.batch_execute(begin).await.expect("begun");
    let subject = ann().subject;
    let lock = "SELECT 1 FROM budget WHERE subject = $1 FOR UPDATE"; // tidy: one engine, because a file has no nodes
    assert_eq!(sleeper.query(lock, &[&subject.as_bytes().as_slice()]).await.expect("locked").len(), 1);
    let started = Instant::now();
    let again = Ask { is_concurrent: true, ..ann() };
    while desk.store.begin(desk.begin(&again)).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(6), "held up for {:?}", started.elapsed());
    }
    assert!(started.elapsed() < Duration::from_secs(4), "held up for {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_for_room_leaves_nothing_behind() {
    let (store, place) = fresh(Engine::Postgres).await;
    store.try_room().await.expect("there is room");
    assert_eq!(place.number("SELECT count(*) FROM instance WHERE name = 'room'").await, 0);
}
