//! What one round measured, and how rounds are put together.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use super::target::Target;
use crate::meter::{self, now};
use crate::process;
use crate::smtp_sink::Codes;

/// Flows of one product under one load.
#[derive(Default)]
pub(crate) struct Sample {
    /// How long each good flow took.
    pub(crate) times: Vec<Duration>,
    pub(crate) errors: usize,
    pub(crate) first_error: Option<String>,
    pub(crate) mails: u64,
    pub(crate) elapsed: Duration,
    /// Processor time, user and system.
    pub(crate) server: Duration,
    pub(crate) database: Duration,
    pub(crate) driver: Duration,
    /// The server's, at the end.
    pub(crate) memory_kib: u64,
}

impl Sample {
    /// Notes how a flow that began then went.
    pub(crate) fn note(&mut self, began: Instant, outcome: anyhow::Result<()>) {
        match outcome {
            Ok(()) => self.times.push(began.elapsed()),
            Err(error) => {
                self.errors += 1;
                self.first_error.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }

    /// Good flows in a second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.times.len()) / self.elapsed.as_secs_f64().max(0.001)
    }

    /// Seconds of processor time that a thousand flows take.
    pub(crate) fn per_thousand(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1000.0 / count(self.times.len()).max(1.0)
    }
}

impl AddAssign for Sample {
    fn add_assign(&mut self, other: Self) {
        self.times.extend(other.times);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.mails += other.mails;
        self.elapsed += other.elapsed;
        self.server += other.server;
        self.database += other.database;
        self.driver += other.driver;
        self.memory_kib = self.memory_kib.max(other.memory_kib);
    }
}

/// Readings before a round.
pub(crate) struct Watch<'a> {
    target: &'a Target,
    codes: &'a Codes,
    began: Instant,
    mails: u64,
    server: Duration,
    database: Duration,
    driver: Duration,
}

impl<'a> Watch<'a> {
    pub(crate) fn start(target: &'a Target, codes: &'a Codes) -> Self {
        Self {
            target,
            codes,
            mails: codes.mails(),
            server: process::processor_time(target.process.id()),
            database: target.database.map(process::processor_time).unwrap_or_default(),
            driver: meter::processor_time(),
            began: now(),
        }
    }

    /// Adds what was spent since the start to what the callers noted.
    pub(crate) fn stop(self, mut noted: Sample) -> Sample {
        noted.elapsed = self.began.elapsed();
        let server = self.target.process.id();
        noted.mails = self.codes.mails() - self.mails;
        noted.server = process::processor_time(server).saturating_sub(self.server);
        let database = self.target.database.map(process::processor_time).unwrap_or_default();
        noted.database = database.saturating_sub(self.database);
        noted.driver = meter::processor_time().saturating_sub(self.driver);
        noted.memory_kib = process::memory_kib(server);
        noted
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
