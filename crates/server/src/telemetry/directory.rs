//! What is counted of directories.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Counters of directories. Cheap to clone.
#[derive(Clone, Default)]
pub struct DirectoryMetrics {
    operations: Family<ByOperation, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOperation {
    resolver: String,
    operation: &'static str,
    result: &'static str,
}

impl DirectoryMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Operations at directories by what came of them; answers from memory are none";
        registry.register("directory_operations", help, self.operations.clone());
    }

    /// Counts an operation and hands its outcome on.
    pub fn count<T, E>(&self, resolver: &str, operation: &'static str, done: Result<T, E>) -> Result<T, E> {
        let result = if done.is_ok() { "answered" } else { "failed" };
        let label = ByOperation { resolver: resolver.to_owned(), operation, result };
        self.operations.get_or_create(&label).inc();
        done
    }
}
