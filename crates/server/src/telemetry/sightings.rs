//! What somebody may watch as it happens: one line for each thing seen, to all who watch, kept for nobody.

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Where lines go. While nobody watches, none is written.
pub struct Sightings(broadcast::Sender<Arc<str>>);

/// One who watches.
pub struct Watcher(broadcast::Receiver<Arc<str>>);

/// What a watcher gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// One line.
    Line(Arc<str>),
    /// So many lines came faster than they were read, and are gone.
    Missed(u64),
}

impl Default for Sightings {
    fn default() -> Self {
        Self(broadcast::Sender::new(MOST_WAITING))
    }
}

impl Sightings {
    /// Somebody who watches from now on, if not too many do so already.
    pub fn watch(&self) -> Option<Watcher> {
        (self.0.receiver_count() < MOST_WATCHERS).then(|| Watcher(self.0.subscribe()))
    }

    /// Shows a line; it is written only if somebody looks.
    pub fn show(&self, line: impl FnOnce() -> String) {
        if self.0.receiver_count() > 0 {
            // The last one may have left in between.
            drop(self.0.send(line().into()));
        }
    }
}

impl Watcher {
    /// The next line.
    pub async fn next(&mut self) -> Option<Seen> {
        match self.0.recv().await {
            Ok(line) => Some(Seen::Line(line)),
            Err(RecvError::Lagged(missed)) => Some(Seen::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Lines that a slow watcher may be behind.
const MOST_WAITING: usize = 1024;
const MOST_WATCHERS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_watching_costs_nothing_and_a_slow_watcher_is_told_what_it_missed() {
        let sightings = Sightings::default();
        sightings.show(|| unreachable!("nobody watches"));
        let mut watcher = sightings.watch().expect("room");
        let others: Vec<_> = std::iter::from_fn(|| sightings.watch()).collect();
        assert_eq!(others.len() + 1, MOST_WATCHERS);
        sightings.show(|| "first".to_owned());
        assert_eq!(watcher.next().await, Some(Seen::Line("first".into())));
        for _ in 0..=MOST_WAITING {
            sightings.show(|| "more".to_owned());
        }
        assert_eq!(watcher.next().await, Some(Seen::Missed(1)));
        assert_eq!(watcher.next().await, Some(Seen::Line("more".into())));
    }
}
