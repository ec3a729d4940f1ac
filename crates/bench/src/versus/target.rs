//! A product under load: where it listens, what lets a caller trigger, whose processor time counts.

use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;

use crate::postgres::Postgres;
use crate::process::Process;
use crate::server::{Database, Server};

/// One running product; it ends with this value.
pub(crate) struct Target {
    /// What the tables call it.
    pub(crate) label: String,
    pub(crate) address: SocketAddr,
    /// An API key or an access token.
    pub(crate) authorization: String,
    /// What a PIN check costs, as the stored hash says it.
    pub(crate) pin_cost: String,
    pub(crate) process: Process,
    /// The database's process, if it has one.
    pub(crate) database: Option<u32>,
    /// Files that live as long as the product.
    pub(crate) _folder: Option<TempDir>,
}

impl Target {
    /// Otpost with its defaults and a fresh database.
    pub(crate) async fn otpost(
        binary: &Path,
        cluster: Option<&Postgres>,
        users: usize,
        sink: SocketAddr,
    ) -> anyhow::Result<Self> {
        let database = match cluster {
            None => Database::File,
            Some(cluster) => Database::Url(cluster.create(&format!("otpost_{users}"))?),
        };
        let Server { address, api_key, pin_cost, process, folder, .. } =
            Server::start(binary, &database, users, sink, None).await?;
        if let Some(cluster) = cluster {
            cluster.run(&format!("otpost_{users}"), "VACUUM ANALYZE")?;
        }
        Ok(Self {
            label: OTPOST.to_owned(),
            address,
            authorization: api_key,
            pin_cost,
            process,
            database: cluster.map(|cluster| cluster.process.id()),
            _folder: Some(folder),
        })
    }
}

/// What the tables call our own product.
pub(crate) const OTPOST: &str = "Otpost";
