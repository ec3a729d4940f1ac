//! Minutes of sign-ins at the top rate, half of them left unanswered, with codes that live as shortly as they may: so
//! expiry and clean-up run at the full rate too. Says whether the tail grows, and whether rows stay bounded.

mod gauge;
mod load;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use domain::provider::Lifetime;
use serde_json::json;

use crate::fill;
use crate::meter::{self, now};
use crate::postgres::Postgres;
use crate::process;
use crate::server::{Database, Server};
use crate::smtp_sink::{self, Codes};
use gauge::Gauge;
use load::Load;
use report::{Sample, Stage, Verdict};

/// How long and how hard.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The binary under load.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// Callers at once.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Users in the database. Those who leave their codes get five mails and one more in five minutes.
    #[arg(long, default_value_t = 200_000)]
    users: usize,
    /// How long. Challenges are kept for fourteen minutes: only then does their clean-up begin.
    #[arg(long, default_value_t = 1_800)]
    seconds: u64,
    /// Challenges of the fourteen minutes before the run: with them clean-up has its full work from the start.
    #[arg(long, default_value_t = 0)]
    backlog: u64,
    /// Seconds between two rows.
    #[arg(long, default_value_t = 10)]
    every: u64,
    /// On a private `PostgreSQL` instead of a `SQLite` file.
    #[arg(long)]
    postgres: bool,
    /// Also writes all rows and the verdict into this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Prints a row for each interval, then the verdict; a bad one is an error.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    ensure!(options.every > 0 && options.seconds >= 5 * options.every, "at least five rows are needed");
    let codes = Codes::default();
    let sink = smtp_sink::start(codes.clone()).await?;
    let cluster = if options.postgres { Some(Postgres::start()?) } else { None };
    let url = cluster.as_ref().map(|cluster| cluster.create("otpost")).transpose()?;
    let database = url.clone().map_or(Database::File, Database::Url);
    // The least that a code may live.
    let lifetime = Lifetime::from_seconds(30)?;
    let server = Server::start(&options.binary, &database, options.users, sink, Some(lifetime)).await?;
    fill::backlog(url.as_deref(), &server.folder.path().join("otpost.db"), options.backlog).await?;
    let mut gauge = match &url {
        Some(url) => Gauge::of_server(url).await?,
        None => Gauge::of_file(server.folder.path().join("otpost.db")),
    };
    let load = Load::start(&server, &codes, options.callers, options.users)?;
    tokio::time::sleep(WARM_UP).await;
    let warm = load.take().flows();
    report::head(options.postgres);
    let mut samples = Vec::new();
    let (started, mut before) = (now(), Used::of(&server, cluster.as_ref()));
    for number in 1..=options.seconds / options.every {
        let end = started + Duration::from_secs(number * options.every);
        tokio::time::sleep(end.saturating_duration_since(now())).await;
        let (taken, used) = (load.take(), Used::of(&server, cluster.as_ref()));
        let sample = Sample {
            at: started.elapsed(),
            interval: Duration::from_secs(options.every),
            taken,
            held: gauge.read().await?,
            cpu: used.server.saturating_sub(before.server),
            database_cpu: used.database.saturating_sub(before.database),
            rss_kib: server.rss_kib(),
        };
        before = used;
        sample.print();
        samples.push(sample);
    }
    load.stop();
    let stage = Stage { warm, backlog: options.backlog, users: options.users };
    finish(options, &Verdict::of(&samples, &stage), &samples)
}

fn finish(options: &Options, verdict: &Verdict, samples: &[Sample]) -> anyhow::Result<()> {
    verdict.print();
    if let Some(file) = &options.json {
        let rows: Vec<_> = samples.iter().map(Sample::to_json).collect();
        let all = json!({
            "machine": meter::machine(),
            "engine": if options.postgres { "PostgreSQL" } else { "SQLite" },
            "callers": options.callers,
            "users": options.users,
            "rows": rows,
            "verdict": verdict.to_json(),
        });
        std::fs::write(file, serde_json::to_string_pretty(&all)?).context("the JSON file")?;
    }
    ensure!(verdict.is_good(), "it does not hold");
    Ok(())
}

/// Processor time so far.
struct Used {
    server: Duration,
    database: Duration,
}

impl Used {
    fn of(server: &Server, cluster: Option<&Postgres>) -> Self {
        let database = cluster.map_or(Duration::ZERO, |cluster| process::processor_time(cluster.process.id()));
        Self { server: server.cpu(), database }
    }
}

const WARM_UP: Duration = Duration::from_secs(2);
