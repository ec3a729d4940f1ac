//! The incumbent's programs: a virtual environment with everything pinned, from the machine's package index.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::postgres::run;
use crate::process::mortal;

/// A virtual environment.
pub(crate) struct Venv(PathBuf);

impl Venv {
    /// The one in this folder; makes it if there is none. The interpreter must be one the pinned packages install on.
    pub(crate) fn make(folder: &Path, python: &str) -> anyhow::Result<Self> {
        let venv = Self(std::path::absolute(folder)?);
        if !venv.0.join(DONE).exists() {
            println!("installing privacyIDEA with {python}");
            run(Command::new(python).args(["-m", "venv"]).arg(&venv.0))?;
            let list = venv.0.join("requirements.txt");
            std::fs::write(&list, REQUIREMENTS)?;
            run(venv.program("pip").args(["install", "--quiet", "--requirement"]).arg(&list))?;
            std::fs::write(venv.0.join(DONE), "")?;
        }
        Ok(venv)
    }

    /// One of its programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        mortal(self.0.join("bin").join(name))
    }

    /// The versions of product, interpreter and what matters below it.
    pub(crate) fn versions(&self) -> anyhow::Result<String> {
        let pinned = |name: &str| {
            let line = REQUIREMENTS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
            format!("{name} {}", line.unwrap_or_default())
        };
        let code = "import platform, sqlite3; print(platform.python_version() + ', SQLite ' + sqlite3.sqlite_version)";
        let python = run(self.program("python").args(["-c", code]))?;
        Ok(format!("{}, {}, Python {python}", pinned("privacyIDEA"), pinned("gunicorn")))
    }
}

const REQUIREMENTS: &str = include_str!("requirements.txt");
/// Written last, so that half an installation is not taken for one.
const DONE: &str = "complete";
