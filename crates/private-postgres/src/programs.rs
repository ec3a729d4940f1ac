//! Where PostgreSQL's programs are, and running them as a user it accepts: it refuses the superuser.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use private_home::program::finish;

/// The programs of one version.
#[derive(Debug, Clone)]
pub struct Programs {
    folder: PathBuf,
    is_root: bool,
}

impl Programs {
    /// The newest version that Debian's packages have put here.
    pub fn find() -> Result<Self> {
        let folder = folder().ok_or_else(|| {
            Error::other(format!(
                "PostgreSQL is not here: no {VERSIONS}/*/bin/postgres; install Debian's package `postgresql`"
            ))
        })?;
        let id = finish(Command::new("id").arg("-u"))?;
        Ok(Self { folder, is_root: id.trim() == "0" })
    }

    /// The version as `initdb` tells it: `15.14`.
    pub(crate) fn version(&self) -> Result<String> {
        let said = finish(Command::new(self.folder.join("initdb")).arg("--version"))?;
        let word = said.split(' ').nth(2).unwrap_or_default().trim();
        Ok(word.to_owned())
    }

    /// One of the programs, in a folder that its user may enter.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let file = self.folder.join(program);
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            command
                .args([format!("--reuid={USER}"), format!("--regid={USER}")])
                .arg("--clear-groups")
                .arg("--")
                .arg(file);
            command
        } else {
            Command::new(file)
        };
        command.current_dir(folder).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command
    }

    /// `psql`, which runs as whoever calls.
    pub(crate) fn psql(&self) -> Command {
        Command::new(self.folder.join("psql"))
    }

    /// Gives a file or folder to the user that the programs run as.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        if self.is_root {
            finish(Command::new("chown").arg(format!("{USER}:{USER}")).arg(path))?;
        }
        Ok(())
    }

    /// Tells apart what must not be shared: another version, or another owner of the files.
    pub(crate) fn stamp(&self) -> Result<String> {
        Ok(format!("{}-{}", self.version()?, if self.is_root { "root" } else { "user" }))
    }
}

/// The folder of the newest version's programs.
pub fn folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let numbered =
        versions.filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path.join("bin"))));
    numbered.filter(|(_, bin)| bin.join("postgres").is_file()).max().map(|(_, bin)| bin)
}

/// Debian keeps each version's programs below this.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The user that Debian's package makes.
const USER: &str = "postgres";
