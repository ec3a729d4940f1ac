//! The products on one engine: set up, then loaded turn by turn.

use std::time::Duration;

use super::caller::First;
use super::incumbent::{Incumbent, Variant};
use super::load::Load;
use super::plan::{self, Kind, Work};
use super::report::{Case, Report, Row};
use super::sample::Sample;
use super::target::{OTPOST, Target};
use super::{Bench, Engine};
use crate::postgres::Postgres;

/// Runs every number of users of one engine.
pub(super) async fn run(bench: &Bench<'_>, engine: Engine, report: &mut Report) -> anyhow::Result<()> {
    let contest = Contest { bench, cluster: bench.cluster.as_ref().filter(|_| engine == Engine::Postgres), engine };
    let mut workers = Vec::new();
    for users in &bench.options.users {
        let works = plan::works(bench.options, *users);
        if works.is_empty() {
            continue;
        }
        let incumbent = Incumbent::prepare(&bench.venv, contest.cluster, *users, bench.sink).await?;
        if workers.is_empty() {
            workers = contest.find_workers(&incumbent, *users).await?;
        }
        let targets = contest.start(&incumbent, &workers, *users, report).await?;
        for work in works {
            contest.measure(&targets, work, *users, report).await?;
        }
    }
    Ok(())
}

struct Contest<'a> {
    bench: &'a Bench<'a>,
    cluster: Option<&'a Postgres>,
    engine: Engine,
}

impl Contest<'_> {
    /// The number of gunicorn workers with which each variant signs most users in.
    async fn find_workers(&self, incumbent: &Incumbent<'_>, users: usize) -> anyhow::Result<Vec<(Variant, usize)>> {
        let mut found = Vec::new();
        for variant in &self.bench.options.variants {
            found.push((*variant, self.find_best(incumbent, *variant, users).await?));
        }
        Ok(found)
    }

    async fn find_best(&self, incumbent: &Incumbent<'_>, variant: Variant, users: usize) -> anyhow::Result<usize> {
        let options = self.bench.options;
        if let [only] = options.workers.as_slice() {
            return Ok(*only);
        }
        let callers = options.callers.get(options.callers.len() / 2).copied().unwrap_or(1);
        let load = self.load(Work { callers, kind: Kind::Logins { is_kept: true } }, users);
        let mut best = (0.0, 1);
        for workers in &options.workers {
            let target = incumbent.start(variant, *workers).await?;
            let rate = load.sign_ins(&target, &self.bench.codes, First::Trigger).await?.rate();
            println!("{}: {rate:.1} sign-ins/s on {}", target.label, self.engine_name());
            if rate > best.0 {
                best = (rate, *workers);
            }
        }
        Ok(best.1)
    }

    /// Otpost first, then the incumbent in each variant, all warm.
    async fn start(
        &self,
        incumbent: &Incumbent<'_>,
        workers: &[(Variant, usize)],
        users: usize,
        report: &mut Report,
    ) -> anyhow::Result<Vec<Target>> {
        let mut targets = Vec::new();
        match Target::otpost(&self.bench.options.binary, self.cluster, users, self.bench.sink).await {
            Ok(target) => targets.push(target),
            Err(error) => report.miss(format!("Otpost on {} with {users} users: {error:#}", self.engine_name())),
        }
        for (variant, workers) in workers {
            targets.push(incumbent.start(*variant, *workers).await?);
        }
        for target in &targets {
            let work = Work { callers: 4.min(users), kind: Kind::Logins { is_kept: true } };
            let load = Load { lasting: WARM_UP, ..self.load(work, users) };
            load.check_refusal(target, &self.bench.codes).await?;
            let warm = load.sign_ins(target, &self.bench.codes, First::Trigger).await?;
            if let Some(error) = warm.first_error {
                report.tell(format!("ERRORS while warming up: {}: {}, the first: {error}", target.label, warm.errors));
            }
        }
        let costs: Vec<String> =
            targets.iter().map(|target| format!("{}: {}", target.label, target.pin_cost)).collect();
        report.tell(format!("PIN hashes, {}: {}", self.engine_name(), costs.join("; ")));
        Ok(targets)
    }

    /// All rounds of one load, the products in turns, and their rows.
    async fn measure(&self, targets: &[Target], work: Work, users: usize, report: &mut Report) -> anyhow::Result<()> {
        let mut rounds: Vec<(Sample, Sample)> =
            targets.iter().map(|_| (Sample::default(), Sample::default())).collect();
        for _ in 0..self.bench.options.rounds {
            for (target, (first, second)) in targets.iter().zip(&mut rounds) {
                let load = self.load(work, users);
                match work.kind {
                    Kind::Logins { .. } => *first += load.sign_ins(target, &self.bench.codes, First::Trigger).await?,
                    Kind::Steps(proof) => {
                        let (opened, answered) = load.steps(target, &self.bench.codes, proof).await?;
                        *first += opened;
                        *second += answered;
                    }
                }
            }
        }
        let (firsts, seconds): (Vec<Sample>, Vec<Sample>) = rounds.into_iter().unzip();
        let (first, second) = match work.kind {
            Kind::Logins { .. } => ("whole login", None),
            Kind::Steps(First::Trigger) => ("trigger", Some("answer")),
            // How codes are answered does not depend on the first step.
            Kind::Steps(First::Pin) => ("PIN", None),
        };
        add(targets, firsts, &self.case(work, users, first), report);
        if let Some(second) = second {
            add(targets, seconds, &self.case(work, users, second), report);
        }
        Ok(())
    }

    fn load(&self, work: Work, users: usize) -> Load {
        let is_kept = work.kind != Kind::Logins { is_kept: false };
        Load { callers: work.callers, is_kept, users, lasting: Duration::from_secs(self.bench.options.seconds) }
    }

    fn case(&self, work: Work, users: usize, scenario: &'static str) -> Case {
        let connection = if self.load(work, users).is_kept { "kept" } else { "new" };
        Case { engine: self.engine_name().to_owned(), users, scenario, connection, callers: work.callers }
    }

    fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// Our row first, the others compared to it.
fn add(targets: &[Target], samples: Vec<Sample>, case: &Case, report: &mut Report) {
    let mut ours: Option<Row> = None;
    for (target, sample) in targets.iter().zip(samples) {
        let mut row = Row::new(case.clone(), &target.label, sample);
        if let Some(ours) = &ours {
            row.compare(ours);
        }
        if target.label == OTPOST {
            ours = Some(row.clone());
        }
        report.add(row);
    }
}

const WARM_UP: Duration = Duration::from_secs(2);
