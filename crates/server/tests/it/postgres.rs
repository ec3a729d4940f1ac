//! PostgreSQL for tests. One server serves a whole run: the one named in `OTPOST_TEST_POSTGRES`, which
//! `cargo xtask check` and `cargo xtask test` start, or one of this very process. Each test gets a
//! database of its own in it. Who wants to stop, pause or lose a server starts a [`Cluster`].

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use private_postgres::client;
use private_postgres::cluster::Cluster;

/// A database for one test. It is gone when this is dropped.
pub(crate) struct Database {
    name: String,
    url: String,
}

/// The server of all tests. One of our own ends with this process, though nobody drops it.
enum Server {
    Given(String),
    Own(Box<Cluster>),
}

impl Database {
    /// An empty one.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let maintenance = server().url("postgres");
        // Left over by a process of the same number: a server may see many runs.
        run(&maintenance, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE);\nCREATE DATABASE {name}"));
        Self { url: server().url(&name), name }
    }

    /// Where it is, for a superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A connection of its own.
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    pub(crate) async fn connect(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.expect("connected");
        tokio::spawn(connection);
        client
    }

    /// Runs statements and answers their rows; NULL is an empty text.
    pub(crate) fn query(&self, sql: &str) -> Vec<Vec<String>> {
        run(&self.url, sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let order = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        drop(client::query(&server().url("postgres"), &order));
    }
}

impl Server {
    fn url(&self, database: &str) -> String {
        match self {
            Self::Given(url) => with_database(url, database),
            Self::Own(cluster) => cluster.superuser_url(database),
        }
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match given() {
        Some(url) => Server::Given(url),
        None => Server::Own(Box::new(Cluster::start().unwrap_or_else(|error| panic!("{error}")))),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told their server from outside, like the product its configuration"
)]
fn given() -> Option<String> {
    std::env::var("OTPOST_TEST_POSTGRES").ok()
}

/// The same server, another database.
fn with_database(url: &str, database: &str) -> String {
    let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = base.rsplit_once('/').filter(|(before, _)| !before.ends_with('/')).unwrap_or((base, ""));
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{server}/{database}{mark}{parameters}")
}

fn run(url: &str, sql: &str) -> Vec<Vec<String>> {
    client::query(url, sql).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn each_test_has_a_database_of_its_own() {
    let (one, other) = (Database::new(), Database::new());
    run(one.url(), "CREATE TABLE here (number BIGINT)");
    assert!(other.query("SELECT 1 FROM pg_tables WHERE tablename = 'here'").is_empty());
    let name = one.name.clone();
    drop(one);
    let left = other.query(&format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"));
    assert!(left.is_empty(), "the database stayed");
}

#[test]
fn a_database_of_a_given_server_keeps_the_parameters() {
    assert_eq!(with_database("postgres://u:p@h:1/postgres?a=b", "one"), "postgres://u:p@h:1/one?a=b");
    assert_eq!(with_database("postgres://u:p@h:1", "one"), "postgres://u:p@h:1/one");
}
