//! Where a server's folder is, and how what works in it is ended.

use std::io::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

use private_home::home;
use private_home::program::finish;

use crate::programs::Programs;

/// A guarded folder of the user that the programs run as.
#[derive(Debug)]
pub(crate) struct Home(home::Home);

impl Home {
    /// A new folder, in memory when there is room.
    pub(crate) fn new(programs: &Programs) -> Result<Self> {
        let home = home::Home::new(&place(), "private-pg", ENDING)?;
        programs.own(home.path())?;
        Ok(Self(home))
    }

    /// The folder itself: sockets, log, key.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// What the server calls its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

fn place() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if room(memory).is_some_and(|octets| octets > ROOM) { memory.to_path_buf() } else { std::env::temp_dir() }
}

/// Free octets.
fn room(folder: &Path) -> Option<u64> {
    let table = finish(Command::new("df").args(["--output=avail", "--block-size=1"]).arg(folder)).ok()?;
    table.lines().nth(1)?.trim().parse().ok()
}

/// For a server that gathers data for a while.
const ROOM: u64 = 4 << 30;

/// Where a disk of its own may be mounted. The ending knows the name too.
pub(crate) const DISK: &str = "disk";

/// First a shutdown in a hurry, which frees what the server holds from the system; then none at all.
const ENDING: &str = r#"
each() {
    found=
    for process in /proc/[0-9]*; do
        if [ "$process/cwd" -ef "$2/data" ] || [ "$process/cwd" -ef "$2" ]; then
            kill "-$1" "${process#/proc/}" && found=1
        fi
    done
}
memory=$(sed -n '7s/.* //p' "$1/data/postmaster.pid")
kill -QUIT "$(sed -n 1p "$1/data/postmaster.pid")"
each CONT "$1"
round=0
while [ -n "$found" ] && [ "$round" -lt 20 ]; do sleep 0.1; each 0 "$1"; round=$((round + 1)); done
while each KILL "$1"; [ -n "$found" ]; do sleep 0.05; done
[ -n "$memory" ] && ipcrm -m "$memory"
if mountpoint -q "$1/disk"; then umount -l "$1/disk"; fi
"#;
