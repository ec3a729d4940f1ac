//! A second server that follows the first, and takes its place.

use std::io::Result;
use std::time::Duration;

use private_home::deadline::until;
use private_home::program::finish;

use crate::cluster::Cluster;
use crate::template::SUPERUSER;

/// Whether a commit waits for the standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replication {
    /// A failover may lose the last commits.
    Asynchronous,
    /// What was answered is on both.
    Synchronous,
}

impl Cluster {
    /// Another server with a copy of everything, once it follows this one.
    pub fn standby(&self, replication: Replication) -> Result<Self> {
        let port = self.address().port();
        let standby = Self::build(self.setup.clone(), |programs, home| {
            let source = format!("host=127.0.0.1 port={port} user={SUPERUSER} application_name={NAME}");
            let mut backup = programs.command("pg_basebackup", home.path());
            backup.env("PGPASSWORD", &self.password).args(["--checkpoint=fast", "--wal-method=stream", "--no-sync"]);
            backup.args(["--write-recovery-conf", "--dbname", &source, "--pgdata"]).arg(home.data());
            finish(&mut backup)?;
            Ok(self.password.clone())
        })?;
        if replication == Replication::Synchronous {
            self.query("postgres", &format!("ALTER SYSTEM SET synchronous_standby_names = '{NAME}'"))?;
            self.query("postgres", "SELECT pg_reload_conf()")?;
        }
        let wanted = match replication {
            Replication::Asynchronous => "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'",
            Replication::Synchronous => "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
        };
        until("the standby to follow", PATIENCE, || Ok((self.query_one("postgres", wanted)? == "1").then_some(())))?;
        Ok(standby)
    }

    /// Makes a standby the primary, once it takes writes.
    pub fn promote(&self) -> Result<()> {
        self.query("postgres", "SELECT pg_promote(false)")?;
        until("the promotion", PATIENCE, || {
            Ok((self.query_one("postgres", "SELECT pg_is_in_recovery()")? == "f").then_some(()))
        })
    }
}

/// What a standby calls itself.
const NAME: &str = "standby";
const PATIENCE: Duration = Duration::from_secs(30);
