//! The PostgreSQL server of the tests.

/// A new database on the server of the tests.
pub(crate) async fn create_database() -> String {
    let server = std::env::var("OTPOST_TEST_POSTGRES").expect("a server");
    let name = format!("t{}_{:?}", std::process::id(), std::thread::current().id());
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("created");
    let (front, _) = server.rsplit_once('/').expect("a database");
    format!("{front}/{name}")
}

/// A connection of its own.
pub(crate) async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    client
}
