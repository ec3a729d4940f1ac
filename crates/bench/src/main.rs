//! Load for Otpost, one scenario per file. Prints tables for `docs/performance.md`.
#![allow(clippy::print_stdout, missing_docs)]

mod bare;
mod chance;
mod client;
mod directory;
mod enumeration;
mod fill;
mod flow;
mod mail;
mod meter;
mod postgres;
mod process;
mod race;
mod radius;
mod server;
mod smtp_sink;
mod soak;
mod store;
mod versus;

use clap::Parser;

/// That of the product, whose store is measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Otpost on this machine.
#[derive(Parser)]
#[command(name = "bench")]
enum Scenario {
    /// Sends every datagram back; `radius` starts it as a ceiling.
    #[command(hide = true)]
    Echo(radius::echo::Options),
    /// An endpoint that does nothing; `versus` starts it as a ceiling.
    #[command(hide = true)]
    Bare(bare::Options),
    /// People in an OpenLDAP server: look-ups, and what a sign-in asks of it.
    Directory(directory::Options),
    /// Whether the time of an answer tells who exists.
    Enumeration(enumeration::Options),
    /// Whole sign-ins over HTTP with real mail.
    Flow(flow::Options),
    /// Mails to a real relay.
    Mail(mail::Options),
    /// Right codes handed in many times at once: counts acceptances.
    Race(race::Options),
    /// RADIUS: codes handed in with a State, and copies of a packet, beside a bare echo.
    Radius(radius::Options),
    /// Minutes at the top rate: whether the tail grows, and whether clean-up keeps up.
    Soak(soak::Options),
    /// Durable commands of the store: issue, judge, mail done.
    Store(store::Options),
    /// The same load on Otpost and on privacyIDEA, turn by turn.
    Versus(versus::Options),
}

fn main() -> anyhow::Result<()> {
    let scenario = Scenario::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if !matches!(scenario, Scenario::Versus(_) | Scenario::Echo(_)) {
        println!("{}", meter::machine());
    }
    match scenario {
        Scenario::Bare(options) => runtime.block_on(bare::run(&options)),
        Scenario::Directory(options) => runtime.block_on(directory::run(&options)),
        Scenario::Enumeration(options) => runtime.block_on(enumeration::run(&options)),
        Scenario::Flow(options) => runtime.block_on(flow::run(&options)),
        Scenario::Mail(options) => runtime.block_on(mail::run(&options)),
        Scenario::Race(options) => runtime.block_on(race::run(&options)),
        Scenario::Echo(options) => radius::echo::run(&options),
        Scenario::Radius(options) => runtime.block_on(radius::run(&options)),
        Scenario::Soak(options) => runtime.block_on(soak::run(&options)),
        Scenario::Store(options) => runtime.block_on(store::run(&options)),
        Scenario::Versus(options) => runtime.block_on(versus::run(&options)),
    }
}
