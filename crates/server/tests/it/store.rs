//! The contract of the store: what every engine promises, each test once per engine.
//!
//! A test is a function of an [`desk::Engine`]; `for_each_engine!` at the end of each file turns it
//! into one test per engine (`store::judge::sqlite::a_code_is_accepted_once`). What only a database
//! file can promise stands in `file.rs`.

/// Emits each test once per engine. A test that is missing from the list is dead code, and said so.
macro_rules! for_each_engine {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test($crate::store::desk::Engine::Sqlite).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test($crate::store::desk::Engine::Postgres).await;
            })+
        }
    };
}

/// Applies statements of the store as one change, with its audit line.
macro_rules! change {
    ($desk:expr, $statements:expr) => {{
        let statements = $statements.into();
        let event = $desk.event($crate::store::desk::T0);
        $desk.store.change(otpost::store::command::Change { statements, event }).await
    }};
}

/// Asserts that a change was refused as this error, and nothing of it kept.
macro_rules! refused {
    ($desk:expr, $error:ident, $statements:expr) => {{
        let before = $desk.store.count_audit().await.expect("readable");
        let answer = change!($desk, $statements);
        assert!(matches!(answer, Err(otpost::store::StoreError::$error)), "{answer:?}");
        assert_eq!($desk.store.count_audit().await.expect("readable"), before);
    }};
}

mod admin_sessions;
mod asleep;
mod audit;
mod begin;
mod catalog;
mod challenges;
mod criteria;
mod desk;
mod differential;
mod directories;
mod enrolled;
mod enrollments;
mod file;
mod first_steps;
mod invitations;
mod judge;
mod notices;
mod outbox;
mod passages;
mod pins;
mod place;
mod plans;
mod providers;
mod race;
mod resend;
mod saboteur;
mod schema;
mod sites;
mod themes;
mod trail;
mod writer;
