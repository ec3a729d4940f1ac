//! A judge with the classic mistake, to prove that the race harness can fail: it reads, compares in
//! the program, and writes back.

use domain::code::CodeMac;

use super::desk::{Desk, Engine, ann, fresh};
use super::race::yes_at_once;

/// What the store must never do.
async fn read_compare_write(connection: rusqlite::Connection, id: String, mac: CodeMac) -> bool {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, CodeMac>(1)?));
    let found = connection.query_row("SELECT state, code_mac FROM challenge WHERE id = ?1", [&id], read);
    let (state, code_mac) = found.expect("a row");
    // Between the read and the write anybody may come along.
    tokio::task::yield_now().await;
    if state != "open" || code_mac != mac {
        return false;
    }
    connection.execute("UPDATE challenge SET state = 'used', tries = tries + 1 WHERE id = ?1", [&id]).expect("written");
    true
}

/// One thread, so that everybody reads before anybody writes, in every run.
#[tokio::test]
async fn a_judge_that_reads_compares_and_writes_accepts_a_code_many_times() {
    let (store, place) = fresh(Engine::Sqlite).await;
    let desk = Desk::new(store, 1);
    let opened = desk.open(&ann()).await;
    let mac = desk.judge(&ann(), &opened.id, &opened.code()).mac;
    let accepted = yes_at_once(64, || read_compare_write(place.connection(), opened.id.as_str().to_owned(), mac)).await;
    assert!(accepted > 1, "the harness counted {accepted}: it could not tell a broken judge from a sound one");
}
