//! The relays in order of preference, with their kept connections. Owns who is asked, how many
//! connections there are and when a relay is left alone; knows no SMTP and never retries a message
//! whose fate is uncertain: that is the outbox's decision.

mod breaker;
mod lane;

use tokio::time::{Instant, timeout_at};

use self::lane::{Lane, Setback};
use super::error::MailError;
use super::relay::Relay;
use super::smtp::Envelope;

/// The primary relay and its fallbacks. Share it behind an `Arc`; it has no task of its own.
pub struct RelayPool {
    lanes: Vec<Lane>,
}

/// A message that a relay has taken responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The name of the relay in our settings.
    pub relay: String,
    /// What it said, redacted.
    pub reply: String,
}

/// How a relay does, for the status page and the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayHealth {
    /// The name of the relay in our settings.
    pub name: String,
    /// `false` while it is left alone after several failed connections.
    pub up: bool,
    /// The last failure of relay or connection since the last success; never one of a single message.
    pub last_error: Option<String>,
}

impl RelayPool {
    /// Takes the relays, primary first. Reads certificate authorities from disk; a relay whose TLS
    /// cannot be set up stays in the pool and answers `Misconfigured`.
    pub fn new(relays: Vec<Relay>) -> Self {
        Self { lanes: relays.into_iter().map(Lane::new).collect() }
    }

    /// Hands one message to the first relay that takes it, before `deadline`.
    ///
    /// The next relay is asked when one cannot be reached, is set up wrongly or puts us off; not
    /// after a rejection, and not when the message may already be under way. As long as another
    /// relay is left, one may use up at most half of the time that remains.
    pub async fn send(
        &self,
        envelope: &Envelope<'_>,
        message: &[u8],
        deadline: Instant,
    ) -> Result<Delivered, MailError> {
        let mut last = None;
        let mut lanes = self.lanes.iter().peekable();
        while let Some(lane) = lanes.next() {
            let now = Instant::now();
            let until =
                if lanes.peek().is_some() { now + deadline.saturating_duration_since(now) / 2 } else { deadline };
            let sending = Box::pin(lane.send(envelope, message, until));
            match timeout_at(deadline, sending).await.unwrap_or_else(|_| Err(Setback::final_one(out_of_time()))) {
                Ok(accepted) => {
                    return Ok(Delivered { relay: lane.name().to_owned(), reply: accepted.reply });
                }
                Err(setback) if setback.is_final => return Err(setback.error),
                Err(setback) => last = Some(milder(last, setback.error)),
            }
        }
        Err(last.unwrap_or_else(|| MailError::misconfigured("no mail relay is configured")))
    }

    /// How every relay does, in order.
    pub fn health(&self) -> Vec<RelayHealth> {
        self.lanes.iter().map(Lane::health).collect()
    }

    /// Closes connections that have been idle for too long, politely. Sending never uses one of
    /// those; calling this every few seconds only spares the relays their sockets.
    pub async fn close_idle(&self) {
        for lane in &self.lanes {
            lane.close_idle(Instant::now()).await;
        }
    }
}

/// What to report when several relays failed: the failure that time may heal, if there was one,
/// because then a retry makes sense.
fn milder(last: Option<MailError>, next: MailError) -> MailError {
    match last {
        Some(earlier @ MailError::TryLater { .. }) => earlier,
        _ => next,
    }
}

fn out_of_time() -> MailError {
    MailError::try_later("the deadline of the message has passed")
}
