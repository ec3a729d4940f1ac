//! privacyIDEA as its manual installs it: keys, tables, an administrator, a resolver, a mail server, users with tokens.
//! Known only from outside: its programs, its HTTP interface, its tables.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use private_home::port;
use serde_json::Value;
use tempfile::TempDir;

use super::tables::Tables;
use super::target::Target;
use super::venv::Venv;
use crate::client::Client;
use crate::meter::now;
use crate::postgres::{Postgres, run};
use crate::process::Process;
use crate::server::hash_cost;

/// How it is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Variant {
    /// What it needs to start, and nothing else.
    Default,
    /// Everything its manual offers for speed, short of leaving out the signed audit trail.
    Tuned,
}

/// An installation with its users; started in any variant.
pub(crate) struct Incumbent<'a> {
    venv: &'a Venv,
    tables: Tables<'a>,
    database: Option<u32>,
    folder: TempDir,
}

impl<'a> Incumbent<'a> {
    /// Makes everything that survives a restart.
    pub(crate) async fn prepare(
        venv: &'a Venv,
        cluster: Option<&'a Postgres>,
        users: usize,
        sink: SocketAddr,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let tables = match cluster {
            None => Tables::Files(folder.path().to_owned()),
            Some(cluster) => {
                let name = format!("privacyidea_{users}");
                cluster.create(&name)?;
                Tables::Database(cluster, name)
            }
        };
        let database = cluster.map(|cluster| cluster.process.id());
        let incumbent = Self { venv, tables, database, folder };
        incumbent.write_files()?;
        for arguments in SET_UP {
            run(incumbent.program("pi-manage", Variant::Default).args(arguments))?;
        }
        incumbent.tables.add_people(users)?;
        let target = incumbent.start(Variant::Default, 1).await?;
        incumbent.configure(&target, sink).await?;
        incumbent.tables.add_tokens(users)?;
        Ok(incumbent)
    }

    /// Starts it behind gunicorn and signs the administrator in.
    pub(crate) async fn start(&self, variant: Variant, workers: usize) -> anyhow::Result<Target> {
        let address = port::keep()?;
        let log = fs::File::create(self.folder.path().join(format!("gunicorn-{variant:?}.log")))?;
        let mut command = self.program("gunicorn", variant);
        // Its control socket would lie in the caller's home.
        command.args(["--no-control-socket", "--workers", &workers.to_string()]);
        command.args(["--bind", &address.to_string(), "wsgi:application"]);
        let mut process = Process::start(command.stdout(log.try_clone()?).stderr(log))?;
        let started = now();
        let authorization = loop {
            match sign_in(address).await {
                Ok(authorization) => break authorization,
                Err(error) if process.is_over() || started.elapsed() > Duration::from_secs(30) => {
                    return Err(error.context("privacyIDEA does not come up"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let pin_cost = self.tables.find_pin_hash().map(|hash| hash_cost(&hash)).unwrap_or_default();
        let label = match variant {
            Variant::Default => format!("privacyIDEA, defaults, {workers} workers"),
            Variant::Tuned => format!("privacyIDEA, tuned, {workers} workers"),
        };
        Ok(Target { label, address, authorization, pin_cost, process, database: self.database, _folder: None })
    }

    /// A program of the environment, run in the folder with the settings of a variant.
    fn program(&self, name: &str, variant: Variant) -> Command {
        let mut command = self.venv.program(name);
        command.current_dir(self.folder.path()).env("PRIVACYIDEA_CONFIGFILE", self.settings(variant));
        command
    }

    fn settings(&self, variant: Variant) -> PathBuf {
        self.folder.path().join(format!("{variant:?}.cfg"))
    }

    fn write_files(&self) -> anyhow::Result<()> {
        let folder = self.folder.path();
        let (path, url) = (folder.display(), self.tables.url());
        let needed = format!(
            "SECRET_KEY = 'made up for one run, thrown away after it'\nPI_PEPPER = 'made up as well'\n\
             PI_ENCFILE = '{path}/enckey'\nPI_AUDIT_KEY_PRIVATE = '{path}/private.pem'\n\
             PI_AUDIT_KEY_PUBLIC = '{path}/public.pem'\nPI_LOGFILE = '{path}/log'\nPI_UUID_FILE = '{path}/uuid'\n\
             SUPERUSER_REALM = ['super']\nSQLALCHEMY_DATABASE_URI = '{url}'\n"
        );
        fs::write(self.settings(Variant::Tuned), format!("{needed}{TUNED}"))?;
        fs::write(self.settings(Variant::Default), needed)?;
        Ok(fs::write(folder.join("wsgi.py"), WSGI)?)
    }

    /// Resolver, realm, mail server, and the token that all others are copied from.
    async fn configure(&self, target: &Target, sink: SocketAddr) -> anyhow::Result<()> {
        let mut client = Client::new(target.address, false);
        let smtp = format!("server={}&port={}&sender=otp%40bench.example&timeout=10", sink.ip(), sink.port());
        for (path, form) in [
            ("/resolver/bench", self.tables.resolver().as_str()),
            ("/realm/bench", "resolvers=bench"),
            ("/defaultrealm/bench", ""),
            ("/smtpserver/sink", &smtp),
            ("/system/setConfig", "email.identifier=sink"),
            ("/token/init", "type=email&user=u0&email=u0%40bench.example&pin=1234&serial=PIEM1"),
        ] {
            client.post_as(&target.authorization, path, form).await.context(path)?;
        }
        Ok(())
    }
}

async fn sign_in(address: SocketAddr) -> anyhow::Result<String> {
    let mut client = Client::new(address, false);
    let answer: Value = serde_json::from_str(client.post("/auth", "username=admin&password=made-up").await?)?;
    let token = answer.pointer("/result/value/token").and_then(Value::as_str);
    Ok(token.context("an access token")?.to_owned())
}

const SET_UP: [&[&str]; 4] = [
    &["setup", "create_enckey"],
    &["setup", "create_audit_keys"],
    &["setup", "create_tables"],
    &["admin", "add", "admin", "--password", "made-up"],
];

/// Only what can be set without changing a line of it. The audit trail stays signed.
pub(crate) const TUNED: &str = "PI_LOGLEVEL = 50\nPI_NO_INTERNAL_METRICS = True\nPI_NO_RESPONSE_SIGN = True\n\
    PI_AUDIT_NO_PRIVATE_KEY_CHECK = True\n";

const WSGI: &str = "import os\nfrom privacyidea.app import create_app\n\
    application = create_app('production', os.environ['PRIVACYIDEA_CONFIGFILE'], silent=True, initialize_hsm=True)\n";
