//! Kept connections to the servers of one directory. Owns which server is asked, how many connections there
//! are, and that a connection that went stale while it lay there costs nobody an answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::secret::Secret;
use ldap_wire::request::Search;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use super::connection::{Connection, Found};
use super::error::{Fault, code_in_words};
use super::settings::Server;
use crate::tls::peer::Trust;

/// Connections that are all signed in as the same account, or as nobody.
pub(super) struct Pool {
    servers: Vec<Server>,
    account: Option<Account>,
    trust: Option<Trust>,
    limit: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
    /// Until when each server is left alone.
    resting: Mutex<Vec<Option<Instant>>>,
}

/// What is done on a connection, as a value: it may have to be done twice.
pub(super) trait Operation: Sync {
    type Answer: Send;

    /// Whether it is done once more after this fault on a connection that had lain there.
    fn may_follow(&self, fault: &Fault) -> bool {
        fault.ends_connection()
    }

    fn run(&self, connection: &mut Connection) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;
}

/// Whom connections are signed in as.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) password: Secret,
}

/// A connection in use. Dropped, it is closed; only [`Lease::keep`] puts it back.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    connection: Connection,
    is_fresh: bool,
    _permit: SemaphorePermit<'a>,
}

impl Pool {
    pub(super) fn new(servers: Vec<Server>, account: Option<Account>, trust: Option<Trust>, limit: Duration) -> Self {
        let resting = Mutex::new(vec![None; servers.len()]);
        let (permits, idle) = (Semaphore::new(MOST), Mutex::default());
        Self { servers, account, trust, limit, permits, idle, resting }
    }

    /// Does one operation; where a kept connection turns out to be dead, once more on a fresh one.
    pub(super) async fn perform<O: Operation>(&self, operation: &O) -> Result<O::Answer, Fault> {
        let mut lease = self.take().await?;
        let mut done = operation.run(&mut lease.connection).await;
        if done.as_ref().is_err_and(|fault| operation.may_follow(fault)) && !lease.is_fresh {
            drop(lease);
            self.forget_idle();
            lease = self.take_fresh().await?;
            done = operation.run(&mut lease.connection).await;
        }
        if !done.as_ref().is_err_and(Fault::ends_connection) {
            lease.keep();
        }
        done
    }

    /// The same on a connection of its own: for what must not be done twice.
    pub(super) async fn perform_once<O: Operation>(&self, operation: &O) -> Result<O::Answer, Fault> {
        let mut lease = self.take_fresh().await?;
        let done = operation.run(&mut lease.connection).await;
        lease.connection.close().await;
        done
    }

    /// Closes connections that nobody has used for a while.
    pub(super) async fn close_idle(&self) {
        let old: Vec<_> = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let (old, kept) = idle.drain(..).partition(|connection| connection.used_at.elapsed() > IDLE);
            *idle = kept;
            old
        };
        for connection in old {
            connection.close().await;
        }
    }

    async fn take(&self) -> Result<Lease<'_>, Fault> {
        let permit = self.permit().await?;
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match kept.filter(|connection| connection.used_at.elapsed() < IDLE) {
            Some(connection) => Ok(Lease { pool: self, connection, is_fresh: false, _permit: permit }),
            None => self.open(permit).await,
        }
    }

    async fn take_fresh(&self) -> Result<Lease<'_>, Fault> {
        let permit = self.permit().await?;
        self.open(permit).await
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, Fault> {
        let permit = timeout(QUEUE, self.permits.acquire()).await;
        let busy = || Fault::Lost("all connections are in use".to_owned());
        permit.map_err(|_| busy())?.map_err(|_| busy())
    }

    /// The first server that answers. One that did not a moment ago is left alone, so that nobody waits for it.
    async fn open<'a>(&'a self, permit: SemaphorePermit<'a>) -> Result<Lease<'a>, Fault> {
        let mut last = Fault::Lost("no server answered a moment ago; they are tried again in two seconds".to_owned());
        for (at, server) in self.servers.iter().enumerate() {
            if self.is_resting(at) {
                continue;
            }
            match self.open_at(server).await {
                Ok(connection) => return Ok(Lease { pool: self, connection, is_fresh: true, _permit: permit }),
                Err(fault) => {
                    if fault.ends_connection() {
                        self.let_rest(at);
                    }
                    last = fault;
                }
            }
        }
        Err(last)
    }

    async fn open_at(&self, server: &Server) -> Result<Connection, Fault> {
        let mut connection = Connection::open(server, self.trust.as_ref(), self.limit).await?;
        if let Some(account) = &self.account {
            let outcome = connection.bind(&account.name, &account.password).await?;
            if !outcome.is_success() {
                let what = format!("{} may not sign in: {}", account.name, code_in_words(outcome.code));
                return Err(Fault::Refused(what));
            }
        }
        Ok(connection)
    }

    fn is_resting(&self, at: usize) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.get(at).copied().flatten().is_some_and(|until| Instant::now() < until)
    }

    fn let_rest(&self, at: usize) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = resting.get_mut(at) {
            *until = Some(Instant::now() + REST);
        }
    }

    /// If one kept connection is dead, the others most likely are too.
    fn forget_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Operation for Search<'_> {
    type Answer = Found;

    async fn run(&self, connection: &mut Connection) -> Result<Found, Fault> {
        connection.search(self).await
    }
}

impl Lease<'_> {
    fn keep(self) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.connection);
    }
}

/// Connections at once.
const MOST: usize = 8;
/// How long an unused connection is kept: less than firewalls and servers let it live.
const IDLE: Duration = Duration::from_mins(1);
/// Longest wait for one of them.
const QUEUE: Duration = Duration::from_millis(1_500);
/// How long a server that did not answer is left alone.
const REST: Duration = Duration::from_secs(2);
