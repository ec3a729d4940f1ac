//! What operators watch: the log's format and the list of all metrics. No label ever names a person.

pub mod directory;
pub mod log_buffer;
pub mod radius;
pub mod sightings;

use std::time::Duration;

use domain::verdict::{AcceptedBy, Refusal, Verdict};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use self::directory::DirectoryMetrics;
use self::radius::RadiusMetrics;
use crate::config::{Log, LogFormat};

/// All metrics. Names begin with `otpost_`, units are base units.
pub struct Metrics {
    registry: Registry,
    challenges: Family<ByChannel, Counter>,
    code_checks: Family<ByChannel, Counter>,
    rate_limited: Family<ByLimit, Counter>,
    requests: Family<ByStatus, Counter>,
    request_seconds: Histogram,
    mails: Family<ByRelay, Counter>,
    mail_seconds: Family<RelayName, Histogram>,
    relay_up: Family<RelayName, Gauge>,
    /// Operations at directories.
    pub directory: DirectoryMetrics,
    /// Packets of RADIUS.
    pub radius: RadiusMetrics,
    /// Mails waiting for a worker of this process.
    pub mail_queue: Gauge,
    /// Commands waiting for the writer of the database.
    pub store_queue: Gauge,
    /// Size of the write-ahead log.
    pub store_wal_bytes: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByChannel {
    channel: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByLimit {
    limit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByStatus {
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRelay {
    relay: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RelayName {
    relay: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildInfo {
    version: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let seconds = || Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
        let mut metrics = Self {
            registry: Registry::with_prefix("otpost"),
            challenges: Family::default(),
            code_checks: Family::default(),
            rate_limited: Family::default(),
            requests: Family::default(),
            request_seconds: seconds(),
            mails: Family::default(),
            mail_seconds: Family::new_with_constructor(seconds),
            relay_up: Family::default(),
            directory: DirectoryMetrics::default(),
            radius: RadiusMetrics::default(),
            mail_queue: Gauge::default(),
            store_queue: Gauge::default(),
            store_wal_bytes: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        self.directory.register(registry);
        self.radius.register(registry);
        registry.register("challenges", "First steps by what came of them", self.challenges.clone());
        registry.register("code_checks", "Codes handed in by what came of them", self.code_checks.clone());
        registry.register("rate_limited", "Attempts stopped by a limit", self.rate_limited.clone());
        registry.register("http_requests", "Answers by HTTP status", self.requests.clone());
        let unit = Unit::Seconds;
        let help = "From the request line to the answer";
        registry.register_with_unit("http_request_duration", help, unit.clone(), self.request_seconds.clone());
        registry.register("mail_messages", "Mails by relay and what came of them", self.mails.clone());
        let help = "From taking a mail up to the relay's last word";
        registry.register_with_unit("mail_send_duration", help, unit, self.mail_seconds.clone());
        registry.register("mail_queue_messages", "Mails waiting for a worker", self.mail_queue.clone());
        registry.register("relay_up", "Whether a relay takes mail", self.relay_up.clone());
        registry.register("store_queue_commands", "Commands waiting for the writer", self.store_queue.clone());
        let help = "Size of the write-ahead log";
        registry.register_with_unit("store_wal", help, Unit::Bytes, self.store_wal_bytes.clone());
        let info = Family::<BuildInfo, Gauge>::default();
        info.get_or_create(&BuildInfo { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "The running version", info);
    }

    /// Counts a verdict of one channel (a client group).
    pub fn count_verdict(&self, channel: &str, verdict: &Verdict) {
        let label = |result| ByChannel { channel: channel.to_owned(), result };
        match verdict {
            Verdict::Accept(accepted) => {
                let result = match accepted.by {
                    AcceptedBy::Answer => "accepted",
                    AcceptedBy::CodeAlone => "accepted-alone",
                    AcceptedBy::Enrolled => "enrolled",
                    AcceptedBy::Excepted => "excepted",
                    AcceptedBy::FrontDoor => "front-door",
                    AcceptedBy::PinAndCode => "accepted-with-pin",
                };
                self.code_checks.get_or_create(&label(result)).inc();
            }
            Verdict::Challenge(_) => drop(self.challenges.get_or_create(&label("challenge")).inc()),
            Verdict::Enroll(_) => drop(self.challenges.get_or_create(&label("enroll")).inc()),
            Verdict::Refuse(refused) => {
                let family = if is_about_a_code(refused.refusal) { &self.code_checks } else { &self.challenges };
                family.get_or_create(&label(refused.refusal.as_str())).inc();
                if let Some(limit) = limit_of(refused.refusal) {
                    self.count_limited(limit);
                }
            }
        }
    }

    /// Counts something stopped by a limit.
    pub fn count_limited(&self, limit: &'static str) {
        self.rate_limited.get_or_create(&ByLimit { limit }).inc();
    }

    /// Counts an HTTP answer.
    pub fn count_request(&self, status: u16, took: Duration) {
        self.requests.get_or_create(&ByStatus { status }).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Counts what became of one attempt to mail.
    pub fn count_mail(&self, relay: &str, result: &'static str, took: Duration) {
        self.mails.get_or_create(&ByRelay { relay: relay.to_owned(), result }).inc();
        self.mail_seconds.get_or_create(&RelayName { relay: relay.to_owned() }).observe(took.as_secs_f64());
    }

    /// Notes whether a relay takes mail.
    pub fn note_relay(&self, relay: &str, is_up: bool) {
        self.relay_up.get_or_create(&RelayName { relay: relay.to_owned() }).set(is_up.into());
    }

    /// All of it in the text format that Prometheus reads.
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics could not be written");
        }
        text
    }
}

/// Starts the log on the given writer. Libraries speak from `warn` upwards only.
pub fn start_log<W>(log: &Log, writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::new(format!("warn,otpost={}", log.level.as_str()));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false);
    let started = match log.format {
        LogFormat::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()),
        LogFormat::Text => tracing::subscriber::set_global_default(builder.finish()),
    };
    // A second start (in one test process) keeps the first log.
    drop(started);
}

/// An error with its causes, on one line.
pub struct Chain<'a>(pub &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn is_about_a_code(refusal: Refusal) -> bool {
    use Refusal::{ChallengeClosed, GuessBudgetSpent, NoSuchChallenge, WrongCode};
    matches!(refusal, ChallengeClosed | GuessBudgetSpent | NoSuchChallenge | WrongCode)
}

/// Named one by one, so that a new refusal is thought of here.
fn limit_of(refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::GuessBudgetSpent => Some("guesses"),
        Refusal::PinBudgetSpent => Some("pins"),
        Refusal::SourceBudgetSpent => Some("sources"),
        Refusal::TooManyFailures => Some("failures"),
        Refusal::AlreadyEnrolled
        | Refusal::Barred
        | Refusal::ChallengeClosed
        | Refusal::Disabled
        | Refusal::EnrollmentClosed
        | Refusal::NoAddress
        | Refusal::NoEnrollment
        | Refusal::NoSuchChallenge
        | Refusal::NotAdmitted
        | Refusal::RequestKeyReused
        | Refusal::Revoked
        | Refusal::StorageOccupied
        | Refusal::UnknownSerial
        | Refusal::UnknownTheme
        | Refusal::UnknownUser
        | Refusal::WrongCode
        | Refusal::WrongPin => None,
    }
}
