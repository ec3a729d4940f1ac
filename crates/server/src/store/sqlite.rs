//! The `SQLite` engine: one writer thread with group commit, readers beside it, checkpoints behind it.

mod audit;
mod begin;
mod budgets;
mod instance;
mod judge;
mod open_part;
mod outbox;
mod pins;
mod purge;
mod readers;
mod resend;
mod run;
mod writer;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::StoreError;
use super::command::MailDone;
use super::job::Job;
use super::sql::Value;
use readers::Readers;

/// A handle on the writer and the readers of one database file.
#[derive(Clone)]
pub(super) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    sent: mpsc::Sender<MailDone>,
    readers: Arc<Readers>,
    path: Arc<Path>,
}

impl Sqlite {
    pub(super) fn open(path: &Path, queue: usize) -> Result<Self, StoreError> {
        let connection = connect(path)?;
        let readers = Arc::new(Readers::new(path));
        let (jobs, waiting) = mpsc::channel(queue);
        let (sent, sent_waiting) = mpsc::channel(queue);
        let log_is_long = Arc::new(AtomicBool::new(false));
        writer::spawn(connection, waiting, sent_waiting, log_is_long.clone())?;
        writer::spawn_checkpoints(connect(path)?, Arc::downgrade(&readers), log_is_long)?;
        Ok(Self { jobs, sent, readers, path: path.into() })
    }

    /// A mail that was sent needs no commit of its own: its row goes with the next one. Should we
    /// crash before, the same message is sent once more. Hands the command back when there is no room.
    pub(super) fn mail_sent(&self, command: MailDone) -> Result<(), MailDone> {
        match self.sent.try_send(command) {
            Err(mpsc::error::TrySendError::Full(command)) => Err(command),
            _ => Ok(()),
        }
    }

    pub(super) fn select<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        read: impl FnMut(Vec<Value>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.readers.with(|connection| run::select(connection, sql, params, read))
    }

    pub(super) fn wal_bytes(&self) -> u64 {
        self.readers.wal_bytes()
    }

    /// Fails where nobody may write now, or where the disk has no room left. Nothing stays.
    pub(super) fn try_room(&self) -> Result<(), StoreError> {
        connect(&self.path)?.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        // SQLite writes nothing before a commit; a file without a name goes by itself.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let written = tempfile::tempfile_in(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
            file.write_all(&vec![1; ROOM])?;
            file.sync_all()
        });
        written.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    pub(super) fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    pub(super) fn submit(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Closed(_) => StoreError::unavailable("the writer has stopped"),
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
        })
    }
}

/// A connection with our settings: every commit reaches the disk before it is answered.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(
        path,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    configure(&connection)?;
    Ok(connection)
}

/// Journal, durability and limits of a connection.
pub(super) fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Plans do not depend on bound values; otherwise SQLite parses some statements anew each time.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 268435456;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;",
    )?;
    Ok(())
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Taken,
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}

/// Another process (the command line) may hold the write lock for a moment; nobody waits longer
/// than the two seconds in which every caller is answered.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(1500);

/// Bytes that there should be room for.
const ROOM: usize = 1 << 20;
