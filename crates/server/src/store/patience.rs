//! How long callers wait for the database. Knows no engine.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::StoreError;

tokio::task_local! {
    static TAKES_LONG: ();
    /// What is left to somebody who wants several things, one after the other.
    static LEFT: Cell<Duration>;
}

/// Runs reads that take long where no request waits for them.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let runtime = tokio::runtime::Handle::current();
    // The work does not panic and is never aborted.
    let work = TAKES_LONG.scope((), work);
    tokio::task::spawn_blocking(move || runtime.block_on(work)).await.unwrap_or(Err(StoreError::Busy))
}

/// Runs one step of a sign-in, which waits for the database only once as long as a single command
/// may, whatever number of commands and reads it needs.
pub(crate) async fn one_step<T>(work: impl Future<Output = T>) -> T {
    LEFT.scope(Cell::new(PATIENCE), work).await
}

/// Waits as long as the caller may; nothing after that.
pub(super) async fn bounded<T>(work: impl Future<Output = T>) -> Option<T> {
    if TAKES_LONG.try_with(|()| ()).is_ok() {
        return timeout(LONG_PATIENCE, work).await.ok();
    }
    let (left, started) = (LEFT.try_with(Cell::get).unwrap_or(PATIENCE), Instant::now());
    let done = timeout(left, work).await.ok();
    // Outside of a step there is nothing to keep account of.
    LEFT.try_with(|left| left.set(left.get().saturating_sub(started.elapsed()))).unwrap_or_default();
    done
}

/// Everybody is answered within two seconds; a database that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_millis(1800);
/// The same for reads that nobody waits for.
const LONG_PATIENCE: Duration = Duration::from_secs(30);
