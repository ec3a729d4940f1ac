//! One right code, many hands, many rounds: exactly one acceptance each, or the run fails.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use otpost::store::command::{Begun, Judged};
use otpost::store::{Store, migrate};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::chance::{self, Chance, START};

/// How long to try.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rounds, each with a challenge of its own.
    #[arg(long, default_value_t = 10_000)]
    rounds: u64,
    /// Tasks that hand in the right code at once.
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Folder for the database.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

/// Runs all rounds on one database.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let path = folder.path().join("race.db");
    migrate::migrate_sqlite(&path, START.millis())?;
    let store = Store::open_sqlite(&path, 4096)?;
    let chance = Chance::new(1);
    for round in 0..options.rounds {
        let accepted = race(&store, &chance, round, options.callers).await?;
        if accepted != 1 {
            bail!("round {round}: a code was accepted {accepted} times");
        }
    }
    println!("{} rounds, {} callers each: every code was accepted exactly once", options.rounds, options.callers);
    Ok(())
}

async fn race(store: &Store, chance: &Chance, round: u64, callers: usize) -> anyhow::Result<usize> {
    let subject = chance::subject(round)?;
    let begin = chance::begin(chance, subject, START)?;
    let mac = begin.parts.first().context("a part")?.mac;
    let Begun::Open { id, .. } = store.begin(begin).await? else { bail!("round {round}: nothing was opened") };
    let start = Arc::new(Barrier::new(callers));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let judge = chance::judge(chance, subject, id.clone(), mac, START)?;
        let (store, start) = (store.clone(), start.clone());
        tasks.spawn(async move {
            start.wait().await;
            store.judge(judge).await
        });
    }
    let mut accepted = 0;
    while let Some(judged) = tasks.join_next().await {
        accepted += usize::from(matches!(judged??, Judged::Accepted(_)));
    }
    Ok(accepted)
}
