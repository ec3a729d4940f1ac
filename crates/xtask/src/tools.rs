//! Cargo's helpers: which of them is here, and building the one that must be.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;

const CARGO_DENY: &str = "cargo-deny";
const CARGO_DENY_VERSION: &str = "0.20.2";

/// It runs for seconds, so it is built quickly rather than well.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// The file of cargo-deny, built under the target folder the first time.
pub(crate) fn cargo_deny(root: &Path) -> Result<PathBuf> {
    if let Some(found) = shell::find(root, CARGO_DENY) {
        return Ok(found);
    }
    println!("    cargo-deny is missing: building {CARGO_DENY_VERSION} into {}, once, some minutes", shell::TOOLS);
    let words = ["install", "--locked", "--root", shell::TOOLS, CARGO_DENY, "--version", CARGO_DENY_VERSION];
    shell::run(shell::cargo(root, &words).envs(QUICK_BUILD))?;
    shell::find(root, CARGO_DENY).context("cargo-deny was installed and is not found")
}

/// Whether tests run through nextest; without it plain `cargo test` does the same, slower.
pub(crate) fn has_nextest(root: &Path) -> bool {
    shell::find(root, "cargo-nextest").is_some()
}
