//! The folder of one server, and the guard that removes it: a small `sh` of its own process group that
//! reads a pipe from us. However we end, the pipe closes; then it ends all that works in the folder and
//! removes it.

use std::fs::{self, DirBuilder};
use std::io::Result;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A guarded folder. Dropping it ends everything that works in it.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    guard: Child,
    pipe: Option<ChildStdin>,
}

impl Home {
    /// A new folder for us alone.
    // Not in shared memory: a container lets nothing be run from there, and a copy of slapd must.
    pub(crate) fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short: a path of a socket has at most 107 octets.
        let path = std::env::temp_dir().join(format!("private-dir-{}-{number}", std::process::id()));
        // Left over by a process of the same number before the machine was restarted.
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        private(&path)?;
        match guard(&path) {
            Ok(mut guard) => Ok(Self { pipe: guard.stdin.take(), guard, path }),
            Err(error) => {
                fs::remove_dir_all(&path)?;
                Err(error)
            }
        }
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of something in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file that only its owner may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(path)
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
    DirBuilder::new().mode(0o700).create(path)
}

fn guard(path: &Path) -> Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(path).process_group(0).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// Nothing in there is worth an orderly end.
const GUARD: &str = r#"
cat >/dev/null
found=1
while [ -n "$found" ]; do
    found=
    for process in /proc/[0-9]*; do
        if [ "$process/cwd" -ef "$1" ]; then kill -KILL "${process#/proc/}" && found=1; fi
    done
    [ -n "$found" ] && sleep 0.02
done
rm -rf -- "$1"
"#;
