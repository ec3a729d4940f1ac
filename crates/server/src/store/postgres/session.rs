//! A connection with our settings, to a server that keeps what it acknowledges.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::fault::Fault;
use super::server::{CONNECT, Server};
use super::values::dollars;
use super::{StoreError, epoch, statements};

/// A connection of a lane. Its statements are prepared once.
pub(super) struct Session {
    pub(super) client: Client,
    /// Challenges of another epoch are void.
    pub(super) epoch: i64,
    prepared: HashMap<&'static str, Statement>,
}

impl Session {
    pub(super) async fn open(server: &Server) -> Result<Self, Fault> {
        let client = connect(server).await?;
        set_up(&client, LANE_SETTINGS).await?;
        let epoch = timeout(EXCHANGE, epoch::settle(&client)).await.map_err(|_| Fault::silent())??;
        let texts = statements::ALL.map(dollars);
        let preparing = try_join_all(texts.iter().map(|sql| client.prepare(sql)));
        let prepared = timeout(CONNECT, preparing).await.map_err(|_| Fault::silent())??;
        Ok(Self { prepared: statements::ALL.into_iter().zip(prepared).collect(), client, epoch })
    }

    /// Begins or ends a transaction; nothing for an empty text.
    pub(super) async fn command(&self, text: &str) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        Ok(self.client.batch_execute(text).await?)
    }

    /// Sends a statement of [`statements::ALL`]. It is on its way when the future is first polled,
    /// so that statements polled in order arrive in order, without waiting for each other.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>, Fault> {
        let statement =
            self.prepared.get(sql).ok_or(Fault::Down(StoreError::unavailable("a statement is not listed")))?;
        Ok(self.client.query(statement, params).await?)
    }
}

/// Connects, and runs the connection until it ends.
pub(super) async fn connect(server: &Server) -> Result<Client, Fault> {
    let connecting = server.config.connect(server.tls.clone());
    let (client, connection) = timeout(server.connect_patience(), connecting).await.map_err(|_| Fault::silent())??;
    super::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the database ended");
        }
    });
    Ok(client)
}

/// Puts our settings in place and refuses a server that forgets or that cannot be written to.
pub(super) async fn set_up(client: &Client, settings: &str) -> Result<(), Fault> {
    let work = async {
        client.batch_execute(settings).await?;
        let row = client.query_one(SELECT_FITNESS, &[]).await?;
        let (is_standby, commits, syncs): (bool, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let takes_writes: bool = row.try_get(3)?;
        if is_standby {
            return Err(unfit("this server is a standby and takes no writes; verdicts come from the primary alone"));
        }
        if !takes_writes {
            return Err(Fault::read_only());
        }
        if syncs != "on" {
            return Err(unfit(
                "the server runs with fsync = off: a used code could come back after a crash; set it on",
            ));
        }
        if matches!(commits.as_str(), "off" | "local") {
            tracing::warn!("synchronous_commit is {commits} on the server; sessions of this program set it to on");
            client.batch_execute("SET synchronous_commit = on").await?;
        }
        Ok(())
    };
    timeout(CONNECT, work).await.map_err(|_| Fault::silent())?
}

fn unfit(what: &str) -> Fault {
    Fault::Down(StoreError::Unfit(format!("the database must not be used as it is: {what}")))
}

/// A lane touches few rows by their keys, so no plan may depend on how large a table was when it was
/// made. A node that stops in the middle of a transaction holds its locks for two seconds at most.
pub(super) const LANE_SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; \
    SET statement_timeout = 1500; SET lock_timeout = 1000; SET idle_in_transaction_session_timeout = 2000; \
    SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off; SET jit = off";

/// Connections of the pool also serve the searches of administrators. What they change is acknowledged
/// like everything else: after it is on the disk, whatever the server's own setting.
pub(super) const POOL_SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; \
    SET statement_timeout = 30000; SET lock_timeout = 1000; \
    SET idle_in_transaction_session_timeout = 2000; SET jit = off; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')";

const SELECT_FITNESS: &str = "SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('fsync'), \
    current_setting('transaction_read_only') = 'off'";

/// How long one exchange with the server may take.
pub(super) const EXCHANGE: Duration = Duration::from_millis(1500);
