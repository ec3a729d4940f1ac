//! The store alone: whole flows (issue, judge, mail done) through the writer, every commit on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use domain::time::Timestamp;
use otpost::store::command::{Begun, Judged, MailDone, MailOutcome};
use otpost::store::{Store, migrate};
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::chance::{self, Chance, START};
use crate::meter;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Callers at once, one run for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 128])]
    callers: Vec<usize>,
    /// Seconds of each run, after one second of warming up.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Closed challenges and audit lines in the database before the run.
    #[arg(long, default_value_t = 0)]
    rows: u64,
    /// Accounts that sign in, each with its budget in the database if there are old rows.
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Folder for the database; its disk decides.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

/// Runs every number of callers on one database.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    println!("flush (append 4 KiB, fdatasync): {} ms", meter::millis(meter::flush_time(folder.path())?));
    let path = folder.path().join("bench.db");
    migrate::migrate_sqlite(&path, START.millis())?;
    fill(&path, options)?;
    let store = Store::open_sqlite(&path, 4096)?;
    println!(
        "SQLite, every commit flushed before its answer; {} old rows, {} accounts",
        options.rows, options.accounts
    );
    println!(
        "| callers | flows/s (issue/s, judge/s) | commands/s | issue p50/p99 ms | judge p50/p99 ms | CPU µs/flow | WAL MiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (hour, callers) in (0..).zip(&options.callers) {
        let from = START + Duration::from_hours(hour);
        let run = measure(&store, from, *callers, options).await?;
        run.print(*callers, store.wal_bytes() >> 20);
    }
    Ok(())
}

/// Flows in a second and the processor time of each, callers included, on an empty `SQLite` database.
pub(crate) async fn ceiling(folder: &Path, callers: usize, seconds: u64) -> anyhow::Result<(u64, String)> {
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("bench.db");
    migrate::migrate_sqlite(&path, START.millis())?;
    let store = Store::open_sqlite(&path, 4096)?;
    let options =
        Options { callers: vec![callers], seconds, rows: 0, accounts: 100_000, folder: folder.path().to_owned() };
    let run = measure(&store, START, callers, &options).await?;
    let flows = run.times.issue.len();
    Ok((meter::rate(flows, run.elapsed), meter::micros_each(run.processor, flows)))
}

async fn measure(store: &Store, from: Timestamp, callers: usize, options: &Options) -> anyhow::Result<Run> {
    let (is_warm, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let (store, is_warm, is_over) = (store.clone(), is_warm.clone(), is_over.clone());
        let chance = Chance::new(from.millis().unsigned_abs() + u64::try_from(caller)?);
        let accounts = options.accounts;
        tasks.spawn(async move {
            let mut times = Times::default();
            let start = meter::now();
            while !is_over.load(Ordering::Relaxed) {
                let now = from + start.elapsed();
                let flow = flow(&store, &chance, chance.below(accounts), now).await?;
                if is_warm.load(Ordering::Relaxed) {
                    times.issue.push(flow.0);
                    times.judge.push(flow.1);
                }
            }
            anyhow::Ok(times)
        });
    }
    // A thread of its own keeps the time, so that no worker of the runtime has to.
    let seconds = Duration::from_secs(options.seconds);
    let keeper = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_secs(1));
        is_warm.store(true, Ordering::Relaxed);
        let (start, before) = (meter::now(), meter::processor_time());
        std::thread::sleep(seconds);
        let spent = (start.elapsed(), meter::processor_time().saturating_sub(before));
        is_over.store(true, Ordering::Relaxed);
        spent
    });
    let (elapsed, processor) = keeper.await?;
    let mut all = Times::default();
    while let Some(times) = tasks.join_next().await {
        let times = times??;
        all.issue.extend(times.issue);
        all.judge.extend(times.judge);
    }
    Ok(Run { times: all, elapsed, processor })
}

/// What one number of callers did.
struct Run {
    times: Times,
    elapsed: Duration,
    processor: Duration,
}

#[derive(Default)]
struct Times {
    issue: Vec<Duration>,
    judge: Vec<Duration>,
}

impl Run {
    fn print(self, callers: usize, wal: u64) {
        let Self { mut times, elapsed, processor } = self;
        let (flows, commands) = (times.issue.len(), times.issue.len() * 2);
        let mut pair = |part: fn(&mut Times) -> &mut Vec<Duration>| {
            let times = part(&mut times);
            format!("{} / {}", meter::millis(meter::percentile(times, 50)), meter::millis(meter::percentile(times, 99)))
        };
        let (issue, judge) = (pair(|all| &mut all.issue), pair(|all| &mut all.judge));
        println!(
            "| {callers} | {} | {} | {issue} | {judge} | {} | {wal} |",
            meter::rate(flows, elapsed),
            meter::rate(commands, elapsed),
            meter::micros_each(processor, flows),
        );
    }
}

/// One sign-in; how long issuing and judging took.
async fn flow(store: &Store, chance: &Chance, account: u64, now: Timestamp) -> anyhow::Result<(Duration, Duration)> {
    let subject = chance::subject(account)?;
    let begin = chance::begin(chance, subject, now)?;
    let mac = begin.parts.first().context("a part")?.mac;
    let started = meter::now();
    let Begun::Open { id, mails, .. } = store.begin(begin).await? else {
        // Two callers met at one account; its owner waits.
        return Ok((started.elapsed(), Duration::ZERO));
    };
    let issued = started.elapsed();
    for mail in mails {
        store.mail_done(MailDone { key: mail.key, send: mail.send, outcome: MailOutcome::Sent }).await?;
    }
    let judge = chance::judge(chance, subject, id, mac, now)?;
    let started = meter::now();
    match store.judge(judge).await? {
        Judged::Accepted(_) | Judged::Refused { .. } => Ok((issued, started.elapsed())),
    }
}

/// Old rows as months of work leave them, written past the store.
fn fill(path: &Path, options: &Options) -> anyhow::Result<()> {
    if options.rows == 0 {
        return Ok(());
    }
    let mut connection = Connection::open(path)?;
    let transaction = connection.transaction()?;
    let chance = Chance::new(99);
    for row in 0..options.rows {
        // Ten a second, the last of them a minute before the run.
        let at = START - Duration::from_millis(60_000 + 100 * (options.rows - row));
        let begin = chance::begin(&chance, chance::subject(row % options.accounts.max(1))?, at)?;
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
    for account in 0..options.accounts {
        transaction.prepare_cached(OLD_BUDGET)?.execute([chance::subject(account)?.as_bytes()])?;
    }
    transaction.commit()?;
    let rows: i64 = connection.query_row("SELECT COUNT(*) FROM challenge", [], |row| row.get(0))?;
    if u64::try_from(rows) == Ok(options.rows) {
        Ok(())
    } else {
        bail!("{rows} rows were written instead of {}", options.rows)
    }
}

const OLD_CHALLENGE: &str = "INSERT INTO challenge VALUES (?1, 0, ?2, 'sign-in', 'gateway', ?3, 'used', 1, 1, 1, ?4, \
    ?4 + 120000, ?4, 0, 6, ?5, ?6)";

const OLD_LINE: &str = "INSERT INTO audit VALUES (?1, ?2, ?3, 'accept', '', ?4, 'corp', 'PIEM0001A2B3', ?5, '', \
    'gateway-1', '192.0.2.17', '01999f2b-5c1e-7a3d', '')";

const OLD_BUDGET: &str = "INSERT INTO budget VALUES (?1, 1, 1, 1, 1)";
