//! All processes of one server. Each of them works in the data folder, and by that they are found: they
//! lead sessions of their own, and outlive their parent for a moment.

use std::io::{Error, Result};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use private_home::deadline::until;
use private_home::program::finish;

/// Ends them all at once, as a power cut does.
pub(crate) fn kill(data: &Path) -> Result<()> {
    until("the end of all processes", PATIENCE, || signal_all(data, "KILL").map(|found| (found == 0).then_some(())))
}

/// Makes them all stand still.
pub(crate) fn pause(data: &Path) -> Result<()> {
    until("all processes to stand still", PATIENCE, || {
        signal_all(data, "STOP")?;
        Ok(members(data)?.iter().all(|pid| stands_still(pid)).then_some(()))
    })
}

/// Lets them go on.
pub(crate) fn resume(data: &Path) -> Result<()> {
    signal_all(data, "CONT").map(drop)
}

/// Sends a signal to processes, separated by blanks. One of them may have ended meanwhile: that is no failure.
pub(crate) fn signal(pids: &str, name: &str) -> Result<()> {
    let order = format!("kill -{name} {pids} 2>/dev/null || true");
    finish(Command::new("sh").args(["-c", &order])).map(drop)
}

/// The same to all of a server; how many there were.
fn signal_all(data: &Path, name: &str) -> Result<usize> {
    let members = members(data)?;
    if !members.is_empty() {
        signal(&members.join(" "), name)?;
    }
    Ok(members.len())
}

/// The process ids. One that has ended and was not waited for yet no longer works anywhere.
fn members(data: &Path) -> Result<Vec<String>> {
    let data = data.canonicalize().map_err(|error| Error::other(format!("{}: {error}", data.display())))?;
    let mut pids = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        let pid =
            path.file_name().and_then(|name| name.to_str()).filter(|name| name.bytes().all(|b| b.is_ascii_digit()));
        if let Some(pid) = pid
            && std::fs::read_link(path.join("cwd")).is_ok_and(|folder| folder == data)
        {
            pids.push(pid.to_owned());
        }
    }
    Ok(pids)
}

/// Whether its state is `T`; one that is gone stands still too.
fn stands_still(pid: &str) -> bool {
    let Ok(line) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return true;
    };
    line.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['T', 't', 'Z', 'X']))
}

const PATIENCE: Duration = Duration::from_secs(10);
