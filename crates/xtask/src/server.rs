//! The PostgreSQL server of the tests: one for a whole run, told to them by a variable.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use private_postgres::cluster::Cluster;

use crate::{shell, tools};

/// A running server. It ends when this is dropped, and also when this very process is killed.
pub(crate) struct Server(Cluster);

impl Server {
    /// Starts it on a free port with a folder of its own.
    pub(crate) fn start() -> Result<Self> {
        let cluster = Cluster::start().context("the private PostgreSQL of the tests")?;
        println!("    a private PostgreSQL listens at {}", cluster.address());
        Ok(Self(cluster))
    }

    /// Lets the tests that this command runs use it.
    pub(crate) fn given_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(VARIABLE, self.0.superuser_url("postgres"))
    }
}

/// Tests alone: what follows `cargo xtask test` goes to nextest, or to `cargo test` where that is missing.
pub(crate) fn test(root: &Path, words: &[&str]) -> Result<()> {
    let mut all = if tools::has_nextest(root) { vec!["nextest", "run"] } else { vec!["test"] };
    all.extend(if words.is_empty() { &["--workspace"] } else { words });
    shell::run(Server::start()?.given_to(&mut shell::cargo(root, &all)))
}

/// Where tests look for a server: the URL of a superuser.
const VARIABLE: &str = "OTPOST_TEST_POSTGRES";
