//! Health, on both listeners, and this description.

use super::{Answer, Group, Listener, Operation, Right};

pub(super) const GROUP: Group = Group {
    title: "Health and description",
    about: "For probes that reach the public listener only, and for programs that read this page.",
    listener: Listener::Public,
    operations: &[
        Operation::get("/healthz/", "Whether it can judge", Right::Nothing).gives(Answer::State, "status, hsm"),
        Operation::get("/healthz/livez", "Whether the process lives", Right::Nothing).gives(Answer::State, "status"),
        Operation::get("/healthz/readyz", "Whether it can judge", Right::Nothing).gives(Answer::State, "status, hsm"),
        Operation::get("/healthz/startupz", "Whether it has started", Right::Nothing).gives(Answer::State, "status"),
        Operation::get("/openapi.json", "This description as a document", Right::Nothing)
            .gives(Answer::Plain, "OpenAPI 3.1"),
    ],
};

pub(super) const MANAGE: Group = Group {
    title: "Manage listener",
    about: "On manage.listen, never on the public port. A dead mail relay is degraded, not down.",
    listener: Listener::Manage,
    operations: &[
        Operation::get("/health/live", "Whether the process lives", Right::Nothing).gives(Answer::Plain, STATUS),
        Operation::get("/health/started", "Whether it has started", Right::Nothing).gives(Answer::Plain, STATUS),
        Operation::get("/health/ready", "Whether it can judge", Right::Nothing).gives(Answer::Plain, STATUS),
        Operation::get("/healthz", "Whether it can judge", Right::Nothing).gives(Answer::Plain, STATUS),
        Operation::get("/metrics", "Counters and histograms", Right::Nothing).gives(Answer::Metrics, "OpenMetrics"),
        Operation::get("/radius/watch", "RADIUS packets as they come, for `otpost radius watch`", Right::Nothing)
            .gives(
                Answer::Plain,
                "lines of JSON without an end; 403 from elsewhere, or without the pass of the key file",
            ),
    ],
};

const STATUS: &str = "status is UP, degraded or DOWN (503); checks";
