//! A private `PostgreSQL` from Debian's package, with its defaults, in a folder of its own.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use private_home::port;
use tempfile::TempDir;

use crate::meter::now;
use crate::process::{Process, mortal};

/// A running cluster; it ends with this value.
pub(crate) struct Postgres {
    pub(crate) process: Process,
    pub(crate) port: u16,
    programs: PathBuf,
    _folder: TempDir,
}

impl Postgres {
    /// Makes a cluster and waits until it takes connections.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let (folder, programs) = (tempfile::tempdir()?, find_programs()?);
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        run(as_postgres(&programs.join("initdb"))
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", USER, "--pgdata"])
            .arg(&data))?;
        let address = port::keep()?;
        let mut command = as_postgres(&programs.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(folder.path());
        command.arg(format!("--port={}", address.port())).arg("--listen-addresses=127.0.0.1");
        let process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let started = now();
        while TcpStream::connect(address).is_err() {
            anyhow::ensure!(started.elapsed() < Duration::from_secs(20), "PostgreSQL does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
        let cluster = Self { process, port: address.port(), programs, _folder: folder };
        // It takes connections a moment before it answers.
        while cluster.run("postgres", "SELECT 1").is_err() {
            anyhow::ensure!(started.elapsed() < Duration::from_secs(20), "PostgreSQL does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(cluster)
    }

    /// Makes an empty database; answers with its address.
    pub(crate) fn create(&self, database: &str) -> anyhow::Result<String> {
        self.run("postgres", &format!("CREATE DATABASE {database}"))?;
        Ok(format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port))
    }

    /// Runs statements in one transaction; answers with what they print.
    pub(crate) fn run(&self, database: &str, statements: &str) -> anyhow::Result<String> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", USER]);
        run(command.args(["-p", &self.port.to_string(), "-d", database, "-c", statements]))
    }

    /// Name and version.
    pub(crate) fn version(&self) -> anyhow::Result<String> {
        let version = run(Command::new(self.programs.join("postgres")).arg("--version"))?;
        Ok(version.replace(" (PostgreSQL)", "").replace("postgres ", "PostgreSQL "))
    }
}

/// Runs a program to its end; its output, or what it complained about.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_owned();
    let ran = command.output().with_context(|| format!("{} does not start", name.display()))?;
    if !ran.status.success() {
        bail!("{}: {}", name.display(), String::from_utf8(ran.stderr)?.trim());
    }
    Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
}

/// The programs of the newest version that Debian's packages have installed.
fn find_programs() -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir(PACKAGES).into_iter().flatten().flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max();
    let newest = newest.with_context(|| format!("nothing under {PACKAGES}: install Debian's package postgresql"))?;
    Ok(Path::new(PACKAGES).join(newest.to_string()).join("bin"))
}

/// The server refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return mortal(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=INT", "--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    // The folder of the caller may be closed to this user.
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Who owns everything in it; only the loopback interface is listened on.
pub(crate) const USER: &str = "bench";
const PACKAGES: &str = "/usr/lib/postgresql";
