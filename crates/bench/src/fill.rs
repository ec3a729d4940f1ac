//! Old rows as months of work leave them, written past the store.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use domain::budget::Budget;
use domain::challenge::ChallengeId;
use domain::code::CodeLength;
use domain::time::Timestamp;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use otpost::config::StoreUrl;
use otpost::os::SystemClock;
use otpost::store::Store;
use rusqlite::{Connection, TransactionBehavior};

use crate::chance::{self, Chance, START};

/// Closed challenges with their audit lines.
pub(crate) async fn fill(url: &StoreUrl, rows: u64, accounts: u64) -> anyhow::Result<()> {
    match url {
        StoreUrl::Postgres(url) => fill_server(url.expose(), rows).await,
        StoreUrl::Sqlite(path) => fill_file(path, rows, accounts),
    }
}

/// Ten a second, the last of them a minute before the run.
fn at(row: u64, rows: u64) -> Timestamp {
    START - Duration::from_millis(60_000 + 100 * (rows - row))
}

fn fill_file(path: &Path, rows: u64, accounts: u64) -> anyhow::Result<()> {
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    let chance = Chance::new(99);
    for row in 0..rows {
        let at = at(row, rows);
        let begin = chance::begin(&chance, chance::subject(row % accounts.max(1))?, at)?;
        let part = begin.parts.first().context("a part")?;
        transaction.prepare_cached(OLD_CHALLENGE)?.execute(rusqlite::params![
            begin.id.as_str(),
            begin.subject.as_bytes(),
            part.serial.as_str(),
            at.millis(),
            part.nonce,
            part.mac,
        ])?;
        let event = begin.event;
        let line = rusqlite::params![event.id, at.millis(), event.action, event.user_name, begin.id.as_str()];
        transaction.prepare_cached(OLD_LINE)?.execute(line)?;
    }
    transaction.commit()?;
    let written: i64 = connection.query_row("SELECT COUNT(*) FROM challenge", [], |row| row.get(0))?;
    ensure!(u64::try_from(written) == Ok(rows), "{written} rows were written instead of {rows}");
    Ok(())
}

async fn fill_server(url: &str, rows: u64) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
    tokio::spawn(connection);
    let ids: Vec<String> = (0..rows).map(|row| id(row, rows)).collect();
    let times: Vec<i64> = (0..rows).map(|row| at(row, rows).millis()).collect();
    let written = client.execute(OLD_CHALLENGES, &[&ids, &times]).await?;
    ensure!(written == rows, "{written} rows were written instead of {rows}");
    client.execute(OLD_LINES, &[&ids, &times]).await?;
    Ok(())
}

/// The budgets of all accounts, as the product makes them: everybody signed in the day before.
pub(crate) async fn budgets(store: &Store, accounts: u64) -> anyhow::Result<()> {
    let (budget, yesterday) = (Budget::for_guesses(CodeLength::STANDARD), START - Duration::from_hours(24));
    let charges = stream::iter(0..accounts).map(|account| async move {
        let is_charged = store.charge_pin(chance::subject(account)?, budget, yesterday).await?;
        ensure!(is_charged, "nobody had a budget before");
        Ok(())
    });
    charges.buffer_unordered(256).try_collect().await
}

/// What a server does by itself in the course of a day.
pub(crate) async fn tidy_up(url: &str) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
    tokio::spawn(connection);
    client.batch_execute("VACUUM ANALYZE").await?;
    Ok(client.batch_execute("CHECKPOINT").await?)
}

/// Closed challenges of the fourteen minutes until now, for which the product keeps them.
pub(crate) async fn backlog(server: Option<&str>, file: &Path, rows: u64) -> anyhow::Result<()> {
    let kept = Duration::from_mins(14);
    let begin = SystemClock::new(Timestamp::default()).own() - kept;
    let of_row = |row: u64| {
        let millis = u64::try_from(kept.as_millis()).unwrap_or(u64::MAX);
        let at = begin + Duration::from_millis(millis * row / rows);
        (numbered(at, row), at.millis())
    };
    for first in (0..rows).step_by(CHUNK) {
        let chunk = (first..rows).take(CHUNK).map(of_row);
        match server {
            None => backlog_of_file(file, chunk)?,
            Some(url) => {
                let (ids, times): (Vec<String>, Vec<i64>) = chunk.unzip();
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
                #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
                tokio::spawn(connection);
                client.execute(OLD_CHALLENGES, &[&ids, &times]).await?;
            }
        }
    }
    Ok(())
}

fn backlog_of_file(file: &Path, rows: impl Iterator<Item = (String, i64)>) -> anyhow::Result<()> {
    let mut connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let hash = [7_u8; 32];
    for (id, at) in rows {
        let params = rusqlite::params![id, &hash[..16], "PIEM0001A2B3", at, &hash[..16], hash];
        transaction.prepare_cached(OLD_CHALLENGE)?.execute(params)?;
    }
    Ok(transaction.commit()?)
}

fn id(row: u64, rows: u64) -> String {
    numbered(at(row, rows), row)
}

/// Ordered by time, as the product's are.
fn numbered(at: Timestamp, row: u64) -> String {
    let first = ChallengeId::first_at(at);
    format!("{}{:09}", &first.as_str()[..11], row % 1_000_000_000)
}

/// Rows of one transaction: the server under test writes in between.
const CHUNK: usize = 50_000;

const OLD_CHALLENGE: &str = "INSERT INTO challenge VALUES (?1, 0, 1, ?2, 'sign-in', 'gateway', ?3, 'used', 1, 1, 1, ?4, \
    ?4 + 120000, ?4, 0, 6, ?5, ?6, '')";

const OLD_LINE: &str = "INSERT INTO audit VALUES (?1, ?2, ?3, 'accept', '', ?4, 'corp', 'PIEM0001A2B3', ?5, '', \
    'gateway-1', '192.0.2.17', '01999f2b-5c1e-7a3d', '')";

const OLD_CHALLENGES: &str = "INSERT INTO challenge SELECT id, 0, 1, decode(md5(id), 'hex'), 'sign-in', 'gateway', \
    'PIEM0001A2B3', 'used', 1, 1, 1, at, at + 120000, at, 0, 6, decode(md5(id), 'hex'), sha256(id::bytea), '' \
    FROM unnest($1::text[], $2::bigint[]) AS old (id, at)";

const OLD_LINES: &str = "INSERT INTO audit SELECT decode(lpad(to_hex(at), 12, '0') || substr(md5(id), 1, 20), 'hex'), \
    at, 'POST /validate/check', 'accept', '', 'ann', 'corp', 'PIEM0001A2B3', id, '', 'gateway-1', '192.0.2.17', \
    '01999f2b-5c1e-7a3d', '' FROM unnest($1::text[], $2::bigint[]) AS old (id, at)";
