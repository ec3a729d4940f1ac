//! The store alone: whole flows (issue, judge, mail done) through the writer, every commit on disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use domain::secret::Secret;
use domain::time::Timestamp;
use futures_util::future::try_join_all;
use otpost::config::StoreUrl;
use otpost::store::command::{Begun, Judged, MailDone, MailOutcome};
use otpost::store::{Store, Time, migrate};
use tokio::task::JoinSet;

use crate::chance::{self, Chance, START};
use crate::postgres::Postgres;
use crate::{fill, meter, process};

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
    /// On a private `PostgreSQL` instead of a `SQLite` file.
    #[arg(long)]
    postgres: bool,
}

/// Runs every number of callers on one database.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    println!("flush (append 4 KiB, fdatasync): {} ms", meter::millis(meter::flush_time(folder.path())?));
    let cluster = if options.postgres { Some(Postgres::start()?) } else { None };
    let url = match &cluster {
        Some(cluster) => StoreUrl::Postgres(Secret::new(cluster.create("bench")?)),
        None => StoreUrl::Sqlite(folder.path().join("bench.db")),
    };
    migrate::migrate(&url, START.millis()).await?;
    let store = Store::open_by(&url, 4096, Time::Commands).await?;
    if options.rows > 0 {
        fill::fill(&url, options.rows, options.accounts).await?;
        fill::budgets(&store, options.accounts).await?;
        if let StoreUrl::Postgres(url) = &url {
            fill::tidy_up(url.expose()).await?;
        }
    }
    println!(
        "{}, every commit flushed before its answer; {} old rows, {} accounts",
        if options.postgres { "PostgreSQL" } else { "SQLite" },
        options.rows,
        options.accounts
    );
    println!(
        "| callers | flows/s (issue/s, judge/s) | commands/s | issue p50/p99 ms | judge p50/p99 ms | CPU µs/flow | database CPU µs/flow | WAL MiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (hour, callers) in (0..).zip(&options.callers) {
        let from = START + Duration::from_hours(hour);
        let before = processor_of(cluster.as_ref());
        let run = measure(&store, from, *callers, options).await?;
        // The database also worked while the run was warming up.
        let database = processor_of(cluster.as_ref()).saturating_sub(before).mul_f64(run.share());
        run.print(*callers, database, store.wal_bytes() >> 20);
    }
    Ok(())
}

fn processor_of(cluster: Option<&Postgres>) -> Duration {
    cluster.map_or(Duration::ZERO, |cluster| process::processor_time(cluster.process.id()))
}

/// Flows in a second and the processor time of each, callers included and a database server not, on
/// an empty database.
pub(crate) async fn ceiling(url: &StoreUrl, callers: usize, seconds: u64) -> anyhow::Result<(u64, String)> {
    migrate::migrate(url, START.millis()).await?;
    let store = Store::open_by(url, 4096, Time::Commands).await?;
    let folder = PathBuf::new();
    let options = Options { callers: vec![callers], seconds, rows: 0, accounts: 100_000, folder, postgres: false };
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
    /// How much of the whole run, warming up included, was measured.
    fn share(&self) -> f64 {
        self.elapsed.as_secs_f64() / (self.elapsed.as_secs_f64() + 1.0)
    }

    fn print(self, callers: usize, database: Duration, wal: u64) {
        let Self { mut times, elapsed, processor } = self;
        let (flows, commands) = (times.issue.len(), times.issue.len() * 2);
        let mut pair = |part: fn(&mut Times) -> &mut Vec<Duration>| {
            let times = part(&mut times);
            format!("{} / {}", meter::millis(meter::percentile(times, 50)), meter::millis(meter::percentile(times, 99)))
        };
        let (issue, judge) = (pair(|all| &mut all.issue), pair(|all| &mut all.judge));
        println!(
            "| {callers} | {} | {} | {issue} | {judge} | {} | {} | {wal} |",
            meter::rate(flows, elapsed),
            meter::rate(commands, elapsed),
            meter::micros_each(processor, flows),
            meter::micros_each(database, flows),
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
    // Nobody who signs in waits for the row of a mail that was sent.
    let sent = mails.into_iter().map(|mail| MailDone { key: mail.key, send: mail.send, outcome: MailOutcome::Sent });
    let sent = try_join_all(sent.map(|done| store.mail_done(done)));
    let judge = chance::judge(chance, subject, id, mac, now)?;
    let started = meter::now();
    let judging = async {
        let judged = store.judge(judge).await;
        (judged, started.elapsed())
    };
    let (sent, (judged, took)) = tokio::join!(sent, judging);
    sent?;
    match judged? {
        Judged::Accepted(_) | Judged::Refused { .. } => Ok((issued, took)),
    }
}
