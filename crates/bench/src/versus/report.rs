//! Figures of a comparison: a line each as they come, a table for the documentation, JSON for machines.

use serde::Serialize;

use super::sample::Sample;
use crate::meter;

/// What was measured: everything a row shares with the row it is compared to.
#[derive(Clone, Serialize)]
pub(crate) struct Case {
    pub(crate) engine: String,
    pub(crate) users: usize,
    pub(crate) scenario: &'static str,
    pub(crate) connection: &'static str,
    pub(crate) callers: usize,
}

/// One product in one case.
#[derive(Clone, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    case: Case,
    product: String,
    flows: usize,
    errors: usize,
    first_error: Option<String>,
    mails: u64,
    flows_per_second: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    server_cpu_seconds_per_1000: f64,
    database_cpu_seconds_per_1000: f64,
    driver_cpu_seconds_per_1000: f64,
    memory_mib: u64,
    /// Otpost's flows in a second over this product's.
    times_as_many_flows: Option<f64>,
    /// This product's processor time for a flow over Otpost's, databases included.
    times_less_cpu: Option<f64>,
}

/// Everything that was measured in one run.
#[derive(Default, Serialize)]
pub(crate) struct Report {
    /// Machine, versions, method and ceilings, a line each.
    facts: Vec<String>,
    /// What the run could not measure, and why.
    not_measured: Vec<String>,
    rows: Vec<Row>,
}

impl Row {
    /// The figures of all rounds.
    pub(crate) fn new(case: Case, product: &str, mut sample: Sample) -> Self {
        let mut at = |percent| meter::percentile(&mut sample.times, percent).as_secs_f64() * 1000.0;
        let (p50_ms, p95_ms, p99_ms) = (at(50), at(95), at(99));
        Self {
            case,
            product: product.to_owned(),
            flows: sample.times.len(),
            errors: sample.errors,
            mails: sample.mails,
            flows_per_second: sample.rate(),
            p50_ms,
            p95_ms,
            p99_ms,
            server_cpu_seconds_per_1000: sample.per_thousand(sample.server),
            database_cpu_seconds_per_1000: sample.per_thousand(sample.database),
            driver_cpu_seconds_per_1000: sample.per_thousand(sample.driver),
            memory_mib: sample.memory_kib / 1024,
            first_error: sample.first_error,
            times_as_many_flows: None,
            times_less_cpu: None,
        }
    }

    /// Adds how many times better `ours` is; a row with errors is compared to nothing.
    pub(crate) fn compare(&mut self, ours: &Self) {
        let are_good = self.errors == 0 && ours.errors == 0;
        let divide = |a: f64, b: f64| (are_good && a > 0.0 && b > 0.0).then(|| a / b);
        self.times_as_many_flows = divide(ours.flows_per_second, self.flows_per_second);
        self.times_less_cpu = divide(self.cpu(), ours.cpu());
    }

    fn cpu(&self) -> f64 {
        self.server_cpu_seconds_per_1000 + self.database_cpu_seconds_per_1000
    }

    fn cells(&self) -> [String; 11] {
        let case = &self.case;
        let ratio = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |times| format!("{} ×", short(times)));
        [
            case.engine.clone(),
            case.users.to_string(),
            case.scenario.to_owned(),
            format!("{} {}", case.callers, case.connection),
            self.product.clone(),
            short(self.flows_per_second),
            [self.p50_ms, self.p95_ms, self.p99_ms].map(short).join(" / "),
            format!("{} + {}", short(self.server_cpu_seconds_per_1000), short(self.database_cpu_seconds_per_1000)),
            self.memory_mib.to_string(),
            ratio(self.times_as_many_flows),
            ratio(self.times_less_cpu),
        ]
    }
}

impl Report {
    /// Notes a fact and tells it, once.
    pub(crate) fn tell(&mut self, fact: String) {
        if !self.facts.contains(&fact) {
            println!("{fact}");
            self.facts.push(fact);
        }
    }

    /// Notes what is missing, loudly.
    pub(crate) fn miss(&mut self, what: String) {
        println!("NOT MEASURED: {what}");
        self.not_measured.push(what);
    }

    /// Notes a row and tells it.
    pub(crate) fn add(&mut self, row: Row) {
        print_line(&row.cells());
        if let Some(error) = &row.first_error {
            println!("    {} ERRORS beside {} good flows, the first: {error}", row.errors, row.flows);
        }
        self.rows.push(row);
    }

    /// Flows that failed.
    pub(crate) fn errors(&self) -> usize {
        self.rows.iter().map(|row| row.errors).sum()
    }

    /// The table for `docs/performance.md`, with the facts above it.
    pub(crate) fn markdown(&self) -> String {
        let mut lines: Vec<String> = self.facts.iter().map(|fact| format!("- {fact}")).collect();
        lines.extend(self.not_measured.iter().map(|what| format!("- Not measured: {what}")));
        lines.extend([String::new(), format!("| {} |", COLUMNS.join(" | ")), format!("|{}", " --- |".repeat(11))]);
        lines.extend(self.rows.iter().map(|row| format!("| {} |", row.cells().join(" | "))));
        lines.join("\n")
    }
}

/// Tells the names of the columns, as wide as the rows will be.
pub(crate) fn print_head() {
    print_line(&COLUMNS.map(str::to_owned));
}

fn print_line(cells: &[String; 11]) {
    for (width, cell) in WIDTHS.iter().zip(cells) {
        print!("{cell:<width$}");
    }
    println!();
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

const COLUMNS: [&str; 11] = [
    "engine",
    "users",
    "scenario",
    "callers",
    "product",
    "flows/s",
    "p50 / p95 / p99 ms",
    "CPU s per 1,000: server + database",
    "RSS MiB",
    "flows/s ratio",
    "CPU ratio",
];
const WIDTHS: [usize; 11] = [12, 9, 14, 10, 36, 10, 24, 36, 9, 15, 10];
