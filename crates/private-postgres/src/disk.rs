//! A small disk of a server, which can be filled and freed again.

use std::fs::{self, File};
use std::io::{ErrorKind, Result};
use std::path::PathBuf;
use std::process::Command;

use crate::cluster::Cluster;
use crate::home::{DISK, private};
use crate::programs::finish;

/// A disk of its own for what is put into the tablespace [`SmallDisk::TABLESPACE`].
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// What the server calls it.
    pub const TABLESPACE: &'static str = "small";

    /// Mounts one of so many MiB in memory. Only the superuser of the machine may do so.
    pub fn mount(cluster: &Cluster, mebibytes: u32) -> Result<Self> {
        let folder = cluster.home.path().join(DISK);
        private(&folder)?;
        let size = format!("size={mebibytes}m");
        finish(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&folder))?;
        let disk = Self { folder };
        let place = disk.folder.join("tablespace");
        private(&place)?;
        for path in [&disk.folder, &place] {
            cluster.programs.own(path)?;
        }
        let order = format!("CREATE TABLESPACE {} LOCATION '{}'", Self::TABLESPACE, place.display());
        cluster.query("postgres", &order)?;
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
