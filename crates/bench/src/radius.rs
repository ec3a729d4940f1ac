//! RADIUS under load: right codes handed in with a State, and the same packet again and again, beside a bare
//! echo over the same sockets. Real binary, real UDP, real mail, durable commits.

pub(crate) mod echo;
mod gear;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use private_home::port;
use tokio::task::JoinSet;

use self::echo::Echo;
use self::gear::{Gear, Ticket};
use crate::meter::{self, now};
use crate::process::processor_time;
use crate::server::Server;
use crate::smtp_sink::{self, Codes};

/// What to drive, and how hard.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The binary under load.
    #[arg(long, default_value = "target/release/otpost")]
    binary: PathBuf,
    /// Pieces of gear at once, each with a socket of its own and one packet on its way.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    callers: Vec<usize>,
    /// Codes handed in for each row, each of another user.
    #[arg(long, default_value_t = 20_000)]
    answers: usize,
    /// Seconds for each row of copies and of the echo.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// What one row saw.
struct Row {
    took: Vec<Duration>,
    elapsed: Duration,
    /// Of the server or the echo.
    processor: Duration,
    /// Packets that had to be sent again.
    repeats: usize,
}

/// Prints three rows for each number of callers.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let codes = Codes::default();
    let (sink, radius) = (smtp_sink::start(codes.clone()).await?, port::keep()?);
    let users = options.answers + options.callers.iter().max().copied().unwrap_or_default();
    let server = Server::start_radius(&options.binary, users, sink, radius).await?;
    let echo = Echo::start()?;
    println!("{users} users without a PIN; a State answer is a durable commit, a copy is answered from memory");
    println!("| callers | what | packets/s | of the echo | p50 / p99 ms | CPU µs each | sent again |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for callers in &options.callers {
        let ceiling = copies(echo.address, echo.id(), *callers, options).await?;
        let top = ceiling.rate();
        ceiling.print(*callers, "UDP echo", top);
        copies(radius, server.process.id(), *callers, options).await?.print(*callers, "copies", top);
        answers(radius, &server, &codes, *callers, options).await?.print(*callers, "State answers", top);
    }
    Ok(())
}

/// The same packet of each caller, as often as there is time for; the first reply is not counted. Its user is none
/// of those whose codes are handed in: their challenge would be continued, and a code mailed once alone.
async fn copies(to: SocketAddr, process: u32, callers: usize, options: &Options) -> anyhow::Result<Row> {
    let mut ready = Vec::new();
    for caller in 0..callers {
        let mut gear = Gear::new(to).await?;
        let packet = gear.first_step(options.answers + caller)?;
        gear.exchange(&packet).await.context("the first of many copies")?;
        ready.push((gear, packet));
    }
    let (before, started) = (processor_time(process), now());
    let until = started + Duration::from_secs(options.seconds);
    let mut running = JoinSet::new();
    for (mut gear, packet) in ready {
        running.spawn(async move {
            let mut took = Vec::new();
            while now() < until {
                took.push(gear.exchange(&packet).await?.0);
            }
            anyhow::Ok((took, gear.repeats))
        });
    }
    Row::gather(running, before, started, process).await
}

/// Opens a challenge for every user first; handing in the codes is what is measured.
async fn answers(
    to: SocketAddr,
    server: &Server,
    codes: &Codes,
    callers: usize,
    options: &Options,
) -> anyhow::Result<Row> {
    let mut opening = JoinSet::new();
    for caller in 0..callers {
        let (codes, users) = (codes.clone(), (caller..options.answers).step_by(callers));
        opening.spawn(async move {
            let (mut gear, mut tickets) = (Gear::new(to).await?, Vec::new());
            for user in users {
                tickets.push(gear.challenged(&codes, user).await.with_context(|| format!("user u{user}"))?);
            }
            anyhow::Ok((gear, tickets))
        });
    }
    let mut ready: Vec<(Gear, Vec<Ticket>)> = Vec::new();
    while let Some(opened) = opening.join_next().await {
        ready.push(opened??);
    }
    // What the mails left to be written is not part of the answers.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let process = server.process.id();
    let (before, started) = (processor_time(process), now());
    let mut running = JoinSet::new();
    for (mut gear, tickets) in ready {
        running.spawn(async move {
            let (mut took, repeats) = (Vec::new(), gear.repeats);
            for ticket in &tickets {
                took.push(gear.hand_in(ticket).await?);
            }
            anyhow::Ok((took, gear.repeats - repeats))
        });
    }
    Row::gather(running, before, started, process).await
}

type Running = JoinSet<anyhow::Result<(Vec<Duration>, usize)>>;

impl Row {
    async fn gather(
        mut running: Running,
        before: Duration,
        started: std::time::Instant,
        process: u32,
    ) -> anyhow::Result<Self> {
        let (mut took, mut repeats) = (Vec::new(), 0);
        while let Some(done) = running.join_next().await {
            let (times, again) = done??;
            took.extend(times);
            repeats += again;
        }
        let (elapsed, processor) = (started.elapsed(), processor_time(process).saturating_sub(before));
        Ok(Self { took, elapsed, processor, repeats })
    }

    fn rate(&self) -> u64 {
        meter::rate(self.took.len(), self.elapsed)
    }

    fn print(mut self, callers: usize, what: &str, top: u64) {
        let (rate, count) = (self.rate(), self.took.len());
        let share = rate * 100 / top.max(1);
        let mut at = |percent| meter::millis(meter::percentile(&mut self.took, percent));
        println!(
            "| {callers} | {what} | {rate} | {share} % | {} / {} | {} | {} |",
            at(50),
            at(99),
            meter::micros_each(self.processor, count),
            self.repeats
        );
    }
}
