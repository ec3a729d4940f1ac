//! One relay of the pool: its connections, kept and counted, and its breaker. Owns the decision
//! whether a failure may be answered by a fresh connection or by another relay.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::breaker::Breaker;
use super::{RelayHealth, out_of_time};
use crate::mail::error::MailError;
use crate::mail::relay::{Relay, Security};
use crate::mail::smtp::{Accepted, Connection, Envelope, Tls};

/// A relay and what we keep for it.
pub(super) struct Lane {
    relay: Relay,
    tls: Option<Result<Tls, MailError>>,
    slots: Semaphore,
    idle: Mutex<Vec<Kept>>,
    breaker: Mutex<Breaker>,
}

/// A connection between two messages.
struct Kept {
    connection: Connection,
    sent: u32,
    since: Instant,
}

/// Why this relay did not take the message.
pub(super) struct Setback {
    pub(super) error: MailError,
    /// No other relay may be asked: the message is refused, or may already be under way.
    pub(super) is_final: bool,
}

impl Setback {
    /// A failure after which no other relay is asked.
    pub(super) fn final_one(error: MailError) -> Self {
        Self { error, is_final: true }
    }

    /// A failure another relay may make good.
    fn passing(error: MailError) -> Self {
        Self { error, is_final: false }
    }
}

impl Lane {
    /// Sets up TLS where the relay needs it; opens nothing.
    pub(super) fn new(relay: Relay) -> Self {
        let tls = (relay.security != Security::Plaintext).then(|| Tls::new(&relay));
        let (slots, idle, breaker) = (Semaphore::new(CONNECTIONS), Mutex::default(), Mutex::default());
        Self { relay, tls, slots, idle, breaker }
    }

    /// The operator's name for the relay.
    pub(super) fn name(&self) -> &str {
        &self.relay.name
    }

    /// See [`super::RelayPool::health`].
    pub(super) fn health(&self) -> RelayHealth {
        let breaker = lock(&self.breaker);
        let unusable = self.tls.as_ref().and_then(|tls| tls.as_ref().err());
        RelayHealth {
            name: self.relay.name.clone(),
            up: unusable.is_none() && breaker.is_closed(),
            last_error: unusable.map(ToString::to_string).or_else(|| breaker.last_error().map(str::to_owned)),
        }
    }

    /// Sends over a kept connection or a new one, whichever is there, until `until`.
    pub(super) async fn send(
        &self,
        envelope: &Envelope<'_>,
        message: &[u8],
        until: Instant,
    ) -> Result<Accepted, Setback> {
        let Ok(Ok(_slot)) = timeout_at(until, self.slots.acquire()).await else {
            return Err(Setback::passing(MailError::try_later("all connections to the relay are busy")));
        };
        if let Some(kept) = self.take_kept(Instant::now()) {
            match self.send_over(kept, envelope, message, until).await {
                // The relay had closed it, or did so now. A fresh one tells whether it is there.
                Err((setback, Fate::Unsent)) if !setback.is_final => (),
                outcome => return outcome.map_err(|(setback, _)| setback),
            }
        }
        let connection = self.open(until).await?;
        let fresh = Kept { connection, sent: 0, since: Instant::now() };
        self.send_over(fresh, envelope, message, until).await.map_err(|(setback, _)| setback)
    }

    /// Opens a connection and tells the breaker how it went.
    async fn open(&self, until: Instant) -> Result<Connection, Setback> {
        let (probe, began) = (self.relay.limits.probe, Instant::now());
        if !lock(&self.breaker).admits(Instant::now(), probe) {
            let reason = lock(&self.breaker).last_error().unwrap_or("unknown").to_owned();
            return Err(Setback::passing(MailError::try_later(format!("the relay is down: {reason}"))));
        }
        let opened = match self.tls.as_ref().map(Result::as_ref).transpose() {
            Err(unusable) => Err(unusable.clone()),
            Ok(tls) => timeout_at(until, Box::pin(Connection::open_with(&self.relay, tls)))
                .await
                .unwrap_or_else(|_| Err(MailError::try_later("no connection within the time left"))),
        };
        match &opened {
            Ok(_) => lock(&self.breaker).succeeded(),
            // A message that had no time left says nothing about the relay.
            Err(_) if until <= Instant::now() && began.elapsed() < FAIR_TRIAL => (),
            Err(error) => lock(&self.breaker).failed(error.to_string(), Instant::now(), probe),
        }
        opened.map_err(Setback::passing)
    }

    /// Sends over this connection and keeps it if it may serve again.
    async fn send_over(
        &self,
        mut kept: Kept,
        envelope: &Envelope<'_>,
        message: &[u8],
        until: Instant,
    ) -> Result<Accepted, (Setback, Fate)> {
        let sending = Box::pin(kept.connection.send(envelope, message));
        let outcome = timeout_at(until, sending).await;
        let (committed, usable) = (kept.connection.has_committed(), kept.connection.is_usable());
        kept.sent += 1;
        // A spent connection is dropped without QUIT: whoever waits here has waited enough.
        if usable && kept.sent < MESSAGES {
            self.keep(kept);
        }
        match outcome {
            Ok(Ok(accepted)) => Ok(accepted),
            Ok(Err(error @ MailError::Rejected { .. })) => Err((Setback::final_one(error), Fate::Refused)),
            Ok(Err(error)) if committed && !usable => Err((Setback::final_one(error), Fate::Unknown)),
            Ok(Err(error)) if usable => Err((Setback::passing(error), Fate::Refused)),
            Ok(Err(error)) => Err((Setback::passing(error), Fate::Unsent)),
            Err(_) if committed => Err((Setback::final_one(out_of_time()), Fate::Unknown)),
            Err(_) => Err((Setback::passing(out_of_time()), Fate::Refused)),
        }
    }

    fn keep(&self, kept: Kept) {
        lock(&self.idle).push(Kept { since: Instant::now(), ..kept });
    }

    /// The youngest kept connection that is neither stale nor closed nor talking. The others go.
    fn take_kept(&self, now: Instant) -> Option<Kept> {
        let mut idle = lock(&self.idle);
        while let Some(mut kept) = idle.pop() {
            let stale = now.duration_since(kept.since) >= self.relay.limits.idle;
            if !stale && kept.connection.is_quiet() {
                return Some(kept);
            }
        }
        None
    }

    /// Closes what has been idle too long.
    pub(super) async fn close_idle(&self, now: Instant) {
        let limit = self.relay.limits.idle;
        let stale: Vec<Kept> =
            lock(&self.idle).extract_if(.., |kept| now.duration_since(kept.since) >= limit).collect();
        for kept in stale {
            // Nobody is left who could do anything about a failed good-bye.
            drop(kept.connection.quit().await);
        }
    }
}

/// What became of the message on a connection that failed.
enum Fate {
    /// The relay said no and is still there.
    Refused,
    /// The end was sent and no reply came.
    Unknown,
    /// The connection broke before the message was handed over.
    Unsent,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is valid after every single statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most connections to one relay.
const CONNECTIONS: usize = 8;

/// A connection that was cut off by the deadline of its message counts as failed from here on.
const FAIR_TRIAL: Duration = Duration::from_secs(1);

/// The most messages over one connection; relays count, too.
const MESSAGES: u32 = 100;
