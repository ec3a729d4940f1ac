//! How operators learn of a failure: once, where it is answered.

use std::error::Error;

use crate::auth::AuthError;
use crate::manage::ManageError;
use crate::telemetry::Chain;

/// What a use case may fail with.
pub trait Failure: Error + Sized + 'static {
    /// Whether we only had too much to do.
    fn is_overload(&self) -> bool;
}

/// Puts a failure into the log with its causes, and what could not be done. Refusing to work beyond the limits is
/// what they are for, and no error.
pub fn log(error: &impl Failure, what: &'static str) {
    if error.is_overload() {
        tracing::warn!(%error, what, "refused to work beyond the limits");
    } else {
        tracing::error!(error = %Chain(error), "{what}");
    }
}

impl Failure for AuthError {
    fn is_overload(&self) -> bool {
        Self::is_overload(self)
    }
}

impl Failure for ManageError {
    fn is_overload(&self) -> bool {
        Self::is_overload(self)
    }
}
