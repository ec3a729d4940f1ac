//! The store: the only folder with SQL. One concrete type over the engine that is configured.
//!
//! Writes are typed commands handed to one writer that commits all waiting commands together and
//! answers after the commit. Reads go to a pool and see every commit that was answered before.

pub mod accounts;
pub mod admins;
pub mod api_keys;
pub mod audit;
pub mod budgets;
pub mod challenges;
pub mod command;
pub mod enrollments;
pub mod instance;
pub mod migrate;
mod open_part;
mod opening;
pub mod realms;
pub mod relays;
pub mod settings;
pub(crate) mod sql;
mod sqlite;

use std::path::Path;

use command::{
    Begin, Begun, Change, ClaimMails, Event, FailFirstFactor, Judge, Judged, MailDone, MailJob, Resend, Resent,
};
use domain::budget::Budget;
use domain::challenge::Subject;
use domain::time::Timestamp;
pub use sql::Statement;
use sql::{Row, Value};
use sqlite::Sqlite;

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Sqlite,
}

/// Why the store could not do its work. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of the writer is full; try again shortly.
    #[error("the database is busy: more commands are waiting than the queue holds")]
    Busy,
    /// A column holds what no version of this program writes.
    #[error("the database is damaged: table {table}, column {column} of the query")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Position in the SELECT, from 0.
        column: usize,
    },
    /// The row to be changed is not there.
    #[error("there is no such entry")]
    NotFound,
    /// Another row has that name already, or still refers to this one.
    #[error("an entry of that name exists, or another entry still refers to this one")]
    Taken,
    /// The schema was written by a newer program, or a released migration was altered.
    #[error("{0}")]
    Schema(String),
    /// The database does not answer, or the disk is full.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Runs reads that take long where no request waits for them.
pub async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let runtime = tokio::runtime::Handle::current();
    // The work does not panic and is never aborted.
    tokio::task::spawn_blocking(move || runtime.block_on(work)).await.unwrap_or(Err(StoreError::Busy))
}

impl Store {
    /// Opens the database file, which must exist and have this program's schema.
    pub fn open_sqlite(path: &Path, queue: usize) -> Result<Self, StoreError> {
        Sqlite::open(path, queue).map(|engine| Self { engine })
    }

    /// Opens a challenge, or continues the open one.
    pub async fn begin(&self, command: Begin) -> Result<Begun, StoreError> {
        self.engine.begin(command).await
    }

    /// Judges one code. The only way in the product to turn a code into an acceptance.
    pub async fn judge(&self, command: Judge) -> Result<Judged, StoreError> {
        self.engine.judge(command).await
    }

    /// Queues the mail of an open challenge once more.
    pub async fn resend(&self, command: Resend) -> Result<Resent, StoreError> {
        self.engine.resend(command).await
    }

    /// Takes one charge for a PIN that is about to be compared. False when the budget is spent.
    pub async fn charge_pin(&self, subject: Subject, budget: Budget, now: Timestamp) -> Result<bool, StoreError> {
        self.engine.charge_pin(subject, budget, now).await
    }

    /// Gives the charge back, where no challenge was opened.
    pub async fn refund_pin(&self, subject: Subject, budget: Budget) -> Result<(), StoreError> {
        self.engine.refund_pin(subject, budget).await
    }

    /// Records a wrong first factor.
    pub async fn fail_first_factor(&self, command: FailFirstFactor) -> Result<(), StoreError> {
        self.engine.fail_first_factor(command).await
    }

    /// Reports what became of one mail.
    pub async fn mail_done(&self, command: MailDone) -> Result<(), StoreError> {
        self.engine.mail_done(command).await
    }

    /// Takes over mails that nobody is sending.
    pub async fn claim_mails(&self, command: ClaimMails) -> Result<Vec<MailJob>, StoreError> {
        self.engine.claim_mails(command).await
    }

    /// Appends one line to the audit trail.
    pub async fn record(&self, event: Event) -> Result<(), StoreError> {
        self.engine.record(event).await
    }

    /// Removes a small batch of what has expired; answers how many rows went.
    pub async fn purge(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.engine.purge(now).await
    }

    /// Applies a change to administrators' data, with its audit line, as a whole.
    pub async fn change(&self, change: Change) -> Result<(), StoreError> {
        self.engine.change(change).await
    }

    /// Size of the write-ahead log in bytes.
    pub fn wal_bytes(&self) -> u64 {
        self.engine.wal_bytes()
    }

    /// Commands that wait for the writer.
    pub fn queued(&self) -> usize {
        self.engine.queued()
    }

    /// Runs one SELECT and reads each row with `read`. `table` is named if a column is damaged.
    pub(crate) async fn select<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        params: &[Value],
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.engine.select(sql, params, |values| read(&mut Row::new(table, values)))
    }

    /// The first row of a SELECT.
    pub(crate) async fn select_one<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        params: &[Value],
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.select(table, sql, params, read).await?.into_iter().next())
    }
}
