//! Whether verdicts can be had of the database: it answers reads, and takes the write of once a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::time::Timestamp;

use super::job::Job;
use super::{Store, StoreError};

/// How often in a row the write of once a second was lost.
#[derive(Clone, Default)]
pub(super) struct Readiness(Arc<AtomicU32>);

impl Store {
    /// Removes a small batch of what had expired by then; answers how many rows went. The time is written in any case:
    /// so it shows whether the database takes writes at all, however little there is to do.
    pub async fn purge(&self, command: Timestamp) -> Result<usize, StoreError> {
        let purged = self.ask(|reply| Job::Purge { command, reply }).await;
        self.readiness.note(&purged);
        purged
    }

    /// Whether the database answers a read now and took one of the last two writes of [`Self::purge`]. One alone may
    /// be lost to a moment of too much work.
    pub async fn check_ready(&self) -> Result<(), StoreError> {
        if self.readiness.0.load(Ordering::Relaxed) >= LOST {
            return Err(StoreError::unavailable("it takes no writes"));
        }
        self.settings_version().await.map(drop)
    }
}

impl Readiness {
    fn note<T>(&self, written: &Result<T, StoreError>) {
        match written {
            Ok(_) => self.0.store(0, Ordering::Relaxed),
            // A full queue says nothing about the database.
            Err(StoreError::Busy) => {}
            Err(_) => self.0.store(self.0.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed),
        }
    }
}

/// Writes in a row whose loss is no chance any more.
const LOST: u32 = 2;
