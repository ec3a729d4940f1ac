//! Callers who sign in without a pause: each answers one code and leaves the next one, in turns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::meter::now;
use crate::server::Server;
use crate::smtp_sink::Codes;

/// Callers at work. They end with this value.
pub(super) struct Load {
    tally: Arc<Tally>,
    _callers: JoinSet<()>,
}

/// What has happened since it was last taken.
#[derive(Default)]
pub(super) struct Taken {
    /// Microseconds of each request.
    pub(super) took: Vec<u32>,
    /// Sign-ins whose code was answered.
    pub(super) answered: usize,
    /// Sign-ins whose code was left.
    pub(super) left: usize,
    pub(super) errors: usize,
    pub(super) first_error: Option<String>,
}

#[derive(Default)]
struct Tally {
    taken: Mutex<Taken>,
    is_over: AtomicBool,
}

impl Taken {
    pub(super) fn flows(&self) -> usize {
        self.answered + self.left
    }
}

impl Load {
    /// Half of the users answer, the other half never does.
    pub(super) fn start(server: &Server, codes: &Codes, callers: usize, users: usize) -> anyhow::Result<Self> {
        let each = users / 2 / callers.max(1);
        anyhow::ensure!(each > 0, "fewer than two users for each caller");
        let tally = Arc::<Tally>::default();
        let mut running = JoinSet::new();
        for caller in 0..callers {
            let caller = Caller {
                client: Client::new(server.address, true),
                server: server.address,
                codes: codes.clone(),
                key: server.api_key.clone(),
                answering: caller * each,
                leaving: users / 2 + caller * each,
                each,
            };
            running.spawn(caller.run(Arc::clone(&tally)));
        }
        Ok(Self { tally, _callers: running })
    }

    /// What has happened since the last time.
    pub(super) fn take(&self) -> Taken {
        std::mem::take(&mut *self.tally.lock())
    }

    pub(super) fn stop(&self) {
        self.tally.is_over.store(true, Ordering::Relaxed);
    }
}

impl Tally {
    fn lock(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, took: Duration) {
        self.lock().took.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }
}

struct Caller {
    client: Client,
    server: std::net::SocketAddr,
    codes: Codes,
    key: String,
    /// The first of its users who answer, and of those who do not.
    answering: usize,
    leaving: usize,
    each: usize,
}

impl Caller {
    async fn run(mut self, tally: Arc<Tally>) {
        for turn in 0.. {
            if tally.is_over.load(Ordering::Relaxed) {
                return;
            }
            let done = self.turn(turn % self.each, &tally).await;
            let mut taken = tally.lock();
            match done {
                Ok(()) => {
                    taken.answered += 1;
                    taken.left += 1;
                }
                Err(error) => {
                    taken.errors += 1;
                    taken.first_error.get_or_insert_with(|| format!("{error:#}"));
                    self.client = Client::new(self.server, true);
                }
            }
        }
    }

    async fn turn(&mut self, number: usize, tally: &Tally) -> anyhow::Result<()> {
        let user = self.answering + number;
        let code = self.codes.next_to(&format!("u{user}@bench.example"));
        let id = self.begin(user, tally).await?;
        let code = tokio::time::timeout(MAIL, code).await.context("no mail")??;
        let form = format!("user=u{user}&transaction_id={id}&pass={code}");
        let started = now();
        let second = self.client.post("/validate/check", &form).await?;
        tally.note(started.elapsed());
        anyhow::ensure!(second.contains("ACCEPT"), "refused: {second}");
        self.begin(self.leaving + number, tally).await.map(drop)
    }

    async fn begin(&mut self, user: usize, tally: &Tally) -> anyhow::Result<String> {
        let started = now();
        let first = self.client.post_as(&self.key, "/validate/triggerchallenge", &format!("user=u{user}")).await?;
        tally.note(started.elapsed());
        let id = first.split("\"transaction_id\":\"").nth(1).and_then(|rest| rest.get(..20));
        Ok(id.with_context(|| format!("no challenge: {first}"))?.to_owned())
    }
}

const MAIL: Duration = Duration::from_secs(20);
