//! Searching the audit trail.

use super::ManageError;
use crate::app::App;
use crate::store::StoreError;
pub use crate::store::audit::{AuditFilter, Line, Order};

/// Which lines are wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What a line must fit.
    pub filter: AuditFilter,
    /// Newest or oldest first.
    pub order: Order,
    /// How many to pass over.
    pub skip: usize,
    /// How many at most.
    pub limit: usize,
}

/// The wanted lines, and how many fit in all. A long trail takes a while to search; other requests
/// do not wait for it.
pub async fn search(app: &App, wanted: Wanted) -> Result<(Vec<Line>, i64), ManageError> {
    let store = app.store.clone();
    let searching = tokio::task::spawn_blocking(move || {
        let lines = store.search_audit(&wanted.filter, wanted.order, wanted.skip, wanted.limit)?;
        Ok((lines, store.count_audit_wanted(&wanted.filter)?))
    });
    // The search does not panic and is never aborted.
    Ok(searching.await.unwrap_or(Err(StoreError::Busy))?)
}
