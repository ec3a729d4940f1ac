//! Searching the audit trail.

use super::ManageError;
use crate::app::App;
use crate::store;
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
    let reader = app.store.clone();
    let searching = store::apart(async move {
        let lines = reader.search_audit(&wanted.filter, wanted.order, wanted.skip, wanted.limit).await?;
        Ok((lines, reader.count_audit_wanted(&wanted.filter).await?))
    });
    Ok(searching.await?)
}
