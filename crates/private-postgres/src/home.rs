//! The folder of one server, and the guard that removes it: a small `sh` of its own process group that
//! reads a pipe from us. However we end, the pipe closes; then it ends all that works in the folder and
//! removes it.

use std::io::Result;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::programs::{Programs, finish};

/// A guarded folder. Dropping it ends everything in it.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    guard: Child,
    pipe: Option<ChildStdin>,
}

impl Home {
    /// A new folder, in memory when there is room.
    pub(crate) fn new(programs: &Programs) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short: a path of a socket has at most 107 octets.
        let path = place().join(format!("private-pg-{}-{number}", std::process::id()));
        // Left over by a process of the same number before the machine was restarted.
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        private(&path)?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&path)
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut guard = match guard {
            Ok(guard) => guard,
            Err(error) => {
                std::fs::remove_dir_all(&path)?;
                return Err(error);
            }
        };
        let home = Self { pipe: guard.stdin.take(), guard, path };
        programs.own(&home.path)?;
        Ok(home)
    }

    /// The folder itself: sockets, log, key.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the server calls its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.pipe.take());
        drop(self.guard.wait());
    }
}

/// A folder for us alone.
pub(crate) fn private(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path)
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

/// Where a disk of its own may be mounted. The guard knows the name too.
pub(crate) const DISK: &str = "disk";

/// First a shutdown in a hurry, which frees what the server holds from the system; then none at all.
const GUARD: &str = r#"
cat >/dev/null
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
rm -rf -- "$1"
"#;
