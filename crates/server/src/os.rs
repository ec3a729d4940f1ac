//! The operating system's time and chance, behind the domain's two traits.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime};

use domain::random::{NoRandomness, Random};
use domain::time::{Clock, Timestamp};

/// The wall clock, made to never go backwards: not within this process, and not behind the latest
/// instant that the database has seen. Beside a database server it shows the server's time, so that
/// all nodes agree.
pub struct SystemClock {
    started: Instant,
    started_at: Timestamp,
    latest: AtomicI64,
    /// Milliseconds by which the database server is ahead of this machine.
    ahead: AtomicI64,
}

impl SystemClock {
    /// A clock that shows at least `floor`.
    pub fn new(floor: Timestamp) -> Self {
        let started_at = wall().max(floor);
        Self {
            started: monotonic(),
            started_at,
            latest: AtomicI64::new(started_at.millis()),
            ahead: AtomicI64::default(),
        }
    }

    /// From now on shows the time of a server that showed `theirs` when this machine showed `ours`.
    pub fn follow(&self, theirs: Timestamp, ours: Timestamp) {
        self.ahead.store(theirs.millis() - ours.millis(), Ordering::Relaxed);
    }

    /// The machine's own time.
    pub fn own(&self) -> Timestamp {
        // A wall clock set back is outrun by the monotonic one; one set forward is believed.
        wall().max(self.started_at + monotonic().duration_since(self.started))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = self.own().millis() + self.ahead.load(Ordering::Relaxed);
        Timestamp::from_millis(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

/// Seconds since 1970 as the machine has them, with their fraction. For display only: rules ask the
/// product's clock, which never goes back.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit 53 bits")]
pub fn wall_seconds() -> f64 {
    wall().millis() as f64 / 1000.0
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the operating system for the time")]
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "see above")]
fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_ahead_is_followed_and_one_that_falls_back_is_not() {
        let clock = SystemClock::new(Timestamp::default());
        let hour = std::time::Duration::from_hours(1);
        let ours = clock.own();
        clock.follow(ours + hour, ours);
        let ahead = clock.now();
        assert!(ahead >= ours + hour);
        clock.follow(ours, ours);
        assert!(clock.now() >= ahead);
    }

    #[test]
    fn the_clock_never_shows_less_than_the_database_has_seen() {
        let floor = wall() + std::time::Duration::from_hours(24);
        let clock = SystemClock::new(floor);
        let first = clock.now();
        assert!(first >= floor);
        assert!(clock.now() >= first, "and never less than it has shown");
    }
}
