//! The `PostgreSQL` engine: lanes that commit all waiting commands together, and a pool beside them
//! for reads and for what is seldom. Several nodes share nothing but this database.

mod alone;
mod batch;
mod begin;
mod epoch;
mod fault;
mod first_steps;
mod judge;
mod lane;
mod ledgers;
mod listen;
mod lookups;
pub(super) mod migrate;
mod resend;
mod server;
mod session;
mod statements;
mod values;
mod wave;
mod writes;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Timeouts};
use domain::secret::Secret;
use domain::time::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::StoreError;
use super::command::Change;
use super::job::Job;
use super::sql::{Row, Value};
use alone::Told;
use fault::Fault;
use lane::Lane;
use lookups::Lookup;
use server::Server;
use session::Session;

/// Whose time decides whether a code has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// That of the command, which tests set.
    Commands,
    /// That of the command or of the server, whichever is later: a node that slept while it held a
    /// command cannot revive a code.
    Servers,
}

/// A handle on the lanes and the pool of one database.
#[derive(Clone)]
pub(super) struct Postgres {
    lanes: Arc<[mpsc::Sender<Job>]>,
    lookups: mpsc::Sender<Lookup>,
    pool: Pool,
    /// Room for commands beside the lanes.
    room: Arc<Semaphore>,
    shared: Arc<Shared>,
}

struct Shared {
    /// The epoch, as the lanes last found it.
    epoch: AtomicI64,
    /// Where the walk over the accounts stands.
    swept: Mutex<Vec<u8>>,
    /// Told when another node has changed settings.
    changed: Notify,
}

impl Postgres {
    /// Connects every lane, so that what is wrong with the server is said at the start.
    pub(super) async fn open(url: &Secret, queue: usize, time: Time) -> Result<Self, StoreError> {
        let server = Server::parse(url.expose())?;
        let shared = Arc::new(Shared { epoch: AtomicI64::new(0), swept: Mutex::default(), changed: Notify::new() });
        let mut lanes = Vec::with_capacity(LANES);
        for _ in 0..LANES {
            let session = Session::open(&server).await.map_err(Fault::into_error)?;
            shared.epoch.store(session.epoch, Ordering::Relaxed);
            let (sender, jobs) = mpsc::channel(queue / LANES);
            let lane = Lane::new(server.clone(), session, jobs, time == Time::Servers, Arc::clone(&shared));
            spawn(lane.run());
            lanes.push(sender);
        }
        let (lookups, waiting) = mpsc::channel(queue);
        spawn(lookups::answer(server.clone(), waiting));
        listen::spawn(server.clone(), Arc::downgrade(&shared));
        let room = Arc::new(Semaphore::new(queue));
        Ok(Self { lanes: lanes.into(), lookups, pool: pool(server)?, room, shared })
    }

    /// Hands a command to its lane, or runs it beside them.
    pub(super) fn submit(&self, job: Job) -> Result<(), StoreError> {
        if matches!(
            job,
            Job::Change { .. } | Job::ClaimMails { .. } | Job::Keep { .. } | Job::Mark { .. } | Job::Purge { .. }
        ) {
            let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| StoreError::Busy)?;
            let this = self.clone();
            spawn(async move {
                this.run_alone(job).await;
                drop(place);
            });
            return Ok(());
        }
        self.lane().map_or(Err(StoreError::Busy), |lane| {
            lane.try_send(job).map_err(|error| match error {
                mpsc::error::TrySendError::Closed(_) => StoreError::unavailable("the writer has stopped"),
                mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            })
        })
    }

    /// The first lane for which no crowd waits, else the one for which the fewest do: a command is cheap in
    /// a large batch, so a lane gets work when those before it have plenty.
    fn lane(&self) -> Option<&mpsc::Sender<Job>> {
        let idle = self.lanes.iter().find(|lane| waiting(lane) < CROWD.min(lane.max_capacity()));
        idle.or_else(|| self.lanes.iter().min_by_key(|lane| waiting(lane)))
    }

    /// The user of that canonical name with all their enrollments, together with whoever else asks.
    pub(super) async fn find_enrolled(&self, resolver: &str, name_key: &str) -> Result<lookups::Rows, StoreError> {
        let (reply, answer) = oneshot::channel();
        let lookup = Lookup { resolver: resolver.to_owned(), name_key: name_key.to_owned(), reply };
        self.lookups.try_send(lookup).map_err(|_| StoreError::Busy)?;
        let answer = super::patience::bounded(answer).await.ok_or_else(|| Fault::silent().into_error())?;
        answer.unwrap_or_else(|_| Err(StoreError::unavailable("the reader has stopped")))
    }

    /// Runs one SELECT.
    pub(super) async fn select<T>(
        &self,
        sql: &'static str,
        params: &[Value],
        mut read: impl FnMut(Vec<Value>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let reading = async {
            let connection = self.connection().await?;
            let statement = connection.prepare_cached(&values::dollars(sql)).await?;
            Ok::<_, Fault>(connection.query(&statement, &alone::refer(params)).await?)
        };
        let rows = super::patience::bounded(reading).await.unwrap_or_else(|| Err(Fault::silent()));
        let rows = rows.map_err(Fault::into_error)?;
        let unreadable = |error| Fault::from(error).into_error();
        rows.iter().map(|row| read(values::take_apart(row).map_err(unreadable)?)).collect()
    }

    /// What time it is there.
    pub(super) async fn time(&self) -> Result<Timestamp, StoreError> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let at = self.select(sql, &[], |row| Row::new("server", row).take()).await?;
        at.first().copied().map(Timestamp::from_millis).ok_or(StoreError::unavailable("the server has no time"))
    }

    /// Writes more than any page has room for, and takes it back.
    pub(super) async fn try_room(&self) -> Result<(), StoreError> {
        within(async { alone::try_room(&mut self.connection().await?).await }).await
    }

    /// Commands that wait for a lane.
    pub(super) fn queued(&self) -> usize {
        self.lanes.iter().map(waiting).sum()
    }

    /// Returns when another node has changed settings.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    async fn run_alone(&self, job: Job) {
        let (epoch, swept) = (self.shared.epoch.load(Ordering::Relaxed), &self.shared.swept);
        let mut connection = match timeout(session::EXCHANGE, self.connection()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(fault)) => return job.refuse(fault.into_error()),
            Err(_) => return job.refuse(Fault::silent().into_error()),
        };
        let connection = &mut connection;
        match job {
            Job::Change { command, reply } => drop(reply.send(change(connection, &command, Told::Nodes).await)),
            Job::ClaimMails { command, reply } => {
                drop(reply.send(within(alone::claim(connection, &command, epoch)).await));
            }
            Job::Keep { command, reply } => drop(reply.send(change(connection, &command, Told::Nobody).await)),
            Job::Mark { command, reply } => drop(reply.send(within(alone::mark(connection, &command)).await)),
            Job::Purge { command, reply } => drop(reply.send(within(alone::purge(connection, command, swept)).await)),
            other => other.refuse(StoreError::Busy),
        }
    }

    async fn connection(&self) -> Result<Object, Fault> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            PoolError::Timeout(_) => Fault::silent(),
            other => Fault::Down(StoreError::Unavailable(Box::new(other))),
        })
    }
}

/// Commands that wait for a lane.
fn waiting(lane: &mpsc::Sender<Job>) -> usize {
    lane.max_capacity() - lane.capacity()
}

/// A change that got in a verdict's way is made again.
async fn change(connection: &mut Object, command: &Change, told: Told) -> Result<(), StoreError> {
    let attempts = async {
        for _ in 1..lane::ATTEMPTS {
            match alone::change(connection, command, told).await {
                Err(Fault::Again) => {}
                other => return other,
            }
        }
        alone::change(connection, command, told).await
    };
    within(attempts).await
}

/// Starts what ends by itself: with its connection, with the last handle of the store, or with an
/// answer that a caller waits for.
#[expect(clippy::disallowed_methods, reason = "nothing is lost when the process ends before it")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

async fn within<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, StoreError> {
    timeout(session::EXCHANGE, work).await.unwrap_or_else(|_| Err(Fault::silent())).map_err(Fault::into_error)
}

fn pool(server: Server) -> Result<Pool, StoreError> {
    let create = Some(server.connect_patience());
    let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(server.config, server.tls, config);
    let set_up = Hook::async_fn(|client, _| {
        Box::pin(async move { client.batch_execute(session::POOL_SETTINGS).await.map_err(HookError::Backend) })
    });
    let patience = Some(Duration::from_secs(1));
    let timeouts = Timeouts { wait: patience, create, recycle: patience };
    let builder = Pool::builder(manager).max_size(POOL).timeouts(timeouts).runtime(deadpool_postgres::Runtime::Tokio1);
    builder.post_create(set_up).build().map_err(|error| StoreError::Unavailable(Box::new(error)))
}

/// Connections that write: one commits while another collects, where one is not enough.
const LANES: usize = 2;
/// So many waiting commands are worth another lane.
const CROWD: usize = 48;
/// Connections that read, at most.
const POOL: usize = 8;
