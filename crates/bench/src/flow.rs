//! Whole sign-ins over HTTP: first step, the mail with its code, the answer. Real binary, real SMTP,
//! durable commits.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::meter::{self, now};
use crate::postgres::Postgres;
use crate::process;
use crate::server::{Database, Server};
use crate::smtp_sink::{self, Codes};

/// What to drive, and how hard.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The binary under load.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// Callers at once.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    callers: Vec<usize>,
    /// Users in the database.
    #[arg(long, default_value_t = 1000)]
    users: usize,
    /// Seconds for each row.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// The first step checks the PIN instead of being triggered by key: costs a hash.
    #[arg(long)]
    pin: bool,
    /// A new connection for every request, as most plugins do.
    #[arg(long)]
    new_connections: bool,
    /// On a private `PostgreSQL` instead of a `SQLite` file.
    #[arg(long)]
    postgres: bool,
}

/// Drives the server and prints a row per number of callers.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let codes = Codes::default();
    let sink = smtp_sink::start(codes.clone()).await?;
    let cluster = if options.postgres { Some(Postgres::start()?) } else { None };
    let database = match &cluster {
        Some(cluster) => Database::Url(cluster.create("otpost")?),
        None => Database::File,
    };
    let server = Server::start(&options.binary, &database, options.users, sink, None).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!(
        "binary {} KiB; start to accepted connection {} ms; idle RSS {} KiB; {} users",
        std::fs::metadata(&options.binary)?.len() / 1024,
        meter::millis(server.start_up),
        server.rss_kib(),
        options.users
    );
    println!(
        "| callers | flows/s | server CPU us/flow | database CPU us/flow | request p50 / p95 / p99 ms | RSS KiB |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for callers in &options.callers {
        row(options, &server, cluster.as_ref(), &codes, *callers).await?;
    }
    Ok(())
}

async fn row(
    options: &Options,
    server: &Server,
    cluster: Option<&Postgres>,
    codes: &Codes,
    callers: usize,
) -> anyhow::Result<()> {
    let each = options.users / callers;
    anyhow::ensure!(each > 0, "fewer users than callers");
    let until = now() + Duration::from_secs(options.seconds);
    let database = || cluster.map_or(Duration::ZERO, |cluster| process::processor_time(cluster.process.id()));
    let (cpu, database_cpu, started) = (server.cpu(), database(), now());
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let client = Client::new(server.address, !options.new_connections);
        let (codes, key) = (codes.clone(), (!options.pin).then(|| server.api_key.clone()));
        running.spawn(async move {
            let (mut client, mut took, mut flows) = (client, Vec::new(), 0_usize);
            while now() < until {
                let user = caller * each + flows % each;
                flow(&mut client, &codes, user, key.as_deref(), &mut took)
                    .await
                    .with_context(|| format!("user u{user}"))?;
                flows += 1;
            }
            anyhow::Ok((flows, took))
        });
    }
    let (mut flows, mut took) = (0, Vec::new());
    while let Some(caller) = running.join_next().await {
        let (done, times) = caller??;
        flows += done;
        took.extend(times);
    }
    let (seconds, cpu) = (started.elapsed(), server.cpu().saturating_sub(cpu));
    let database_cpu = database().saturating_sub(database_cpu);
    let mut at = |percent| meter::millis(meter::percentile(&mut took, percent));
    println!(
        "| {callers} | {} | {} | {} | {} / {} / {} | {} |",
        meter::rate(flows, seconds),
        meter::micros_each(cpu, flows),
        meter::micros_each(database_cpu, flows),
        at(50),
        at(95),
        at(99),
        server.rss_kib()
    );
    Ok(())
}

async fn flow(
    client: &mut Client,
    codes: &Codes,
    user: usize,
    key: Option<&str>,
    took: &mut Vec<Duration>,
) -> anyhow::Result<()> {
    let code = codes.next_to(&format!("u{user}@bench.example"));
    let started = now();
    let first = match key {
        Some(key) => client.post_as(key, "/validate/triggerchallenge", &format!("user=u{user}")).await?,
        None => client.post("/validate/check", &format!("user=u{user}&pass=1234")).await?,
    };
    took.push(started.elapsed());
    let id = first.split("\"transaction_id\":\"").nth(1).and_then(|rest| rest.get(..20));
    let id = id.with_context(|| format!("no challenge: {first}"))?.to_owned();
    let code = tokio::time::timeout(Duration::from_secs(20), code).await.context("no mail")??;
    let started = now();
    let second = client.post("/validate/check", &format!("user=u{user}&transaction_id={id}&pass={code}")).await?;
    took.push(started.elapsed());
    anyhow::ensure!(second.contains("ACCEPT"), "refused: {second}");
    Ok(())
}
