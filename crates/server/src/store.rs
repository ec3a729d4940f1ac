//! The store: the only folder with SQL. One concrete type over the engine that is configured.
//!
//! Writes are typed commands handed to one writer that commits all waiting commands together and
//! answers after the commit. Reads go to a pool and see every commit that was answered before.

pub mod accounts;
pub mod admin_sessions;
pub mod admins;
pub mod api_keys;
pub mod audit;
pub mod budgets;
pub mod challenges;
pub mod command;
pub mod counters;
pub mod criteria;
pub mod directories;
pub mod enrolled;
pub mod enrollments;
mod first_step;
pub mod instance;
pub mod invitations;
mod job;
mod judging;
pub mod migrate;
pub mod notices;
mod open_part;
mod opening;
mod outbox;
pub mod overview;
pub mod passages;
mod patience;
mod postgres;
pub mod providers;
mod purging;
mod readiness;
pub mod realms;
pub mod relays;
mod resending;
pub mod settings;
pub mod sites;
pub(crate) mod sql;
mod sqlite;
pub mod themes;

use std::io::ErrorKind;
use std::path::Path;

use command::{Begin, Begun, Change, Event, FailFirstFactor, Judge, Judged, MailDone, MailOutcome, Resend, Resent};
use domain::budget::Budget;
use domain::subject::Subject;
use domain::time::Timestamp;
use job::{Job, PinCharge, Reply};
pub(crate) use patience::{apart, one_step};
use postgres::Postgres;
pub use postgres::Time;
use readiness::Readiness;
use rusqlite::ErrorCode;
pub use sql::Statement;
use sql::{Row, Value};
use sqlite::Sqlite;
use tokio::sync::oneshot;

use crate::config::StoreUrl;

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    readiness: Readiness,
}

#[derive(Clone)]
enum Engine {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// Why the store could not do its work. Nothing was changed; only where a server's answer to a commit
/// was lost on its way, nobody can tell. Either way nothing is accepted.
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
    /// The row was changed since it was read, or is gone.
    #[error("the entry was changed by somebody else at the same moment")]
    Stale,
    /// Another row has that name already, or still refers to this one.
    #[error("an entry of that name exists, or another entry still refers to this one")]
    Taken,
    /// The database could be reached, but must not be used as it is set up.
    #[error("{0}")]
    Unfit(String),
    /// The schema was written by a newer program, or a released migration was altered.
    #[error("{0}")]
    Schema(String),
    /// The database does not answer, or the disk is full.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident($command:ty) -> $answer:ty = $variant:ident;)+) => {
        $($(#[$doc])* pub async fn $name(&self, command: $command) -> Result<$answer, StoreError> {
            self.ask(|reply| Job::$variant { command, reply }).await
        })+
    };
}

impl Store {
    /// Opens the database, which must exist and have this program's schema. So many commands may wait.
    pub async fn open(url: &StoreUrl, queue: usize) -> Result<Self, StoreError> {
        Self::open_by(url, queue, Time::Servers).await
    }

    /// The same by another time than the server's; an embedded database has none of its own.
    pub async fn open_by(url: &StoreUrl, queue: usize, time: Time) -> Result<Self, StoreError> {
        match url {
            StoreUrl::Postgres(url) => Postgres::open(url, queue, time).await.map(Engine::Postgres).map(Self::over),
            StoreUrl::Sqlite(path) => Self::open_sqlite(path, queue),
        }
    }

    /// Opens a database file.
    pub fn open_sqlite(path: &Path, queue: usize) -> Result<Self, StoreError> {
        Sqlite::open(path, queue).map(Engine::Sqlite).map(Self::over)
    }

    fn over(engine: Engine) -> Self {
        Self { engine, readiness: Readiness::default() }
    }

    /// Returns when another node has changed what administrators own; never for a database that one
    /// machine has to itself.
    pub async fn changed_elsewhere(&self) {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.changed().await,
            Engine::Sqlite(_) => std::future::pending().await,
        }
    }

    commands! {
        /// Opens a challenge, or continues the open one.
        begin(Begin) -> Begun = Begin;
        /// Judges one code. The only way in the product to turn a code into an acceptance.
        judge(Judge) -> Judged = Judge;
        /// Queues the mail of an open challenge once more.
        resend(Resend) -> Resent = Resend;
        /// Records a wrong first factor.
        fail_first_factor(FailFirstFactor) -> () = FailFirstFactor;
        /// Appends one line to the audit trail.
        record(Event) -> () = Record;
        /// Applies a change to administrators' data, with its audit line, as a whole.
        change(Change) -> () = Change;
        /// The same for what is nobody's setting: no node looks at its settings again.
        keep(Change) -> () = Keep;
    }

    /// Writes one row that is no administrator's change: no audit line, and no node looks at its settings again.
    /// A row that must be there and is not is an error.
    pub(crate) async fn mark(&self, command: Statement) -> Result<(), StoreError> {
        self.ask(|reply| Job::Mark { command, reply }).await
    }

    /// Takes one charge for a PIN that is about to be compared. False when the budget is spent.
    pub async fn charge_pin(&self, subject: Subject, budget: Budget, now: Timestamp) -> Result<bool, StoreError> {
        let command = PinCharge { subject, budget, now };
        self.ask(|reply| Job::ChargePin { command, reply }).await
    }

    /// Gives the charge back, where no challenge was opened.
    pub async fn refund_pin(&self, subject: Subject, budget: Budget) -> Result<(), StoreError> {
        let command = PinCharge { subject, budget, now: Timestamp::default() };
        self.ask(|reply| Job::RefundPin { command, reply }).await
    }

    /// Reports what became of one mail. In a file nobody waits for the row of a mail that was sent:
    /// it goes with the next commit, before anybody can claim it. On a server others may.
    pub async fn mail_done(&self, command: MailDone) -> Result<(), StoreError> {
        let command = match &self.engine {
            Engine::Sqlite(sqlite) if matches!(command.outcome, MailOutcome::Sent) => match sqlite.mail_sent(command) {
                Err(command) => command,
                Ok(()) => return Ok(()),
            },
            _ => command,
        };
        self.ask(|reply| Job::MailDone { command, reply }).await
    }

    async fn ask<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let answer = self.submit(job)?;
        let answer = patience::bounded(answer).await.ok_or(StoreError::unavailable("no answer in time"))?;
        answer.unwrap_or_else(|_| Err(StoreError::unavailable("the writer has stopped")))
    }

    fn submit<T>(
        &self,
        job: impl FnOnce(Reply<T>) -> Job,
    ) -> Result<oneshot::Receiver<Result<T, StoreError>>, StoreError> {
        let (reply, answer) = oneshot::channel();
        match &self.engine {
            Engine::Postgres(postgres) => postgres.submit(job(reply))?,
            Engine::Sqlite(sqlite) => sqlite.submit(job(reply))?,
        }
        Ok(answer)
    }

    /// Whether the database server has room for another row, which is taken back at once. A file
    /// on this machine is not tried.
    pub async fn try_room(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.try_room().await,
            Engine::Sqlite(sqlite) => sqlite.try_room(),
        }
    }

    /// What time it is for the database server; nothing where the database has no time of its own.
    pub async fn server_time(&self) -> Result<Option<Timestamp>, StoreError> {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.time().await.map(Some),
            Engine::Sqlite(_) => Ok(None),
        }
    }

    /// Size of the write-ahead log in bytes; that of a server is its own affair.
    pub fn wal_bytes(&self) -> u64 {
        match &self.engine {
            Engine::Postgres(_) => 0,
            Engine::Sqlite(sqlite) => sqlite.wal_bytes(),
        }
    }

    /// Commands that wait for a writer.
    pub fn queued(&self) -> usize {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.queued(),
            Engine::Sqlite(sqlite) => sqlite.queued(),
        }
    }

    /// Runs one SELECT and reads each row with `read`. `table` is named if a column is damaged.
    pub(crate) async fn select<T>(
        &self,
        table: &'static str,
        sql: &'static str,
        params: &[Value],
        read: impl Fn(&mut Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let read = |values| read(&mut Row::new(table, values));
        match &self.engine {
            Engine::Postgres(postgres) => postgres.select(sql, params, read).await,
            Engine::Sqlite(sqlite) => sqlite.select(sql, params, read),
        }
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

impl StoreError {
    /// Whether the operating system does not let this user read or write the database.
    pub fn is_not_permitted(&self) -> bool {
        let Self::Unavailable(cause) = self else { return false };
        let by_system = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let by_engine = cause.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
        matches!(by_system, Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem))
            || matches!(by_engine, Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly))
    }

    /// The database cannot do its work, for a reason of ours.
    fn unavailable(reason: &'static str) -> Self {
        Self::Unavailable(reason.into())
    }
}
