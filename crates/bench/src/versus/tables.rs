//! The incumbent's database: made empty, filled by SQL, on either engine.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rusqlite::Connection;

use crate::postgres::{Postgres, USER};

/// Where the incumbent keeps its rows.
pub(crate) enum Tables<'a> {
    /// Two files in this folder: what it writes, and the users it only reads.
    Files(PathBuf),
    /// A database of this cluster, users included.
    Database(&'a Postgres, String),
}

impl Tables<'_> {
    /// The address in `SQLAlchemy`'s notation.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Files(folder) => format!("sqlite:///{}", folder.join(OWN).display()),
            Self::Database(cluster, name) => format!("postgresql+psycopg2://{USER}@127.0.0.1:{}/{name}", cluster.port),
        }
    }

    /// The parameters of an SQL resolver that reads the users, as a form.
    pub(crate) fn resolver(&self) -> String {
        let place = match self {
            Self::Files(folder) => {
                let file = folder.join(USERS);
                let file = file.display().to_string();
                format!("Driver=sqlite&Server=%2F&Database={}", file.trim_start_matches('/').replace('/', "%2F"))
            }
            Self::Database(cluster, name) => format!(
                "Driver=postgresql%2Bpsycopg2&Server=127.0.0.1&Port={}&Database={name}&User={USER}",
                cluster.port
            ),
        };
        format!("type=sqlresolver&{place}&Table=bench_user&Limit=500&Map={MAP}")
    }

    /// Makes the users.
    pub(crate) fn add_people(&self, users: usize) -> anyhow::Result<()> {
        let text = PEOPLE.replace(":users", &users.to_string());
        match self {
            Self::Files(folder) => run(&folder.join(USERS), &text),
            Self::Database(cluster, name) => cluster.run(name, &text).map(drop),
        }
    }

    /// Gives every user a copy of the first one's token.
    pub(crate) fn add_tokens(&self, users: usize) -> anyhow::Result<()> {
        let text = TOKENS.replace(":users", &users.to_string());
        match self {
            Self::Files(folder) => run(&folder.join(OWN), &text),
            Self::Database(cluster, name) => {
                cluster.run(name, &text)?;
                let next = |table| format!("SELECT setval('{table}_seq', (SELECT MAX(id) FROM {table}));");
                let tables = ["token", "tokeninfo", "tokenowner", "tokenrealm"];
                cluster.run(name, &tables.map(next).concat())?;
                cluster.run(name, "VACUUM ANALYZE").map(drop)
            }
        }
    }

    /// The stored hash of the first token's PIN.
    pub(crate) fn find_pin_hash(&self) -> anyhow::Result<String> {
        let query = "SELECT pin_hash FROM token WHERE id = 1";
        match self {
            Self::Files(folder) => {
                let connection = Connection::open(folder.join(OWN))?;
                connection.query_row(query, [], |row| row.get(0)).context("the first token")
            }
            Self::Database(cluster, name) => cluster.run(name, query),
        }
    }
}

fn run(file: &Path, statements: &str) -> anyhow::Result<()> {
    let connection = Connection::open(file)?;
    connection.execute_batch(&format!("BEGIN; {statements} COMMIT;")).with_context(|| file.display().to_string())
}

const PEOPLE: &str = include_str!("people.sql");
const TOKENS: &str = include_str!("tokens.sql");
const OWN: &str = "own.sqlite";
const USERS: &str = "users.sqlite";
/// Which column holds what, as JSON, percent-encoded.
const MAP: &str = "%7B%22userid%22%3A%22id%22%2C%22username%22%3A%22username%22%2C%22email%22%3A%22email%22%2C\
    %22givenname%22%3A%22givenname%22%2C%22surname%22%3A%22surname%22%7D";
