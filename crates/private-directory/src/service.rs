//! A running server: one process that works in a home, writes a log there, and obeys signals.

use std::fs::{self, File};
use std::io::{Error, Result};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use private_home::deadline::until;
use private_home::home::Home;
use private_home::program::finish;

/// For a start on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// One server, or the place of one that was stopped.
#[derive(Debug)]
pub(crate) struct Service {
    log: PathBuf,
    /// How much of the log the servers before this one have written.
    before: usize,
    child: Option<Child>,
}

impl Service {
    /// A place without a server.
    pub(crate) fn new(home: &Home) -> Self {
        Self { log: home.join("log"), before: 0, child: None }
    }

    /// Starts what the command says, in the home.
    pub(crate) fn spawn(&mut self, command: &mut Command, home: &Home) -> Result<()> {
        self.before = self.log().len();
        let log = File::options().create(true).append(true).open(&self.log)?;
        // A group of its own: the keyboard's signals are for who started it, and the guard does the rest.
        command.process_group(0).current_dir(home.path());
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        let name = command.get_program().display().to_string();
        self.child = Some(child.map_err(|error| Error::other(format!("{name} cannot run: {error}")))?);
        Ok(())
    }

    /// Asks until it is ready; an error with its log when it ends meanwhile.
    pub(crate) fn wait_ready(&mut self, mut is_ready: impl FnMut(&Self) -> bool) -> Result<()> {
        let ended = until("the server to be ready", PATIENCE, || match self.try_wait()? {
            Some(status) => Ok(Some(Some(status))),
            None => Ok(is_ready(self).then_some(None)),
        })?;
        let Some(status) = ended else {
            return Ok(());
        };
        self.child = None;
        Err(Error::other(format!("the server ended with {status}: {}", self.current_log().trim())))
    }

    /// Stops it in order and waits for its end.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.end("TERM")
    }

    /// Ends it without a word, as a power cut does.
    pub(crate) fn kill_9(&mut self) -> Result<()> {
        self.end("KILL")
    }

    /// Makes it stand still; connections stay open and silent.
    pub(crate) fn pause(&self) -> Result<()> {
        self.signal("STOP")?;
        until("the server to stand still", PATIENCE, || Ok(self.stands_still().then_some(())))
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        self.signal("CONT")
    }

    /// Everything written so far, by those before it too.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What this one has written.
    pub(crate) fn current_log(&self) -> String {
        self.log().split_off(self.before)
    }

    fn end(&mut self, signal: &str) -> Result<()> {
        self.signal(signal)?;
        if self.child.is_some() {
            until("the server to end", PATIENCE, || self.try_wait())?;
        }
        self.child = None;
        Ok(())
    }

    fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        self.child.as_mut().map_or(Ok(None), Child::try_wait)
    }

    fn signal(&self, name: &str) -> Result<()> {
        let Some(child) = &self.child else {
            return Ok(());
        };
        // It may have ended meanwhile: that is no failure.
        let order = format!("kill -{name} {} 2>/dev/null || true", child.id());
        finish(Command::new("sh").args(["-c", &order])).map(drop)
    }

    /// Whether its state is `T`.
    fn stands_still(&self) -> bool {
        let line = self.child.as_ref().map(|child| fs::read_to_string(format!("/proc/{}/stat", child.id())));
        let line = line.and_then(Result::ok).unwrap_or_default();
        line.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['T', 't', 'Z', 'X']))
    }
}
