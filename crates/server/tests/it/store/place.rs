//! Where a store of the contract suite lives, and what a second program does to it there.

use std::path::PathBuf;
use std::time::Duration;

use domain::secret::Secret;
use otpost::config::StoreUrl;
use otpost::store::{Store, Time};

use crate::postgres::Database;

/// The engines that keep the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Postgres,
    Sqlite,
}

/// Where a store lives. The store is gone when this is dropped.
pub(super) enum Place {
    /// A database of its own on the server of the tests.
    Postgres { database: Database },
    /// A file of its own.
    Sqlite { folder: tempfile::TempDir },
}

/// Another program that is in the middle of writing.
pub(super) enum Held {
    Postgres(tokio_postgres::Client),
    Sqlite(rusqlite::Connection),
}

impl Place {
    pub(super) fn new(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => Self::Postgres { database: Database::new() },
            Engine::Sqlite => Self::Sqlite { folder: tempfile::tempdir().expect("a folder") },
        }
    }

    pub(super) fn url(&self) -> StoreUrl {
        match self {
            Self::Postgres { database } => StoreUrl::Postgres(Secret::new(database.url())),
            Self::Sqlite { .. } => StoreUrl::Sqlite(self.path()),
        }
    }

    /// Opens the store. Time is that of the commands.
    pub(super) async fn open(&self, queue: usize) -> Store {
        Store::open_by(&self.url(), queue, Time::Commands).await.expect("open")
    }

    /// Opens the store once more, as a restart does.
    pub(super) async fn reopen(&self) -> Store {
        self.open(1024).await
    }

    /// The database file.
    pub(super) fn path(&self) -> PathBuf {
        match self {
            Self::Postgres { .. } => panic!("a server has no file of ours"),
            Self::Sqlite { folder } => folder.path().join("otpost.db"),
        }
    }

    /// A second program's connection to the file.
    pub(super) fn connection(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open(self.path()).expect("open");
        connection.busy_timeout(Duration::from_secs(5)).expect("settable");
        connection
    }

    /// A second program begins to write, and holds up every writer.
    pub(super) async fn hold(&self) -> Held {
        match self {
            Self::Postgres { database } => {
                let client = database.connect().await;
                client.batch_execute("BEGIN; LOCK TABLE audit IN EXCLUSIVE MODE").await.expect("begun");
                Held::Postgres(client)
            }
            Self::Sqlite { .. } => {
                let connection = self.connection();
                connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
                Held::Sqlite(connection)
            }
        }
    }

    /// Another connection to the server.
    pub(super) async fn connect(&self) -> tokio_postgres::Client {
        match self {
            Self::Postgres { database } => database.connect().await,
            Self::Sqlite { .. } => panic!("a file has no server"),
        }
    }

    /// Runs statements behind the store's back.
    pub(super) async fn execute(&self, sql: &str) {
        match self {
            Self::Postgres { database } => database.connect().await.batch_execute(sql).await.expect("runs"),
            Self::Sqlite { .. } => self.connection().execute_batch(sql).expect("runs"),
        }
    }

    /// What a restore leaves behind.
    pub(super) async fn move_epoch_on(&self) {
        match self {
            // The server itself says that its history is another.
            Self::Postgres { .. } => {
                self.execute("UPDATE instance SET value = 'elsewhere' WHERE name = 'history'").await
            }
            Self::Sqlite { .. } => {
                self.execute("INSERT INTO instance (name, value) VALUES ('epoch', x'0000000000000001')").await;
            }
        }
    }

    /// One number out of the database.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        match self {
            Self::Postgres { database } => {
                let sql = format!("SELECT CAST(number AS BIGINT) FROM ({sql}) AS one (number)");
                database.connect().await.query_one(&sql, &[]).await.expect("a number").get(0)
            }
            Self::Sqlite { .. } => self.connection().query_row(sql, [], |row| row.get(0)).expect("a number"),
        }
    }

    /// Every column of every audit line, in hexadecimal digits.
    pub(super) async fn audit_in_hex(&self) -> String {
        const COLUMNS: &str = "action || outcome || reason || user_name || realm || serials || challenge || actor \
            || client || address || request_id || detail";
        match self {
            Self::Postgres { database } => {
                let sql =
                    format!("SELECT string_agg(encode(id || convert_to({COLUMNS}, 'UTF8'), 'hex'), '') FROM audit");
                database.connect().await.query_one(&sql, &[]).await.expect("lines").get(0)
            }
            Self::Sqlite { .. } => {
                let sql = format!("SELECT lower(group_concat(hex(id || {COLUMNS}), '')) FROM audit");
                self.connection().query_row(&sql, [], |row| row.get(0)).expect("lines")
            }
        }
    }
}

impl Held {
    /// The other program gives up what it began.
    pub(super) async fn release(self) {
        match self {
            Self::Postgres(client) => client.batch_execute("ROLLBACK").await.expect("ended"),
            Self::Sqlite(connection) => connection.execute_batch("ROLLBACK").expect("ended"),
        }
    }
}
