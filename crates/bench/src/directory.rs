//! People in a real OpenLDAP server: looking them up with and without what was said a moment ago, and whole
//! sign-ins with the operations that each costs the directory.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use domain::name::UserName;
use otpost::app::App;
use otpost::boot;
use otpost::config::{Config, Source};
use otpost::directory::{Directories, Directory, Freshness};
use private_directory::slapd::{BASE, Log, PASSWORD, READER, READER_PASSWORD, Setup, Slapd};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::meter::{self, now};
use crate::server::{Database, Server};
use crate::smtp_sink::{self, Codes};

/// How many people, and how hard.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The binary under load.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// People in the directory.
    #[arg(long, default_value_t = 10_000)]
    people: u32,
    /// Those of them who sign in.
    #[arg(long, default_value_t = 400)]
    enrolled: usize,
    /// Callers at once.
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    callers: Vec<usize>,
}

/// Prints a row for each number of callers, cold and warm, and one for sign-ins.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let slapd = Slapd::start_with(Setup { crowd: options.people, log: Log::Least, ..Setup::default() })?;
    let codes = Codes::default();
    let sink = smtp_sink::start(codes.clone()).await?;
    // One of its own, so that everything is set up as usual.
    let server = Server::start(&options.binary, &Database::File, 1, sink, None).await?;
    connect(&server, &slapd).await?;
    let config = Config::load(Source::Named(&server.folder.path().join("otpost.toml")), std::iter::empty())?;
    let (app, _) = boot::open(config, None).await?;
    println!("{} people in OpenLDAP, over TLS", options.people);
    println!("| look-ups | callers | look-ups/s | p50 / p99 ms | searches of the directory each |");
    println!("| --- | --- | --- | --- | --- |");
    for callers in &options.callers {
        let directory = open(&app)?;
        for name in ["cold", "warm"] {
            look_up(name, &slapd, &app, (&directory, *callers, options.people)).await?;
        }
    }
    println!();
    println!("| sign-ins | callers | sign-ins/s | first step p50 / p99 ms | answer p50 / p99 ms | operations each |");
    println!("| --- | --- | --- | --- | --- | --- |");
    enroll(&server, options.enrolled).await?;
    for callers in &options.callers {
        sign_in(&slapd, &server, &codes, (*callers, options.enrolled)).await?;
    }
    Ok(())
}

async fn connect(server: &Server, slapd: &Slapd) -> anyhow::Result<()> {
    let mut client = Client::new(server.address, true);
    let (url, ca_file) = (slapd.tls_url(), slapd.ca_file());
    let form = format!(
        "type=ldapresolver&LDAPURI={url}&TLS_CA_FILE={}&LDAPBASE={BASE}&BINDDN={READER}&BINDPW={READER_PASSWORD}\
         &LOGINNAMEATTRIBUTE=uid&LDAPSEARCHFILTER=(objectClass%3DinetOrgPerson)&UIDTYPE=entryUUID",
        ca_file.display()
    );
    client.post_as(&server.api_key, "/resolver/people", &form).await?;
    client.post_as(&server.api_key, "/realm/corp", "resolvers=people&first_factor=userstore").await?;
    client.post_as(&server.api_key, "/defaultrealm/corp", "").await.map(drop)
}

/// With nothing remembered.
fn open(app: &App) -> anyhow::Result<Arc<Directory>> {
    Directories::default().find(&app.settings(), &app.keys, "people")?.context("a directory")
}

async fn look_up(
    name: &str,
    slapd: &Slapd,
    app: &App,
    (directory, callers, people): (&Arc<Directory>, usize, u32),
) -> anyhow::Result<()> {
    let (before, started, mut running) = (slapd.operations()?, now(), JoinSet::new());
    for caller in 0..callers {
        let (directory, app) = (Arc::clone(directory), app.clone());
        running.spawn(async move {
            let mut took = Vec::new();
            for number in (0..people).skip(caller).step_by(callers) {
                let (name, started) = (UserName::parse(&format!("u{number}"))?, now());
                let found = directory.find(&name, Freshness::Recent, app.now()).await?;
                took.push(started.elapsed());
                anyhow::ensure!(found.listed().is_some(), "u{number} is not found");
            }
            anyhow::Ok(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = running.join_next().await {
        took.extend(done??);
    }
    let (seconds, asked) = (started.elapsed(), slapd.operations()?.since(&before));
    let count = took.len();
    let mut at = |percent| meter::millis(meter::percentile(&mut took, percent));
    let each = hundredths(asked.search, count);
    println!("| {name} | {callers} | {} | {} / {} | {each} |", meter::rate(count, seconds), at(50), at(99));
    Ok(())
}

async fn enroll(server: &Server, people: usize) -> anyhow::Result<()> {
    let mut client = Client::new(server.address, true);
    for number in 0..people {
        let form = format!("type=email&user=u{number}&realm=corp&dynamic_email=1");
        client.post_as(&server.api_key, "/token/init", &form).await?;
    }
    Ok(())
}

async fn sign_in(
    slapd: &Slapd,
    server: &Server,
    codes: &Codes,
    (callers, people): (usize, usize),
) -> anyhow::Result<()> {
    let (before, started, mut running) = (slapd.operations()?, now(), JoinSet::new());
    for caller in 0..callers {
        let (mut client, codes) = (Client::new(server.address, true), codes.clone());
        running.spawn(async move {
            let mut took = Vec::new();
            for number in (0..people).skip(caller).step_by(callers) {
                took.push(one(&mut client, &codes, number).await.with_context(|| format!("u{number}"))?);
            }
            anyhow::Ok(took)
        });
    }
    let (mut first, mut second): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    while let Some(done) = running.join_next().await {
        let (begun, answered): (Vec<_>, Vec<_>) = done??.into_iter().unzip();
        first.extend(begun);
        second.extend(answered);
    }
    let (seconds, asked, count) = (started.elapsed(), slapd.operations()?.since(&before), first.len());
    let at = |took: &mut Vec<Duration>| {
        format!("{} / {}", meter::millis(meter::percentile(took, 50)), meter::millis(meter::percentile(took, 99)))
    };
    let (binds, searches) = (hundredths(asked.bind, count), hundredths(asked.search, count));
    println!(
        "| password and code | {callers} | {} | {} | {} | {binds} binds, {searches} searches |",
        meter::rate(count, seconds),
        at(&mut first),
        at(&mut second)
    );
    Ok(())
}

/// How long the first step took, and the answer.
async fn one(client: &mut Client, codes: &Codes, number: usize) -> anyhow::Result<(Duration, Duration)> {
    let code = codes.next_to(&format!("u{number}@example.org"));
    let started = now();
    let first = client.post("/validate/check", &format!("user=u{number}&pass={PASSWORD}")).await?;
    let begun = started.elapsed();
    let id = first.split("\"transaction_id\":\"").nth(1).and_then(|rest| rest.get(..20));
    let id = id.with_context(|| format!("no challenge: {first}"))?.to_owned();
    let code = tokio::time::timeout(Duration::from_secs(20), code).await.context("no mail")??;
    let started = now();
    let second = client.post("/validate/check", &format!("user=u{number}&transaction_id={id}&pass={code}")).await?;
    anyhow::ensure!(second.contains("ACCEPT"), "refused: {second}");
    Ok((begun, started.elapsed()))
}

/// How many each, with two decimals.
fn hundredths(operations: u64, count: usize) -> String {
    let each = operations * 100 / u64::try_from(count.max(1)).unwrap_or(1);
    format!("{}.{:02}", each / 100, each % 100)
}
