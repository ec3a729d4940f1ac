//! `cargo xtask check`: every check in its order, one line each with its time, stopping at the first failure.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::server::Server;
use crate::{packages, shell, tidy, tools};

struct Step {
    name: &'static str,
    run: fn(&Path) -> Result<()>,
    /// What to do when it fails.
    remedy: &'static str,
}

const STEPS: [Step; 8] = [
    Step { name: "tools", run: packages::ensure, remedy: "install what is named above" },
    Step {
        name: "cargo tools",
        run: cargo_tools,
        remedy: "cargo must be able to reach a registry, or put cargo-deny on the path yourself",
    },
    Step { name: "format", run: format, remedy: "run `cargo fmt --all`" },
    Step {
        name: "tidy",
        run: tidy::run,
        remedy: "each finding above ends with its remedy; again with `cargo xtask tidy`",
    },
    Step {
        name: "clippy",
        run: clippy,
        remedy: "mend it, or put `#[expect(.., reason = \"..\")]` at the one place where the lint is wrong",
    },
    Step { name: "build and tests", run: tests, remedy: "run the test alone: `cargo xtask test --package NAME TEST`" },
    Step { name: "docs", run: docs, remedy: "mend the doc comment named above" },
    Step {
        name: "dependencies",
        run: dependencies,
        remedy: "the rule is in deny.toml; a new licence or source is a decision",
    },
];

/// Runs them all.
pub(crate) fn run(root: &Path) -> Result<()> {
    let total = Stopwatch::start();
    for (number, step) in (1..).zip(&STEPS) {
        let title = format!("[{number}/{}] {}", STEPS.len(), step.name);
        println!("{title}");
        let watch = Stopwatch::start();
        (step.run)(root).with_context(|| format!("{} failed: {}", step.name, step.remedy))?;
        println!("{title}: ok in {:.1} s", watch.elapsed().as_secs_f64());
    }
    println!("check: ok in {:.1} s", total.elapsed().as_secs_f64());
    Ok(())
}

fn cargo_tools(root: &Path) -> Result<()> {
    println!("    dependencies are checked by {}", tools::cargo_deny(root)?.display());
    if tools::has_nextest(root) {
        println!("    tests run by cargo nextest");
    } else {
        println!("    tests run by plain `cargo test`: cargo-nextest is not on the path");
    }
    Ok(())
}

fn format(root: &Path) -> Result<()> {
    shell::run(&mut shell::cargo(root, &["fmt", "--all", "--check"]))
}

fn clippy(root: &Path) -> Result<()> {
    let words = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    shell::run(&mut shell::cargo(root, &words))
}

fn tests(root: &Path) -> Result<()> {
    shell::run(&mut shell::cargo(root, &["build", "--locked"]))?;
    let server = Server::start()?;
    if !tools::has_nextest(root) {
        let words = ["test", "--workspace", "--locked", "--no-fail-fast"];
        return shell::run(server.given_to(&mut shell::cargo(root, &words)));
    }
    let words = ["nextest", "run", "--workspace", "--locked", "--no-fail-fast"];
    shell::run(server.given_to(&mut shell::cargo(root, &words)))?;
    shell::run(&mut shell::cargo(root, &["test", "--doc", "--workspace", "--locked"]))
}

fn docs(root: &Path) -> Result<()> {
    let words = ["doc", "--workspace", "--no-deps", "--locked"];
    shell::run(shell::cargo(root, &words).env("RUSTDOCFLAGS", "-Dwarnings"))
}

fn dependencies(root: &Path) -> Result<()> {
    let words = ["--all-features", "--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    shell::run(shell::program(root, tools::cargo_deny(root)?).args(words))
}

struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "measures this very run; no rule depends on it")]
    fn start() -> Self {
        Self(Instant::now())
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
