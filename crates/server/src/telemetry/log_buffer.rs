//! The log's way out: lines gather in memory and leave together, twenty times a second.
//!
//! A write for every line would cost as much as the sign-in it reports. What a crash can lose is
//! the last twentieth of a second of the log; the audit trail is in the database and loses nothing.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Where lines gather. Cheap to clone.
#[derive(Clone, Default)]
pub struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    /// A buffer that a thread of its own empties into standard error.
    pub fn start() -> std::io::Result<Self> {
        let buffer = Self::default();
        let own = buffer.clone();
        std::thread::Builder::new().name("log".to_owned()).spawn(move || {
            loop {
                std::thread::sleep(PAUSE);
                own.flush_out();
            }
        })?;
        Ok(buffer)
    }

    /// Writes out what has gathered.
    pub fn flush_out(&self) {
        let lines = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if !lines.is_empty() {
            // Nobody is left to tell if standard error is gone.
            drop(std::io::stderr().lock().write_all(&lines));
        }
    }
}

impl Write for LogBuffer {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A reader of the log that has stopped reading must not fill our memory.
        if lines.len() < MOST_OCTETS {
            lines.extend_from_slice(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogBuffer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

const PAUSE: Duration = Duration::from_millis(50);
const MOST_OCTETS: usize = 4 << 20;
