//! How much the database holds, asked for in ways that cost next to nothing.

use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::Serialize;

/// What it holds at one moment. On a file `challenge` is right to within one interval, on a server all are what its
/// statistics say.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Held {
    pub(super) challenge: i64,
    pub(super) outbox: i64,
    pub(super) audit: i64,
    pub(super) budget: i64,
    /// The log of a file, or what a server has written to its own so far.
    pub(super) wal_mib: i64,
    /// Row versions that wait for the server's clean-up.
    pub(super) dead_challenge: i64,
    pub(super) dead_outbox: i64,
    pub(super) dead_budget: i64,
}

/// Something to read that from.
pub(super) enum Gauge {
    File { path: PathBuf, challenges: Challenges, audit: (Vec<u8>, i64) },
    Server(tokio_postgres::Client),
}

/// Challenges come and go in order of their id: ids, and how many there had been up to each. What is there at the
/// beginning goes little by little, so it has many of them.
#[derive(Default)]
pub(super) struct Challenges(Vec<(String, i64)>);

impl Gauge {
    pub(super) fn of_file(path: PathBuf) -> Self {
        Self::File { path, challenges: Challenges::default(), audit: Default::default() }
    }

    pub(super) async fn of_server(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        #[expect(clippy::disallowed_methods, reason = "it ends with its client")]
        tokio::spawn(connection);
        Ok(Self::Server(client))
    }

    pub(super) async fn read(&mut self) -> anyhow::Result<Held> {
        match self {
            Self::File { path, challenges, audit } => {
                let file = Connection::open_with_flags(&*path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0));
                let newer = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?));
                let (more, last) = file.query_row(NEWER_LINES, [&audit.0], newer)?;
                audit.0 = last.unwrap_or_else(|| audit.0.clone());
                audit.1 += more;
                let wal = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |wal| wal.len() >> 20);
                let wal = i64::try_from(wal)?;
                Ok(Held {
                    challenge: challenges.read(&file)?,
                    outbox: number("SELECT COUNT(*) FROM outbox")?,
                    audit: audit.1,
                    budget: number("SELECT COUNT(*) FROM budget")?,
                    wal_mib: wal,
                    ..Held::default()
                })
            }
            Self::Server(client) => read_server(client).await,
        }
    }
}

impl Challenges {
    fn read(&mut self, file: &Connection) -> rusqlite::Result<i64> {
        if self.0.is_empty() {
            let mut statement = file.prepare(EVERY_SO_MANY)?;
            let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            self.0 = read.collect::<Result<_, _>>()?;
        }
        let (last, count) = self.0.last().cloned().unwrap_or_default();
        let newer = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?));
        let (more, newest) = file.query_row(NEWER_CHALLENGES, [&last], newer)?;
        let count = count + more;
        self.0.push((newest.unwrap_or(last), count));
        let oldest: Option<String> = file.query_row(OLDEST_CHALLENGE, [], |row| row.get(0)).optional()?;
        let is_gone = |id: &str| oldest.as_deref().is_none_or(|oldest| id < oldest);
        let gone = self.0.iter().rev().find(|(id, _)| is_gone(id)).map_or(0, |(_, count)| *count);
        Ok(count - gone)
    }
}

async fn read_server(client: &tokio_postgres::Client) -> anyhow::Result<Held> {
    let mut held = Held::default();
    for row in client.query(TABLES, &[]).await? {
        let (live, dead) = (row.try_get(1)?, row.try_get(2)?);
        match row.try_get::<_, &str>(0)? {
            "audit" => held.audit = live,
            "budget" => (held.budget, held.dead_budget) = (live, dead),
            "challenge" => (held.challenge, held.dead_challenge) = (live, dead),
            "outbox" => (held.outbox, held.dead_outbox) = (live, dead),
            _ => {}
        }
    }
    held.wal_mib = client.query_one(WRITTEN, &[]).await?.try_get(0)?;
    Ok(held)
}

const EVERY_SO_MANY: &str = "SELECT id, number FROM \
    (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number FROM challenge) WHERE number % 10000 = 0";
const NEWER_CHALLENGES: &str = "SELECT COUNT(*), MAX(id) FROM challenge WHERE id > ?1";
const OLDEST_CHALLENGE: &str = "SELECT id FROM challenge ORDER BY id LIMIT 1";
const NEWER_LINES: &str = "SELECT COUNT(*), MAX(id) FROM audit WHERE id > ?1";
const TABLES: &str = "SELECT relname::text, n_live_tup, n_dead_tup FROM pg_stat_user_tables";
const WRITTEN: &str = "SELECT (pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1048576)::bigint";
