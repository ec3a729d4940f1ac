//! Rows of a soak as they come, and what they say together.

use std::time::Duration;

use serde_json::{Value, json};

use super::gauge::Held;
use super::load::Taken;
use crate::meter;

/// One interval.
pub(super) struct Sample {
    /// Its end.
    pub(super) at: Duration,
    pub(super) interval: Duration,
    pub(super) taken: Taken,
    pub(super) held: Held,
    pub(super) cpu: Duration,
    pub(super) database_cpu: Duration,
    pub(super) rss_kib: u64,
}

/// What all of them say.
pub(super) struct Verdict {
    p99_first: u32,
    p99_last: u32,
    errors: usize,
    first_error: Option<String>,
    /// The first moment at which there were more rows than there may be, and of what.
    too_many: Option<(Duration, String)>,
}

pub(super) fn head(is_server: bool) {
    let database = if is_server { "dead challenge / outbox / budget | WAL written MiB" } else { "– | WAL MiB" };
    println!(
        "| s | flows/s | p50 / p99 / p99.9 ms | rows challenge / outbox / audit / budget | {database} | \
         CPU us/flow server + database | RSS MiB | errors |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
}

impl Sample {
    pub(super) fn print(&self) {
        let (taken, held) = (&self.taken, &self.held);
        let mut took = taken.took.clone();
        let mut at = |permille| millis(permille_of(&mut took, permille));
        println!(
            "| {} | {} | {} / {} / {} | {} / {} / {} / {} | {} / {} / {} | {} | {} + {} | {} | {} |",
            self.at.as_secs(),
            meter::rate(self.flows(), self.interval),
            at(500),
            at(990),
            at(999),
            held.challenge,
            held.outbox,
            held.audit,
            held.budget,
            held.dead_challenge,
            held.dead_outbox,
            held.dead_budget,
            held.wal_mib,
            meter::micros_each(self.cpu, self.flows()),
            meter::micros_each(self.database_cpu, self.flows()),
            self.rss_kib >> 10,
            taken.errors
        );
    }

    fn flows(&self) -> usize {
        self.taken.flows()
    }

    pub(super) fn to_json(&self) -> Value {
        let mut took = self.taken.took.clone();
        let mut at = |permille| permille_of(&mut took, permille);
        json!({
            "seconds": self.at.as_secs_f64(),
            "answered": self.taken.answered,
            "left": self.taken.left,
            "errors": self.taken.errors,
            "p50_us": at(500),
            "p99_us": at(990),
            "p999_us": at(999),
            "held": self.held,
            "cpu_ms": millis_of(self.cpu),
            "database_cpu_ms": millis_of(self.database_cpu),
            "rss_kib": self.rss_kib,
        })
    }
}

/// What the run began with.
pub(super) struct Stage {
    /// Flows that were opened before the first interval.
    pub(super) warm: usize,
    /// Challenges of the time before, evenly over the time for which they are kept.
    pub(super) backlog: u64,
    pub(super) users: usize,
}

impl Stage {
    /// What may still be there of the backlog.
    fn backlog_at(&self, at: Duration) -> i64 {
        let left = KEEP_CLOSED.saturating_sub(at.saturating_sub(SLACK)).as_secs();
        i64::try_from(self.backlog.saturating_mul(left) / KEEP_CLOSED.as_secs()).unwrap_or(i64::MAX)
    }
}

impl Verdict {
    pub(super) fn of(samples: &[Sample], stage: &Stage) -> Self {
        let fifth = (samples.len() / 5).max(1);
        let p99 = |samples: &[Sample]| {
            let mut all: Vec<u32> = samples.iter().flat_map(|sample| sample.taken.took.iter().copied()).collect();
            permille_of(&mut all, 990)
        };
        Self {
            p99_first: p99(samples.get(..fifth).unwrap_or(samples)),
            p99_last: p99(samples.get(samples.len() - fifth..).unwrap_or(samples)),
            errors: samples.iter().map(|sample| sample.taken.errors).sum(),
            first_error: samples.iter().find_map(|sample| sample.taken.first_error.clone()),
            too_many: (0..samples.len()).find_map(|at| too_many(stage, samples, at)),
        }
    }

    pub(super) fn is_good(&self) -> bool {
        self.is_level() && self.errors == 0 && self.too_many.is_none()
    }

    fn is_level(&self) -> bool {
        u64::from(self.p99_last) * 2 <= u64::from(self.p99_first) * 3
    }

    pub(super) fn print(&self) {
        let (first, last) = (millis(self.p99_first), millis(self.p99_last));
        let word = if self.is_level() { "level" } else { "GROWN: more than 1.5 times" };
        println!("p99 of the first fifth {first} ms, of the last {last} ms: {word}");
        match &self.too_many {
            None => println!("rows bounded: what has expired leaves as fast as it comes"),
            Some((at, what)) => println!("rows NOT bounded: after {} s {what}", at.as_secs()),
        }
        match &self.first_error {
            None => println!("no errors"),
            Some(error) => println!("{} ERRORS, the first: {error}", self.errors),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "p99_first_fifth_us": self.p99_first,
            "p99_last_fifth_us": self.p99_last,
            "is_level": self.is_level(),
            "errors": self.errors,
            "first_error": self.first_error,
            "too_many_rows": self.too_many.as_ref().map(|(at, what)| json!({"seconds": at.as_secs(), "what": what})),
            "is_good": self.is_good(),
        })
    }
}

/// No more rows than were opened in the time for which they are kept, and a little.
fn too_many(stage: &Stage, samples: &[Sample], at: usize) -> Option<(Duration, String)> {
    let now = samples.get(at)?;
    let opened_within = |kept: Duration| {
        let since = now.at.saturating_sub(kept + SLACK);
        let within = samples.iter().take(at + 1).filter(|sample| sample.at > since);
        // With what was under way when they were counted.
        i64::try_from(within.map(Sample::flows).sum::<usize>() + stage.warm + UNDER_WAY).unwrap_or(i64::MAX)
    };
    let bounds = [
        ("challenges", now.held.challenge, opened_within(KEEP_CLOSED).saturating_add(stage.backlog_at(now.at))),
        ("mails", now.held.outbox, opened_within(Duration::ZERO)),
        ("budgets", now.held.budget, i64::try_from(stage.users).unwrap_or(i64::MAX)),
    ];
    let over = bounds.into_iter().find(|(_, rows, most)| rows > most);
    over.map(|(name, rows, most)| (now.at, format!("{rows} {name}, at most {most} are kept")))
}

fn permille_of(took: &mut [u32], permille: usize) -> u32 {
    took.sort_unstable();
    let at = (took.len() * permille).div_ceil(1000).saturating_sub(1);
    took.get(at).copied().unwrap_or_default()
}

fn millis(micros: u32) -> String {
    meter::millis(Duration::from_micros(micros.into()))
}

fn millis_of(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// As the product keeps them (`store/purging.rs`).
const KEEP_CLOSED: Duration = Duration::from_mins(14);
/// A turn counts when it is over.
const UNDER_WAY: usize = 1_000;
/// Clean-up comes once a second; rows are looked at once in an interval.
const SLACK: Duration = Duration::from_secs(15);
