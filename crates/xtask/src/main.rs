//! The repository's own automation: `cargo xtask check` is what CI runs and what you run before a push.
//! It knows the tools and the rules of the house; it knows nothing of the product.
#![expect(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod check;
mod packages;
mod server;
mod shell;
mod tidy;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask VERB

  check          everything CI checks, in order, stopping at the first failure:
                 tools, cargo-deny, format, tidy, clippy, build and tests, docs, dependencies
  test [WORDS]   tests alone, beside a private PostgreSQL; WORDS go to nextest: --package otpost store::
  tidy           the rules of the house that no compiler knows
  tidy --bless   the same, after writing migrations/checksums.txt anew
  --help         this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check"] => check::run(&root()),
        ["test", rest @ ..] => server::test(&root(), rest),
        ["tidy"] => tidy::run(&root()),
        ["tidy", "--bless"] => tidy::bless(&root()).and_then(|()| tidy::run(&root())),
        ["-h" | "--help" | "help"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("no such verb: `{}`\n\n{HELP}", words.join(" ")),
    }
}

/// The folder of the workspace: two above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
