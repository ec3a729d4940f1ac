//! When to leave a relay alone: after five failed connections in a row only one probe per interval
//! is let through, until one succeeds. Pure: time comes in as an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The memory of one relay's connection attempts.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    next_probe: Option<Instant>,
    last_error: Option<String>,
}

impl Breaker {
    /// Whether a connection may be tried now. Saying yes to an open breaker uses up the probe.
    pub(super) fn admits(&mut self, now: Instant, probe: Duration) -> bool {
        match self.next_probe {
            Some(at) if now < at => false,
            Some(_) => {
                self.next_probe = Some(now + probe);
                true
            }
            None => true,
        }
    }

    /// Counts a failed connection.
    pub(super) fn failed(&mut self, error: String, now: Instant, probe: Duration) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(error);
        if self.failures >= FAILURES {
            self.next_probe = Some(now + probe);
        }
    }

    /// Forgets all failures.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whether the relay is in use.
    pub(super) fn is_closed(&self) -> bool {
        self.next_probe.is_none()
    }

    /// The last failure since the last success.
    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }
}

/// Failed connections in a row that open the breaker.
const FAILURES: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_leave_one_probe_per_interval() {
        let (start, probe) = (Instant::now(), Duration::from_secs(5));
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(breaker.admits(start, probe));
            breaker.failed("refused".to_owned(), start, probe);
        }
        assert!(!breaker.is_closed());
        assert!(!breaker.admits(start + probe / 2, probe));
        assert!(breaker.admits(start + probe, probe));
        assert!(!breaker.admits(start + probe, probe), "one probe, not two");
        breaker.succeeded();
        assert!(breaker.is_closed() && breaker.last_error().is_none());
    }
}
