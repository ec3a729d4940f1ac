//! A lane: one connection that commits all waiting commands together and answers after the commit.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use super::Shared;
use super::batch::Batch;
use super::fault::Fault;
use super::server::Server;
use super::session::{EXCHANGE, Session};
use crate::store::StoreError;
use crate::store::command::Begun;
use crate::store::job::Job;

/// A lane at work. It ends when the last handle of the store is gone.
pub(super) struct Lane {
    server: Server,
    session: Option<Session>,
    jobs: mpsc::Receiver<Job>,
    /// Commands whose account was in every wave of the last batch; they lead the next one.
    held: VecDeque<Job>,
    trusts_server_time: bool,
    shared: Arc<Shared>,
    /// When it last said that nothing can be written.
    complained: Option<Instant>,
}

impl Lane {
    /// A lane that has its connection already.
    pub(super) fn new(
        server: Server,
        session: Session,
        jobs: mpsc::Receiver<Job>,
        trusts_server_time: bool,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            server,
            session: Some(session),
            jobs,
            held: VecDeque::new(),
            trusts_server_time,
            shared,
            complained: None,
        }
    }

    pub(super) async fn run(mut self) {
        while let Some(batch) = self.collect().await {
            if batch.len() > 0 {
                self.commit(batch).await;
            }
        }
    }

    /// Everything that waits, as far as a batch takes it.
    async fn collect(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        let mut held = std::mem::take(&mut self.held);
        if held.is_empty() {
            held.push_back(self.jobs.recv().await?);
            self.let_others_come().await;
        }
        while batch.len() < BATCH {
            let Some(job) = held.pop_front().or_else(|| self.jobs.try_recv().ok()) else { break };
            if job.is_abandoned() {
                continue;
            }
            if let Err(job) = batch.take(job) {
                self.held.push_back(job);
                if self.held.len() >= BATCH {
                    break;
                }
            }
        }
        self.held.append(&mut held);
        Some(batch)
    }

    /// A command is cheap in a large batch, and whoever has just been answered may have another: as long as
    /// each turn of the runtime brings more, one more is waited for.
    async fn let_others_come(&self) {
        let mut waiting = self.jobs.len();
        while waiting < BATCH {
            yield_now().await;
            let now = self.jobs.len();
            if now <= waiting {
                return;
            }
            waiting = now;
        }
    }

    async fn commit(&mut self, mut batch: Batch) {
        match self.attempt(&mut batch).await {
            Ok(()) => batch.answer(),
            Err(Fault::Down(error)) => self.refuse_all(batch, &error),
            Err(fault) if batch.len() == 1 => refuse_one(batch, fault),
            Err(_) => self.tell_apart(batch).await,
        }
    }

    /// Runs the batch, again where it got in another's way.
    async fn attempt(&mut self, batch: &mut Batch) -> Result<(), Fault> {
        // Connecting has limits of its own: callers do not wait for it longer than for anything else.
        self.connect().await?;
        let mut fault = Fault::Again;
        for _ in 0..ATTEMPTS {
            match timeout(EXCHANGE, self.run_once(batch)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(Fault::Again)) => self.roll_back().await,
                Ok(Err(other)) => {
                    fault = other;
                    break;
                }
                Err(_) => {
                    fault = Fault::silent();
                    break;
                }
            }
        }
        match &fault {
            Fault::Down(_) => self.session = None,
            _ => self.roll_back().await,
        }
        Err(fault)
    }

    async fn connect(&mut self) -> Result<(), Fault> {
        if self.session.as_ref().is_none_or(|session| session.client.is_closed()) {
            let session = Session::open(&self.server).await?;
            self.shared.epoch.store(session.epoch, Ordering::Relaxed);
            self.session = Some(session);
        }
        Ok(())
    }

    async fn run_once(&self, batch: &mut Batch) -> Result<(), Fault> {
        let session = self.session.as_ref().ok_or_else(Fault::silent)?;
        batch.run(session, self.trusts_server_time).await
    }

    async fn roll_back(&mut self) {
        let Some(session) = &self.session else { return };
        let rolled_back = timeout(EXCHANGE, session.command("ROLLBACK")).await;
        if !matches!(rolled_back, Ok(Ok(()))) {
            self.session = None;
        }
    }

    /// One of the commands cannot be done: each gets a transaction of its own.
    async fn tell_apart(&mut self, batch: Batch) {
        let mut jobs = batch.into_jobs().into_iter().filter(|job| !job.is_abandoned());
        while let Some(job) = jobs.next() {
            let mut single = Batch::default();
            if single.take(job).is_err() {
                continue;
            }
            match self.attempt(&mut single).await {
                Ok(()) => single.answer(),
                Err(Fault::Down(error)) => {
                    self.held.extend(jobs);
                    return self.refuse_all(single, &error);
                }
                Err(fault) => refuse_one(single, fault),
            }
        }
    }

    /// Without a database there is no verdict, for these and for all who wait behind them.
    fn refuse_all(&mut self, batch: Batch, error: &StoreError) {
        if self.complained.is_none_or(|at| at.elapsed() >= COMPLAINTS) {
            tracing::error!(error = %crate::telemetry::Chain(error), "the database takes no writes");
            self.complained = Some(Instant::now());
        }
        let waiting = std::iter::from_fn(|| self.jobs.try_recv().ok());
        let jobs = batch.into_jobs().into_iter().chain(self.held.drain(..)).chain(waiting);
        jobs.for_each(|job| job.refuse(StoreError::unavailable("the database server takes no writes now")));
    }
}

fn refuse_one(batch: Batch, fault: Fault) {
    // Of two first steps that were named alike the second one finds the first when it is asked again.
    let is_id_taken =
        matches!(&fault, Fault::Conflict(Some(name)) if name == "challenge_pkey" || name == "first_step_pkey");
    let error = fault.into_error();
    for job in batch.into_jobs() {
        match job {
            Job::Begin { reply, .. } if is_id_taken => drop(reply.send(Ok(Begun::IdTaken))),
            job => return job.refuse(error),
        }
    }
}

/// Commands per commit at most, so that no caller waits behind an endless batch.
const BATCH: usize = 256;
/// A transaction that got in another's way is run so often before its callers hear of it.
pub(super) const ATTEMPTS: usize = 4;
/// Batches may fail by the hundred every second; their callers' own lines say how many.
const COMPLAINTS: Duration = Duration::from_secs(1);
