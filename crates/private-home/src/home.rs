//! The folder of one server, and the guard that removes it: a small `sh` of its own process group that
//! reads a pipe from us. However we end, the pipe closes; then it ends all that works in the folder, as
//! the server's own way of ending wants it, and removes it.

use std::fs::{self, DirBuilder};
use std::io::Result;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A guarded folder. Dropping it ends everything that works in it.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    guard: Child,
    pipe: Option<ChildStdin>,
}

impl Home {
    /// A new folder for us alone, below another one, with this at the beginning of its name. `ending` is a script of
    /// `sh` that ends what works in the folder, which is its `$1`.
    pub fn new(below: &Path, name: &str, ending: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short: a path of a socket has at most 107 octets.
        let path = below.join(format!("{name}-{}-{number}", std::process::id()));
        // Left over by a process of the same number before the machine was restarted.
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        private(&path)?;
        match guard(&path, ending) {
            Ok(mut guard) => Ok(Self { pipe: guard.stdin.take(), guard, path }),
            Err(error) => {
                fs::remove_dir_all(&path)?;
                Err(error)
            }
        }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of something in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file that only its owner may read.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
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
pub fn private(path: &Path) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn guard(path: &Path, ending: &str) -> Result<Child> {
    let script = format!("cat >/dev/null\n{ending}\nrm -rf -- \"$1\"\n");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "guard"]).arg(path).process_group(0).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}
