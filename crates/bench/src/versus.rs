//! Otpost and privacyIDEA driven by the same client in one run, turn by turn: same machine, same databases, same sink.

mod caller;
mod contest;
mod incumbent;
mod load;
mod plan;
mod report;
mod sample;
mod tables;
mod target;
mod venv;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use domain::secret::Secret;
use otpost::config::StoreUrl;

use self::incumbent::Variant;
use self::plan::Scenario;
use self::report::Report;
use self::venv::Venv;
use crate::postgres::{self, Postgres};
use crate::smtp_sink::{self, Codes};
use crate::{bare, meter, store};

/// What to compare, and for how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Otpost's binary.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// Databases.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite,postgres")]
    engines: Vec<Engine>,
    /// Users with a token each. The first number gets every scenario, the others whole sign-ins.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    users: Vec<usize>,
    /// Callers at once. Whole sign-ins over kept connections get every number, everything else the middle one.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    callers: Vec<usize>,
    /// What the callers do.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "login,login-new,trigger,answer,pin")]
    scenarios: Vec<Scenario>,
    /// Every scenario with every number of users and callers.
    #[arg(long)]
    every: bool,
    /// How privacyIDEA is configured.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "default,tuned")]
    variants: Vec<Variant>,
    /// Numbers of gunicorn workers to try; the best is kept for each engine and variant.
    #[arg(long, value_delimiter = ',', default_value = "2,4")]
    workers: Vec<usize>,
    /// Seconds of each round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds of each row; the products take turns.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
    /// The interpreter privacyIDEA is installed for.
    #[arg(long, default_value = "python3")]
    python: String,
    /// Keeps privacyIDEA's virtual environment here for the next run.
    #[arg(long)]
    venv: Option<PathBuf>,
    /// Writes everything to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Prints the table for the documentation at the end.
    #[arg(long)]
    markdown: bool,
}

/// Where both products keep their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// What all contests of a run share.
struct Bench<'a> {
    options: &'a Options,
    venv: Venv,
    cluster: Option<Postgres>,
    codes: Codes,
    sink: SocketAddr,
}

/// Runs everything; fails when a flow failed.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let fewest = options.users.iter().min().copied().unwrap_or_default();
    ensure!(options.callers.iter().all(|callers| (1..=fewest).contains(callers)), "a caller needs a user of its own");
    let folder = tempfile::tempdir()?;
    let venv = Venv::make(&options.venv.clone().unwrap_or_else(|| folder.path().join("venv")), &options.python)?;
    let needs_cluster = options.engines.contains(&Engine::Postgres);
    let cluster = if needs_cluster { Some(Postgres::start()?) } else { None };
    let codes = Codes::default();
    let sink = smtp_sink::start(codes.clone()).await?;
    let bench = Bench { options, venv, cluster, codes, sink };
    let mut report = Report::default();
    bench.tell_facts(&mut report)?;
    tell_ceilings(options, folder.path(), bench.cluster.as_ref(), &mut report).await?;
    report::print_head();
    for engine in &options.engines {
        contest::run(&bench, *engine, &mut report).await?;
    }
    finish(options, &report)
}

impl Bench<'_> {
    /// Machine, versions, settings, command.
    fn tell_facts(&self, report: &mut Report) -> anyhow::Result<()> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let otpost = postgres::run(Command::new(&self.options.binary).arg("version"))?;
        let mut versions = vec![otpost, self.venv.versions()?];
        if let Some(cluster) = &self.cluster {
            versions.push(cluster.version()?);
        }
        report.tell(meter::machine());
        report.tell(format!("versions: {}", versions.join("; ")));
        report.tell(format!("tuned: {}", incumbent::TUNED.trim().replace('\n', ", ")));
        report.tell(format!("command: `cargo run --release -p otpost-bench -- {}`", arguments.join(" ")));
        Ok(())
    }
}

/// What HTTP alone, the store alone and the disk alone would allow.
async fn tell_ceilings(
    options: &Options,
    folder: &Path,
    cluster: Option<&Postgres>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let flush = meter::millis(meter::flush_time(folder)?);
    report.tell(format!("ceiling, disk: {flush} ms to append 4 KiB and flush"));
    for callers in &options.callers {
        for (is_kept, connection) in [(true, "kept"), (false, "new")] {
            let (rate, cpu) = bare::ceiling(*callers, is_kept, CEILING_SECONDS).await?;
            let load = format!("{callers} callers, {connection} connections");
            report.tell(format!("ceiling, bare hyper, {load}: {rate} requests/s, CPU {cpu} µs each"));
        }
        let mut urls = vec![("SQLite", StoreUrl::Sqlite(folder.join(format!("ceiling_{callers}.db"))))];
        if let Some(cluster) = cluster {
            let url = cluster.create(&format!("ceiling_{callers}"))?;
            urls.push(("PostgreSQL", StoreUrl::Postgres(Secret::new(url))));
        }
        for (engine, url) in urls {
            let (rate, cpu) = store::ceiling(&url, *callers, CEILING_SECONDS).await?;
            report.tell(format!(
                "ceiling, store alone on {engine}, {callers} callers: {rate} flows/s, CPU {cpu} µs each"
            ));
        }
    }
    Ok(())
}

fn finish(options: &Options, report: &Report) -> anyhow::Result<()> {
    if options.markdown {
        println!("\n{}", report.markdown());
    }
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(report)?)?;
    }
    ensure!(report.errors() == 0, "{} FLOWS FAILED: the figures of their rows mean nothing", report.errors());
    Ok(())
}

const CEILING_SECONDS: u64 = 2;
