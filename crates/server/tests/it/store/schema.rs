//! The schema: made once, checked at every start, never guessed at.

use otpost::store::StoreError;
use otpost::store::migrate::{Migrated, check, migrate};

use super::desk::{Engine, Place, fresh};

/// What the operator reads.
fn words<T>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(error @ StoreError::Schema(_)) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("not refused"),
    }
}

async fn a_database_without_a_schema_is_refused_and_named(engine: Engine) {
    let place = Place::new(engine);
    assert!(words(check(&place.url()).await).contains("run `otpost migrate`"));
}

async fn migrating_twice_changes_nothing(engine: Engine) {
    let (_store, place) = fresh(engine).await;
    check(&place.url()).await.expect("this program's schema");
    let again = migrate(&place.url(), 2).await.expect("migrated");
    assert_eq!(again, Migrated { from: again.to, to: again.to });
}

async fn a_newer_schema_is_left_as_it_is(engine: Engine) {
    let (store, place) = fresh(engine).await;
    drop(store);
    place.execute("INSERT INTO migration VALUES (99, 'future', 'x', 0)").await;
    for refused in [words(check(&place.url()).await), words(migrate(&place.url(), 2).await)] {
        assert!(refused.contains("99") && refused.contains("newer"), "{refused}");
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM migration WHERE version = 99").await, 1);
}

async fn an_altered_migration_is_noticed(engine: Engine) {
    let (store, place) = fresh(engine).await;
    drop(store);
    place.execute("UPDATE migration SET checksum = 'x' WHERE version = 1").await;
    for refused in [words(check(&place.url()).await), words(migrate(&place.url(), 2).await)] {
        assert!(refused.contains("migration 1"), "{refused}");
    }
}

async fn nodes_that_start_together_migrate_once(engine: Engine) {
    let place = Place::new(engine);
    let runs = (0..6).map(|_| {
        let url = place.url();
        async move { migrate(&url, 1).await.expect("migrated").to }
    });
    let versions = super::desk::at_once(runs).await;
    assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
    assert_eq!(place.number("SELECT COUNT(*) FROM migration").await, versions[0]);
}

for_each_engine! {
    a_database_without_a_schema_is_refused_and_named,
    migrating_twice_changes_nothing,
    a_newer_schema_is_left_as_it_is,
    an_altered_migration_is_noticed,
    nodes_that_start_together_migrate_once,
}
