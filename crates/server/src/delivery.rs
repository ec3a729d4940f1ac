//! Delivery: from a committed outbox row to the relay's last word.
//!
//! The node that opened a challenge holds the lease on its mail and sends it from memory at once;
//! whatever is left behind, by a crash or a full queue, is taken over when the lease runs out.
//! Sent at least once, always the same message, and never when the code is nearly dead.

mod letter;
mod notices;
mod relays;
mod wording;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::address::MailAddress;
use domain::challenge::{ChallengeKey, MAIL_MARGIN};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use self::letter::test_message;
pub use self::relays::{Mailer, RelayProblem, seal_place, test_relay};
use crate::app::App;
use crate::mail::error::MailError;
use crate::mail::smtp::Envelope;
use crate::stop::Stop;
use crate::store::command::{ClaimMails, Event, MailDone, MailJob, MailOutcome};
use crate::store::relays::StoredRelay;
use crate::telemetry::Chain;

/// Where committed mails are handed over to the dispatcher. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    jobs: mpsc::Sender<MailJob>,
    /// Mails that wait here or are under way.
    held: Arc<std::sync::Mutex<HashSet<(ChallengeKey, i64)>>>,
}

/// The dispatcher's end.
pub type Waiting = mpsc::Receiver<MailJob>;

impl Outbox {
    /// A queue with both ends.
    pub fn new() -> (Self, Waiting) {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        (Self { jobs, held: Arc::default() }, waiting)
    }

    /// Hands over mails whose rows are committed. A full queue loses nothing: the rows stay, and
    /// are taken over when their lease runs out. One that still waits here, or is under way, while
    /// its lease runs out has just had it renewed, and is not queued twice.
    pub fn wake(&self, mails: Vec<MailJob>) {
        for mail in mails {
            let name = (mail.key.clone(), mail.send);
            let mut held = self.held();
            if held.contains(&name) {
                continue;
            }
            if held.len() < QUEUE && self.jobs.try_send(mail).is_ok() {
                held.insert(name);
            } else {
                tracing::warn!("the mail queue is full; a mail waits in the database for its turn");
            }
        }
    }

    /// A mail has had its attempt, and what came of it is noted: it may be claimed again.
    fn release(&self, mail: &MailJob) {
        self.held().remove(&(mail.key.clone(), mail.send));
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashSet<(ChallengeKey, i64)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> usize {
        self.held().len()
    }
}

/// Starts the dispatcher, the task that takes over what was left behind, and the one for notices.
pub fn start(app: &App, mailer: &Mailer, waiting: Waiting, tasks: &mut JoinSet<()>, stop: &Stop) {
    tasks.spawn(dispatch(app.clone(), mailer.clone(), waiting, stop.clone()));
    tasks.spawn(take_over(app.clone(), mailer.clone(), stop.clone()));
    tasks.spawn(notices::send_all(app.clone(), mailer.clone(), stop.clone()));
}

/// Gives each mail a task, and each order of relays so many turns at once: a relay that keeps its
/// mails waiting keeps nobody else's.
async fn dispatch(app: App, mailer: Mailer, mut waiting: Waiting, mut stop: Stop) {
    let mut turns: HashMap<String, Arc<Semaphore>> = HashMap::new();
    let mut under_way = JoinSet::new();
    loop {
        let job = tokio::select! {
            job = waiting.recv() => job,
            Some(_) = under_way.join_next() => continue,
            () = stop.requested() => None,
        };
        let Some(job) = job else { break };
        let at_once = app.config.mail.workers;
        let turn = turns.entry(job.relay.clone()).or_insert_with(|| Arc::new(Semaphore::new(at_once)));
        under_way.spawn(take_turn(app.clone(), mailer.clone(), Arc::clone(turn), job, stop.clone()));
    }
    while under_way.join_next().await.is_some() {}
}

/// Waits for its turn; a mail whose turn has not come when the process stops stays in the database. One that goes
/// nowhere is done with: its row is written as any other, and waits for nothing.
async fn take_turn(app: App, mailer: Mailer, turns: Arc<Semaphore>, job: MailJob, mut stop: Stop) {
    let Some(to) = &job.address else {
        return note(&app, &job, MailOutcome::Sent).await;
    };
    let turn = tokio::select! {
        turn = turns.acquire() => turn,
        () = stop.requested() => return,
    };
    if let Ok(turn) = turn {
        let outcome = deliver(&app, &mailer, &job, to).await;
        // The relay is free for the next mail; the database may take its time.
        drop(turn);
        note(&app, &job, outcome).await;
    }
}

/// Once a second: claims mails that nobody is sending, and notes how the relays do.
async fn take_over(app: App, mailer: Mailer, mut stop: Stop) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.requested() => return,
        }
        app.metrics.mail_queue.set(i64::try_from(app.outbox.waiting()).unwrap_or(i64::MAX));
        for (name, is_up) in mailer.health() {
            app.metrics.note_relay(&name, is_up);
        }
        let command = ClaimMails { now: app.now(), lease: LEASE, limit: CLAIM };
        match app.store.claim_mails(command).await {
            Ok(mails) => app.outbox.wake(mails),
            Err(error) => tracing::error!(error = %Chain(&error), "waiting mails could not be looked for"),
        }
    }
}

/// One attempt at one mail.
async fn deliver(app: &App, mailer: &Mailer, job: &MailJob, to: &MailAddress) -> MailOutcome {
    let started = now();
    let outcome = attempt(app, mailer, job, to, started).await;
    let (relay, result) = match &outcome {
        Ok(relay) => (relay.as_str(), "sent"),
        Err(failure) => (job.relay.as_str(), failure.result()),
    };
    app.metrics.count_mail(relay, result, started.elapsed());
    match outcome {
        Ok(_) => MailOutcome::Sent,
        Err(failure) => after_failure(app, job, to, &failure),
    }
}

/// Notes what became of a mail; then it may be claimed again.
async fn note(app: &App, job: &MailJob, outcome: MailOutcome) {
    let done = MailDone { key: job.key.clone(), send: job.send, outcome };
    if let Err(error) = app.store.mail_done(done).await {
        // The lease runs out and the mail is sent once more: the same message, with the same code.
        tracing::error!(error = %Chain(&error), challenge = %job.key.id, "the end of a mail could not be noted");
    }
    app.outbox.release(job);
}

async fn attempt(
    app: &App,
    mailer: &Mailer,
    job: &MailJob,
    to: &MailAddress,
    started: Instant,
) -> Result<String, Failure> {
    let latest = job.expires_at - MAIL_MARGIN;
    let left = latest.since(app.now());
    if left.is_zero() {
        return Err(Failure::TooLate);
    }
    let route = mailer
        .route(&app.settings(), &app.keys, &job.relay)
        .map_err(|problem| Failure::TryLater(problem.to_string()))?;
    let message = letter::write(app, job, to, &route.sender).map_err(|error| Failure::Rejected(error.to_string()))?;
    let envelope = Envelope { from: route.sender.as_str(), to };
    let delivered = route.pool.send(&envelope, &message, started + left).await?;
    tracing::debug!(challenge = %job.key.id, to = %to.masked(), relay = delivered.relay, "mail handed over");
    Ok(delivered.relay)
}

/// Sends one mail without a code, to try the relays out. Answers which relay took it, or why none.
pub async fn send_test(app: &App, to: &MailAddress) -> Result<String, String> {
    let mailer = Mailer::default();
    let route = mailer.route(&app.settings(), &app.keys, "").map_err(|problem| problem.to_string())?;
    let message = test_message(app, to, &route.sender).map_err(|error| error.to_string())?;
    let envelope = Envelope { from: route.sender.as_str(), to };
    let sent = route.pool.send(&envelope, &message, now() + TEST_PATIENCE).await;
    sent.map(|delivered| delivered.relay).map_err(|error| error.to_string())
}

/// Tries a relay of the settings without sending a mail; the reason why not is for the operator.
pub async fn greet(app: &App, relay: &StoredRelay) -> Result<(), String> {
    relays::greet(&app.keys, relay).await
}

/// The runtime's clock: for time-outs of sockets, never for a rule.
fn now() -> Instant {
    Instant::now()
}

/// Why a mail did not leave.
enum Failure {
    Rejected(String),
    TooLate,
    TryLater(String),
}

impl Failure {
    fn result(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected",
            Self::TooLate => "expired-unsent",
            Self::TryLater(_) => "retry",
        }
    }

    /// What the relay said, or we.
    fn detail(&self) -> &str {
        match self {
            Self::Rejected(reason) | Self::TryLater(reason) => reason,
            Self::TooLate => "the code was about to expire",
        }
    }
}

impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Rejected { reason, .. } => Self::Rejected(reason),
            // What only an operator can mend may be mended while the code is still good.
            MailError::Misconfigured { reason, .. } | MailError::TryLater { reason, .. } => Self::TryLater(reason),
        }
    }
}

fn after_failure(app: &App, job: &MailJob, to: &MailAddress, failure: &Failure) -> MailOutcome {
    let wait = RETRY_AFTER.get(usize::try_from(job.attempts).unwrap_or(usize::MAX)).copied();
    let next = app.now() + wait.unwrap_or(LAST_RETRY);
    match failure {
        Failure::TryLater(reason) if next + MAIL_MARGIN < job.expires_at => {
            tracing::warn!(challenge = %job.key.id, reason, "mail put off");
            MailOutcome::RetryAt(next)
        }
        Failure::TryLater(reason) => dropped(app, job, to, "expired-unsent", reason),
        failure => dropped(app, job, to, failure.result(), failure.detail()),
    }
}

fn dropped(app: &App, job: &MailJob, to: &MailAddress, reason: &str, detail: &str) -> MailOutcome {
    let now = app.now();
    tracing::error!(challenge = %job.key.id, to = %to.masked(), reason, detail, "mail given up");
    let event = Event {
        // An audit line must not fail for want of chance: the mail's own name is unique too.
        id: Event::new_id(now, &*app.random).unwrap_or_else(|_| letter::fallback_event_id(job, now)),
        at: now,
        action: "mail".to_owned(),
        outcome: "fail",
        reason: reason.to_owned(),
        challenge: job.key.id.as_str().to_owned(),
        detail: detail.chars().take(200).collect(),
        ..Event::default()
    };
    MailOutcome::Dropped(Box::new(event))
}

/// Mails that may wait in memory; beyond it they wait in the database.
const QUEUE: usize = 8192;
/// How long the node that wrote a mail may take over it before another one may: short, so that a
/// crash leaves the code most of its life. At a slow relay this may mean the same mail twice.
pub const FIRST_LEASE: Duration = Duration::from_secs(15);
/// The same once it is taken over: longer than one attempt at a relay may last.
const LEASE: Duration = Duration::from_secs(35);
const TEST_PATIENCE: Duration = Duration::from_secs(30);
/// Mails claimed at once.
const CLAIM: usize = 256;
const RETRY_AFTER: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(7),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
const LAST_RETRY: Duration = Duration::from_mins(1);
