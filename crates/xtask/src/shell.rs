//! Running other programs and finding them. The only place that reads the environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What `cargo run` tells this process about itself; a nested cargo must not see it, or build scripts
/// that watch these variables run again each time.
const INHERITED: [&str; 11] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_LICENSE",
    "CARGO_PKG_NAME",
    "CARGO_PKG_RUST_VERSION",
    "CARGO_PKG_VERSION",
    "CARGO_PRIMARY_PACKAGE",
    "LD_LIBRARY_PATH",
];

/// System programs live here on Debian, and not every user has it on the path.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";

/// Where [`crate::tools`] installs what it builds.
pub(crate) const TOOLS: &str = "target/tools";

/// A cargo call in the workspace, as if typed by hand.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = program(root, "cargo");
    command.args(arguments);
    command
}

/// A call of any program in the workspace.
pub(crate) fn program(root: &Path, name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root).stdin(Stdio::null());
    for name in INHERITED {
        command.env_remove(name);
    }
    command
}

/// Runs it with its output shown; anything but success is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command.status().with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs it and hands back what it printed; its errors are shown.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("`{line}` could not be started"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// The program's file, from the path, the system folder, PostgreSQL's or the tools built here.
pub(crate) fn find(root: &Path, name: &str) -> Option<PathBuf> {
    let mut folders = search_path();
    folders.push(PathBuf::from(SYSTEM_PROGRAMS));
    folders.extend(private_postgres::programs::folder());
    folders.push(root.join(TOOLS).join("bin"));
    folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[expect(clippy::disallowed_methods, reason = "the automation has no configuration to own the path")]
fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named() {
        let error = run(&mut program(Path::new("/"), "false")).unwrap_err();
        assert!(error.to_string().starts_with("`false` failed"), "{error}");
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find(Path::new("/"), "sh").is_some());
        assert!(find(Path::new("/"), "no-such-program").is_none());
    }
}
