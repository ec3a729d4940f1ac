//! What operators watch of RADIUS: packets by client and outcome, dropped ones by reason.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The metrics of RADIUS.
#[derive(Default)]
pub struct RadiusMetrics {
    packets: Family<ByClient, Counter>,
    dropped: Family<ByReason, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByClient {
    client: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByReason {
    reason: &'static str,
}

impl RadiusMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("radius_packets", "Verified packets by what came of them", self.packets.clone());
        registry.register("radius_dropped", "Packets nobody answers, by reason", self.dropped.clone());
    }

    /// Counts what came of a packet that verified.
    pub fn count_packet(&self, client: &str, outcome: &'static str) {
        self.packets.get_or_create(&ByClient { client: client.to_owned(), outcome }).inc();
    }

    /// Counts a packet that nobody answers.
    pub fn count_dropped(&self, reason: &'static str) {
        self.dropped.get_or_create(&ByReason { reason }).inc();
    }
}
