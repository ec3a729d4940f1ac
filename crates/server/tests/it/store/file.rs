//! What a database file alone can promise: its schema, its mode, and that a copy of it made after
//! an answer holds what was answered.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use domain::challenge::State;
use otpost::store::command::{Judged, MailDone, MailOutcome};
use otpost::store::migrate::{Migrated, check_sqlite, migrate_sqlite};
use otpost::store::{Store, StoreError, settings};

use super::desk::{Ask, Desk, Engine, Place, ann, desk, fresh, not, subject};

fn words(refused: Result<impl std::fmt::Debug, StoreError>) -> String {
    match refused.expect_err("refused") {
        StoreError::Schema(words) => words,
        other => panic!("not about the schema: {other:?}"),
    }
}

fn bytes(place: &Place) -> Vec<u8> {
    std::fs::read(place.path()).expect("readable")
}

#[test]
fn migrating_twice_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.db");
    let migrated = migrate_sqlite(&path, 1).expect("migrated");
    assert_eq!(migrated, Migrated { from: 0, to: migrated.to });
    assert!(migrated.to >= 1);
    let once = std::fs::read(&path).expect("readable");
    assert_eq!(migrate_sqlite(&path, 2).expect("migrated"), Migrated { from: migrated.to, to: migrated.to });
    assert_eq!(std::fs::read(&path).expect("readable"), once);
    check_sqlite(&path).expect("this program's schema");
}

#[test]
fn many_programs_may_migrate_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.db");
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..8).map(|_| scope.spawn(|| migrate_sqlite(&path, 1))).collect();
        for run in runs {
            run.join().expect("no panic").expect("migrated");
        }
    });
    check_sqlite(&path).expect("this program's schema");
}

#[tokio::test]
async fn a_database_is_readable_by_its_owner_alone() {
    let (_store, place) = fresh(Engine::Sqlite).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&place.path()), 0o600);
    assert_eq!(mode(&beside(&place.path(), "-wal")), 0o600, "the log holds the same");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_as_it_is() {
    let (store, place) = fresh(Engine::Sqlite).await;
    drop(store);
    place.execute("INSERT INTO migration VALUES (99, 'future', 'x', 0); PRAGMA wal_checkpoint(TRUNCATE)").await;
    let before = bytes(&place);
    for refused in [words(migrate_sqlite(&place.path(), 1)), words(check_sqlite(&place.path()))] {
        assert!(refused.contains("99") && refused.contains("newer"), "{refused}");
    }
    assert_eq!(bytes(&place), before);
}

#[tokio::test]
async fn an_altered_migration_is_refused() {
    let (store, place) = fresh(Engine::Sqlite).await;
    drop(store);
    place.execute("UPDATE migration SET checksum = 'x' WHERE version = 1; PRAGMA wal_checkpoint(TRUNCATE)").await;
    let before = bytes(&place);
    for refused in [words(migrate_sqlite(&place.path(), 1)), words(check_sqlite(&place.path()))] {
        assert!(refused.contains("migration 1"), "{refused}");
    }
    assert_eq!(bytes(&place), before);
}

#[test]
fn a_missing_or_older_database_says_what_to_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing.db");
    let missing = words(check_sqlite(&path));
    assert!(missing.contains("missing.db") && missing.contains("otpost migrate"), "{missing}");
    assert!(!path.exists(), "a check creates nothing");
    assert!(matches!(Store::open_sqlite(&path, 8).err(), Some(StoreError::Unavailable(_))));
    assert!(!path.exists(), "opening creates nothing");
    std::fs::write(&path, "").expect("written");
    let empty = words(check_sqlite(&path));
    assert!(empty.contains("version 0") && empty.contains("otpost migrate"), "{empty}");
    let nowhere = migrate_sqlite(&folder.path().join("no/such/folder.db"), 1).expect_err("refused");
    assert!(matches!(nowhere, StoreError::Unavailable(_)), "{nowhere:?}");
}

#[tokio::test]
async fn a_damaged_column_is_named() {
    let (desk, place) = desk(Engine::Sqlite).await;
    let opened = desk.open(&ann()).await;
    place.execute("UPDATE challenge SET state = 'half open'").await;
    let error = desk.store.find_challenge(&opened.id).await.expect_err("damaged");
    assert_eq!(error.to_string(), "the database is damaged: table challenge, column 2 of the query");
}

#[tokio::test]
async fn the_log_grows_with_what_is_written() {
    let (desk, _place) = desk(Engine::Sqlite).await;
    desk.open(&ann()).await;
    assert!(desk.store.wal_bytes() > 0);
}

#[tokio::test]
async fn no_code_is_ever_written_to_the_disk() {
    let (desk, place) = desk(Engine::Sqlite).await;
    let ask = Ask { digits: 20, ..ann() };
    let opened = desk.open(&ask).await;
    let (right, wrong) = (opened.code(), not(&opened.code()));
    desk.answer(&ask, &opened.id, &wrong).await;
    desk.answer(&ask, &opened.id, &right).await;
    for file in [place.path(), beside(&place.path(), "-wal")] {
        let content = std::fs::read(&file).expect("readable");
        for code in [&right, &wrong] {
            let is_there = content.windows(20).any(|window| window == code.expose().as_bytes());
            assert!(!is_there, "a code in {}", file.display());
        }
    }
}

/// Power may fail after any answer: the files as they are then must hold everything answered.
#[tokio::test]
async fn what_was_answered_is_in_a_copy_of_the_files() {
    let (desk, place) = desk(Engine::Sqlite).await;
    for round in 0..20 {
        let ask = Ask { subject: subject(round), ..ann() };
        let opened = desk.open(&ask).await;
        let copied = Copied::of(&place);
        assert_eq!(copied.store.find_challenge(&opened.id).await.expect("readable").len(), 1);
        desk.answer(&ask, &opened.id, &not(&opened.code())).await;
        assert_eq!(Copied::of(&place).store.find_challenge(&opened.id).await.expect("readable")[0].tries, 1);
        assert!(matches!(desk.answer(&ask, &opened.id, &opened.code()).await, Judged::Accepted(_)));
        let copied = Copied::of(&place);
        assert_eq!(copied.store.find_challenge(&opened.id).await.expect("readable")[0].state, State::Used);
        let again = Desk::new(copied.store.clone(), 1_000_000).answer(&ask, &opened.id, &opened.code()).await;
        assert!(matches!(again, Judged::Refused { .. }), "used before the crash, used after it");
        let key = opened.mails[0].key.clone();
        desk.store.mail_done(MailDone { key, send: 1, outcome: MailOutcome::Sent }).await.expect("answered");
        change!(desk, [settings::save("round", &round.to_string())]).expect("changed");
        // A sent mail goes with the next commit.
        assert_eq!(
            Copied::of(&place).connection().query_row("SELECT COUNT(*) FROM outbox", [], |row| row.get(0)),
            Ok(0)
        );
        let seen = Copied::of(&place).store.list_settings().await.expect("readable");
        assert_eq!(seen, [("round".to_owned(), round.to_string())]);
        let lines = desk.store.count_audit().await.expect("readable");
        assert_eq!(Copied::of(&place).store.count_audit().await.expect("readable"), lines);
    }
}

/// The files as a crash would leave them, opened.
struct Copied {
    store: Store,
    folder: tempfile::TempDir,
}

impl Copied {
    /// The database first: what a checkpoint may still move there is in the log as well.
    fn of(place: &Place) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let copy = folder.path().join("copy.db");
        std::fs::copy(place.path(), &copy).expect("copied");
        std::fs::copy(beside(&place.path(), "-wal"), beside(&copy, "-wal")).expect("copied");
        Self { store: Store::open_sqlite(&copy, 64).expect("opens"), folder }
    }

    fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("copy.db")).expect("opens")
    }
}

fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
