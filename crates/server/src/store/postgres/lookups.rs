//! Who is it? Every sign-in asks twice, so all look-ups that wait are answered by one statement.

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::fault::Fault;
use super::server::Server;
use super::session::{self, EXCHANGE, LANE_SETTINGS};
use super::values::take_apart;
use crate::store::StoreError;
use crate::store::enrolled::SELECT_ALL_NAMED;
use crate::store::job::Reply;
use crate::store::sql::{Row, Value};

/// The rows of a user with their enrollments, columns in order of [`SELECT_ALL_NAMED`].
pub(super) type Rows = Vec<Vec<Value>>;

/// One user to look up.
pub(super) struct Lookup {
    pub(super) resolver: String,
    pub(super) name_key: String,
    pub(super) reply: Reply<Rows>,
}

/// Answers until the last handle of the store is gone.
pub(super) async fn answer(server: Server, mut waiting: mpsc::Receiver<Lookup>) {
    let mut reader = None;
    while let Some(first) = waiting.recv().await {
        let mut asked = vec![first];
        while asked.len() < AT_ONCE
            && let Ok(next) = waiting.try_recv()
        {
            asked.push(next);
        }
        // Who has gone away wants no answer any more.
        asked.retain(|lookup| !lookup.reply.is_closed());
        match look_up(&server, &mut reader, &asked).await {
            Ok(found) => asked.into_iter().zip(found).for_each(|(lookup, rows)| drop(lookup.reply.send(Ok(rows)))),
            Err(fault) => {
                reader = None;
                refuse(asked, &fault.into_error());
            }
        }
    }
}

/// A connection with the one statement it runs.
type Reader = (Client, Statement);

async fn look_up(server: &Server, reader: &mut Option<Reader>, asked: &[Lookup]) -> Result<Vec<Rows>, Fault> {
    let (client, statement) = match reader.take().filter(|(client, _)| !client.is_closed()) {
        Some(open) => reader.insert(open),
        None => reader.insert(open(server).await?),
    };
    let resolvers: Vec<&str> = asked.iter().map(|lookup| lookup.resolver.as_str()).collect();
    let names: Vec<&str> = asked.iter().map(|lookup| lookup.name_key.as_str()).collect();
    let mut found = vec![Rows::new(); asked.len()];
    let params: [&(dyn ToSql + Sync); 2] = [&resolvers, &names];
    let rows = timeout(EXCHANGE, client.query(statement, &params)).await.map_err(|_| Fault::silent())??;
    for row in rows {
        let mut values = take_apart(&row)?;
        let number = values.pop().unwrap_or(Value::Null);
        let number: i64 = Row::new("account", vec![number]).take()?;
        // Ordinal numbers begin with one.
        if let Some(rows) = usize::try_from(number - 1).ok().and_then(|at| found.get_mut(at)) {
            rows.push(values);
        }
    }
    Ok(found)
}

async fn open(server: &Server) -> Result<Reader, Fault> {
    let client = session::connect(server).await?;
    session::set_up(&client, LANE_SETTINGS).await?;
    let preparing = timeout(EXCHANGE, client.prepare(SELECT_ALL_NAMED));
    let statement = preparing.await.map_err(|_| Fault::silent())??;
    Ok((client, statement))
}

fn refuse(asked: Vec<Lookup>, error: &StoreError) {
    tracing::error!(error = %crate::telemetry::Chain(error), "users cannot be looked up in the database");
    for lookup in asked {
        drop(lookup.reply.send(Err(StoreError::unavailable("the database server answers no look-ups now"))));
    }
}

/// Look-ups of one statement at most.
const AT_ONCE: usize = 256;
