//! A small disk of a server, which can be filled and freed again.

use std::fs::{self, File};
use std::io::{ErrorKind, Result};
use std::path::PathBuf;
use std::process::Command;

use private_home::home::private;
use private_home::program::finish;

use crate::cluster::{Cluster, Stop};
use crate::home::DISK;

/// A disk of its own: for what is put into the tablespace [`SmallDisk::TABLESPACE`], or for the log.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// What the server calls it.
    pub const TABLESPACE: &'static str = "small";

    /// Mounts one of so many MiB in memory. Only the superuser of the machine may do so.
    pub fn mount(cluster: &Cluster, mebibytes: u32) -> Result<Self> {
        let disk = Self::mount_empty(cluster, mebibytes)?;
        let place = disk.folder.join("tablespace");
        private(&place)?;
        cluster.programs.own(&place)?;
        let order = format!("CREATE TABLESPACE {} LOCATION '{}'", Self::TABLESPACE, place.display());
        cluster.query("postgres", &order)?;
        Ok(disk)
    }

    /// Mounts one and moves the log of the server there; the server is restarted for it.
    pub fn mount_under_log(cluster: &mut Cluster, mebibytes: u32) -> Result<Self> {
        cluster.stop(Stop::Fast)?;
        let disk = Self::mount_empty(cluster, mebibytes)?;
        let (from, to) = (cluster.home.data().join("pg_wal"), disk.folder.join("wal"));
        finish(Command::new("cp").arg("--archive").args([&from, &to]))?;
        fs::remove_dir_all(&from)?;
        std::os::unix::fs::symlink(&to, &from)?;
        cluster.start_again()?;
        Ok(disk)
    }

    fn mount_empty(cluster: &Cluster, mebibytes: u32) -> Result<Self> {
        let folder = cluster.home.path().join(DISK);
        private(&folder)?;
        let size = format!("size={mebibytes}m");
        finish(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder))?;
        let disk = Self { folder };
        cluster.programs.own(&disk.folder)?;
        Ok(disk)
    }

    /// Leaves no octet free.
    pub fn fill(&self) -> Result<()> {
        let mut file = File::create(self.ballast())?;
        // A last page that is half free is none.
        match std::io::copy(&mut std::io::repeat(0), &mut file) {
            Err(error) if error.kind() == ErrorKind::StorageFull => Ok(()),
            other => other.map(drop),
        }
    }

    /// Gives back what was filled.
    pub fn free(&self) -> Result<()> {
        fs::remove_file(self.ballast())
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    /// Whoever still has a file open keeps it; the folder is free at once.
    fn drop(&mut self) {
        drop(finish(Command::new("umount").arg("--lazy").arg(&self.folder)));
    }
}

/// Whether this process may mount at all.
pub fn may_mount() -> Result<bool> {
    Ok(finish(Command::new("id").arg("-u"))?.trim() == "0")
}
