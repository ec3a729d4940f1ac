//! Debian packages the tests need: found, installed when we may, named when we may not. Never skipped.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// How a package shows that it is there.
enum Probe {
    /// A program of this name.
    Program(&'static str),
    /// A command that succeeds.
    Succeeds(&'static [&'static str]),
}

struct Package {
    name: &'static str,
    probe: Probe,
    why: &'static str,
}

const PACKAGES: [Package; 8] = [
    Package {
        name: "postfix",
        probe: Probe::Program("smtp-sink"),
        why: "a real SMTP peer (smtp-sink; no service runs)",
    },
    Package { name: "swaks", probe: Probe::Program("swaks"), why: "speaks SMTP to our sink from outside" },
    Package { name: "chromium", probe: Probe::Program("chromium"), why: "opens our pages like a person" },
    Package { name: "nodejs", probe: Probe::Program("node"), why: "drives Chromium" },
    Package { name: "npm", probe: Probe::Program("npm"), why: "fetches the library that drives Chromium" },
    Package { name: "sqlite3", probe: Probe::Program("sqlite3"), why: "reads the database from outside" },
    Package { name: "curl", probe: Probe::Program("curl"), why: "calls our HTTP like a script" },
    Package {
        name: "python3-venv",
        probe: Probe::Succeeds(&["python3", "-c", "import venv, ensurepip"]),
        why: "clients written in Python, each in its own environment",
    },
];

/// Makes every package of the table present, or says which command does.
pub(crate) fn ensure(root: &Path) -> Result<()> {
    let missing = missing(root);
    if missing.is_empty() {
        return Ok(());
    }
    for package in &missing {
        println!("    {} is missing: {}", package.name, package.why);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !may_install(root) {
        bail!("install them and run this again: sudo {}", install_line(&names));
    }
    install(root, &names)?;
    match self::missing(root).first() {
        None => Ok(()),
        Some(package) => bail!("{} was installed, but what it is needed for is still not found", package.name),
    }
}

fn missing(root: &Path) -> Vec<Package> {
    PACKAGES.into_iter().filter(|package| !is_present(root, &package.probe)).collect()
}

fn is_present(root: &Path, probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => shell::find(root, name).is_some(),
        Probe::Succeeds([name, arguments @ ..]) => shell::succeeds(shell::program(root, name).args(arguments)),
        Probe::Succeeds([]) => false,
    }
}

fn may_install(root: &Path) -> bool {
    let is_root = shell::capture(shell::program(root, "id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && shell::find(root, "apt-get").is_some()
}

fn install_line(names: &[&str]) -> String {
    format!("apt-get install --yes --no-install-recommends {}", names.join(" "))
}

fn install(root: &Path, names: &[&str]) -> Result<()> {
    if names.contains(&"postfix") {
        leave_postfix_unconfigured(root)?;
    }
    shell::run(apt(root).args(["update", "-qq"]))?;
    shell::run(apt(root).args(["install", "-qq", "--yes", "--no-install-recommends"]).args(names))
        .with_context(|| format!("try it by hand: {}", install_line(names)))
}

fn apt(root: &Path) -> Command {
    let mut command = shell::program(root, "apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("--option=Dpkg::Use-Pty=0");
    command
}

/// Only its programs are wanted. Debian starts the service, now or at the next boot, only where it has a configuration.
fn leave_postfix_unconfigured(root: &Path) -> Result<()> {
    let mut child = shell::program(root, "debconf-set-selections")
        .stdin(Stdio::piped())
        .spawn()
        .context("`debconf-set-selections` could not be started")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(b"postfix postfix/main_mailer_type select No configuration\n")?;
    }
    if !child.wait()?.success() {
        bail!("`debconf-set-selections` failed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_type_names_every_package() {
        let line = install_line(&["swaks", "curl"]);
        assert_eq!(line, "apt-get install --yes --no-install-recommends swaks curl");
    }

    #[test]
    fn probes_tell_presence_from_absence() {
        let root = Path::new("/");
        assert!(is_present(root, &Probe::Program("sh")));
        assert!(!is_present(root, &Probe::Program("no-such-program")));
        assert!(is_present(root, &Probe::Succeeds(&["sh", "-c", "exit 0"])));
        assert!(!is_present(root, &Probe::Succeeds(&["sh", "-c", "exit 1"])));
    }
}
