//! The writer: takes one command and then all that wait, runs them in one transaction, each in a
//! savepoint of its own, and answers after the commit. The flush itself is the batching window; where
//! many wait, it is held open a moment longer.

use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::command::{Change, MailDone};
use super::super::job::{Job, Reply};
use super::readers::Readers;
use super::{StoreError, audit, begin, instance, judge, outbox, pins, purge, resend, run};
use crate::telemetry::Chain;

/// An answer that waits for the commit, or for why there was none.
type Answer = Box<dyn FnOnce(&Result<(), Loss>) + Send>;

/// Starts the writer's thread. It ends when the last handle of the store is gone.
pub(super) fn spawn(
    connection: Connection,
    mut jobs: mpsc::Receiver<Job>,
    sent: mpsc::Receiver<MailDone>,
    log_is_long: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let epoch = instance::read_epoch(&connection)?;
    let mut writer =
        Writer { connection, epoch, budgets_swept: Vec::new(), sent, log_is_long, complained: None, lost: None };
    let body = move || {
        let mut is_crowded = false;
        while let Some(first) = jobs.blocking_recv() {
            if is_crowded {
                thread::sleep(LINGER);
            }
            is_crowded = CROWD.contains(&writer.commit_batch(first, &mut jobs));
        }
        writer.close();
    };
    thread::Builder::new().name("store-writer".to_owned()).spawn(body).map_err(io_unavailable)?;
    Ok(())
}

/// Moves committed pages into the database file, off the writer's path.
pub(super) fn spawn_checkpoints(
    connection: Connection,
    readers: Weak<Readers>,
    log_is_long: Arc<AtomicBool>,
) -> Result<(), StoreError> {
    let body = move || {
        while let Some(readers) = readers.upgrade() {
            let is_long = readers.wal_bytes() > WAL_LIMIT;
            drop(readers);
            checkpoint(&connection);
            log_is_long.store(is_long, Ordering::Relaxed);
            thread::sleep(CHECKPOINT_EVERY);
        }
    };
    thread::Builder::new().name("store-checkpoints".to_owned()).spawn(body).map_err(io_unavailable)?;
    Ok(())
}

/// Moves what can be moved without waiting for anybody.
fn checkpoint(connection: &Connection) {
    if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        tracing::warn!(%error, "checkpoint failed; it is tried again in a second");
    }
}

pub(super) struct Writer {
    pub(super) connection: Connection,
    /// Challenges of another epoch are void: this database was restored since they were opened.
    pub(super) epoch: i64,
    /// The last subject that the sweep of square budgets looked at.
    pub(super) budgets_swept: Vec<u8>,
    /// Mails that were sent: their rows go with the next commit, whoever asks for it.
    sent: mpsc::Receiver<MailDone>,
    /// Set by the checkpoints when the log should be started over.
    log_is_long: Arc<AtomicBool>,
    /// When it last said that nothing can be written.
    complained: Option<Instant>,
    /// What ended the transaction before its commit.
    lost: Option<Loss>,
}

impl Writer {
    /// Answers how many commands there were.
    fn commit_batch(&mut self, first: Job, jobs: &mut mpsc::Receiver<Job>) -> usize {
        // Under steady load only the writer finds the moment at which the log is all moved: it moves
        // the last pages itself, and its next write begins at the front of the log.
        if self.log_is_long.swap(false, Ordering::Relaxed) {
            checkpoint(&self.connection);
        }
        self.lost = run::execute(&self.connection, "BEGIN IMMEDIATE", &[]).err().map(|error| Loss::of(&error));
        self.remove_sent();
        let mut answers = Vec::new();
        let mut next = Some(first);
        while let Some(job) = next {
            answers.push(self.run(job));
            next = if answers.len() < BATCH { jobs.try_recv().ok() } else { None };
        }
        let committed = self.commit();
        let count = answers.len();
        for answer in answers {
            answer(&committed);
        }
        count
    }

    /// Nobody waits for these; one that fails is sent once more when its lease runs out.
    fn remove_sent(&mut self) {
        for _ in 0..BATCH {
            if self.connection.is_autocommit() {
                return;
            }
            let Ok(done) = self.sent.try_recv() else { return };
            if let Err(error) = outbox::done(self, &done) {
                self.see_whether_lost(&error);
                tracing::warn!(error = %Chain(&error), "the row of a sent mail stays; the mail may be sent once more");
            }
        }
    }

    /// A clean stop leaves no row of a mail that was sent.
    fn close(&mut self) {
        if self.connection.execute_batch("BEGIN IMMEDIATE").is_ok() {
            self.remove_sent();
            drop(self.commit());
        }
    }

    fn commit(&mut self) -> Result<(), Loss> {
        let lost = match self.lost.take() {
            // A full disk or an I/O error ends the transaction by itself; COMMIT then has nothing to keep.
            Some(lost) => lost,
            None if self.connection.is_autocommit() => Loss::of(&StoreError::unavailable("the transaction is over")),
            None => match run::execute(&self.connection, "COMMIT", &[]) {
                Ok(_) => return Ok(()),
                Err(error) => Loss::of(&error),
            },
        };
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::debug!(%error, "nothing left to roll back");
        }
        self.complain(&lost);
        Err(lost)
    }

    /// Every command of the batch is refused. Its callers' own lines say how many.
    fn complain(&mut self, lost: &Loss) {
        if self.complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            tracing::error!(error = lost.cause, "the database takes no writes");
            self.complained = Some(Instant::now());
        }
    }

    /// Remembers what ended the transaction; others of its batch fail for no other reason.
    fn see_whether_lost(&mut self, error: &StoreError) {
        if self.lost.is_none() && self.connection.is_autocommit() {
            self.lost = Some(Loss::of(error));
        }
    }

    fn run(&mut self, job: Job) -> Answer {
        match job {
            Job::Begin { command, reply } => self.in_savepoint(reply, |writer| begin::begin(writer, &command)),
            Job::Change { command, reply } => self.in_savepoint(reply, |writer| writer.apply(&command)),
            Job::ChargePin { command, reply } => {
                self.in_savepoint(reply, |writer| pins::charge(&writer.connection, command))
            }
            Job::ClaimMails { command, reply } => self.in_savepoint(reply, |writer| outbox::claim(writer, &command)),
            Job::FailFirstFactor { command, reply } => {
                self.in_savepoint(reply, |writer| pins::fail(&writer.connection, &command))
            }
            Job::Judge { command, reply } => self.in_savepoint(reply, |writer| judge::judge(writer, &command)),
            Job::Keep { command, reply } => self.in_savepoint(reply, |writer| writer.keep(&command)),
            Job::MailDone { command, reply } => self.in_savepoint(reply, |writer| outbox::done(writer, &command)),
            Job::Mark { command, reply } => self.in_savepoint(reply, |writer| run::apply(&writer.connection, &command)),
            Job::Purge { command, reply } => self.in_savepoint(reply, |writer| purge::purge(writer, command)),
            Job::Record { command, reply } => {
                self.in_savepoint(reply, |writer| audit::insert(&writer.connection, &command))
            }
            Job::RefundPin { command, reply } => {
                self.in_savepoint(reply, |writer| pins::refund(&writer.connection, command))
            }
            Job::Resend { command, reply } => self.in_savepoint(reply, |writer| resend::resend(writer, &command)),
        }
    }

    /// Runs one command so that its failure undoes its own work and never its neighbours'.
    fn in_savepoint<T: Send + 'static>(
        &mut self,
        reply: Reply<T>,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Answer {
        // Without a transaction nothing is tried: it would be kept at once.
        let is_open = self.lost.is_none() && !self.connection.is_autocommit();
        let outcome = is_open.then(|| self.try_in_savepoint(work));
        Box::new(move |committed| {
            let answer = match (outcome, committed) {
                (Some(Err(error)), _) => Err(error),
                (Some(Ok(answer)), Ok(())) => Ok(answer),
                (_, Err(lost)) => Err(lost.error()),
                (None, Ok(())) => Err(StoreError::unavailable("there was no transaction")),
            };
            // A caller that has gone away no longer wants the answer; the work is committed.
            drop(reply.send(answer));
        })
    }

    fn try_in_savepoint<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let outcome = self.savepoint().and_then(|()| work(self)).and_then(|answer| {
            self.release()?;
            Ok(answer)
        });
        if let Err(error) = &outcome {
            if !self.connection.is_autocommit() {
                self.undo();
            }
            self.see_whether_lost(error);
        }
        outcome
    }

    fn apply(&self, change: &Change) -> Result<(), StoreError> {
        self.keep(change)?;
        instance::touch_settings(&self.connection, change.event.at)
    }

    fn keep(&self, change: &Change) -> Result<(), StoreError> {
        for statement in &change.statements {
            run::apply(&self.connection, statement)?;
        }
        audit::insert(&self.connection, &change.event)
    }

    fn savepoint(&self) -> Result<(), StoreError> {
        run::execute(&self.connection, "SAVEPOINT command", &[]).map(drop)
    }

    fn release(&self) -> Result<(), StoreError> {
        run::execute(&self.connection, "RELEASE command", &[]).map(drop)
    }

    fn undo(&self) {
        if let Err(error) = self.connection.execute_batch("ROLLBACK TO command; RELEASE command") {
            tracing::error!(%error, "a command could not be undone; its batch is given up");
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

/// Why a whole batch was not written.
struct Loss {
    cause: String,
    is_not_permitted: bool,
}

impl Loss {
    fn of(error: &StoreError) -> Self {
        let cause = match error {
            StoreError::Unavailable(cause) => Chain(cause.as_ref()).to_string(),
            error => Chain(error).to_string(),
        };
        Self { cause, is_not_permitted: error.is_not_permitted() }
    }

    /// The same for each of those who wait.
    fn error(&self) -> StoreError {
        let kind = if self.is_not_permitted { ErrorKind::PermissionDenied } else { ErrorKind::Other };
        io_unavailable(std::io::Error::new(kind, self.cause.clone()))
    }
}

fn io_unavailable(error: std::io::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// Commands per commit at most, so that no caller waits behind an endless batch.
const BATCH: usize = 512;
/// After a batch of so many, others are on their way: waiting for them costs each a little, and saves
/// a flush, a start and a commit. A larger one shares that price already.
const CROWD: RangeInclusive<usize> = 6..=32;
/// So long.
const LINGER: Duration = Duration::from_micros(400);
/// Batches may fail by the hundred every second.
const COMPLAINTS: Duration = Duration::from_secs(1);
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// Past this size the log is started over from its beginning, 64 MiB.
const WAL_LIMIT: u64 = 64 << 20;
