//! Waiting for another program: asking again and again, up to a point.

use std::io::{Error, ErrorKind, Result};
use std::thread;
use std::time::{Duration, Instant};

/// Asks until there is an answer; an error that says what was waited for once the patience is at its end.
pub fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if start.elapsed() > patience {
            return Err(Error::new(ErrorKind::TimedOut, format!("waited {patience:?} in vain for {what}")));
        }
        thread::sleep(PAUSE);
    }
}

#[expect(clippy::disallowed_methods, reason = "measures how long another program takes; no rule depends on it")]
fn now() -> Instant {
    Instant::now()
}

const PAUSE: Duration = Duration::from_millis(5);
