//! Load for Otpost, one scenario per file. Prints tables for `docs/performance.md`.
#![allow(clippy::print_stdout, missing_docs)]

mod chance;
mod client;
mod flow;
mod mail;
mod meter;
mod race;
mod server;
mod smtp_sink;
mod store;

use clap::Parser;

/// Measures Otpost on this machine.
#[derive(Parser)]
#[command(name = "bench")]
enum Scenario {
    /// Whole sign-ins over HTTP with real mail.
    Flow(flow::Options),
    /// Mails to a real relay.
    Mail(mail::Options),
    /// Right codes handed in many times at once: counts acceptances.
    Race(race::Options),
    /// Durable commands of the store: issue, judge, mail done.
    Store(store::Options),
}

fn main() -> anyhow::Result<()> {
    let scenario = Scenario::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("{}", meter::machine());
    match scenario {
        Scenario::Flow(options) => runtime.block_on(flow::run(&options)),
        Scenario::Mail(options) => runtime.block_on(mail::run(&options)),
        Scenario::Race(options) => runtime.block_on(race::run(&options)),
        Scenario::Store(options) => runtime.block_on(store::run(&options)),
    }
}
