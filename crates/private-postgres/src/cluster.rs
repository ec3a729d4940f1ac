//! A running server with a data folder of its own: start, the ways to stop it, and its address.

use std::fs::{self, File};
use std::io::{Error, Result};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use private_home::deadline::until;
use private_home::port;

use crate::home::Home;
use crate::programs::Programs;
use crate::template::{self, SUPERUSER, USER};
use crate::{client, tree};

/// One server. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct Cluster {
    pub(crate) programs: Programs,
    pub(crate) password: String, // tidy: not a secret, because it opens made-up data and ends with the test
    pub(crate) setup: Setup,
    address: SocketAddr,
    server: Option<Child>,
    // Last: whatever still runs in there ends with it.
    pub(crate) home: Home,
}

/// What differs from one server to another.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Certificate chain and key in PEM. With them the server speaks TLS, and still clear text too.
    pub tls: Option<(String, String)>,
    /// Further parameters of the server: `("max_connections", "5")`.
    pub parameters: Vec<(String, String)>,
}

/// How a server is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Waits until every client has gone.
    Smart,
    /// Ends what clients are doing, in order.
    Fast,
    /// At once, to recover at the next start.
    Immediate,
}

impl Cluster {
    /// A server as most tests want it.
    pub fn start() -> Result<Self> {
        Self::start_with(Setup::default())
    }

    /// A server with another setup.
    pub fn start_with(setup: Setup) -> Result<Self> {
        Self::build(setup, template::place)
    }

    /// A server on the data folder that `fill` makes; it answers the password.
    pub(crate) fn build(setup: Setup, fill: impl FnOnce(&Programs, &Home) -> Result<String>) -> Result<Self> {
        let programs = Programs::find()?;
        let home = Home::new(&programs)?;
        let password = fill(&programs, &home)?;
        let mut cluster = Self { programs, password, setup, address: port::keep()?, server: None, home };
        cluster.write_certificate()?;
        cluster.spawn()?;
        cluster.wait_ready()?;
        Ok(cluster)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder of its socket.
    pub fn socket_folder(&self) -> &Path {
        self.home.path()
    }

    /// The password of both users.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The URL of a database for the ordinary user `otpost`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@{}/{database}", self.password, self.address)
    }

    /// The URL of a database for the superuser.
    pub fn superuser_url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}:{}@{}/{database}", self.password, self.address)
    }

    /// Makes an empty database that belongs to the ordinary user.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.query("postgres", &format!("CREATE DATABASE \"{name}\" OWNER {USER}")).map(drop)
    }

    /// Runs statements as the superuser and answers their rows.
    pub fn query(&self, database: &str, sql: &str) -> Result<Vec<Vec<String>>> {
        client::query(&self.superuser_url(database), sql)
    }

    /// The same for one value.
    pub fn query_one(&self, database: &str, sql: &str) -> Result<String> {
        client::query_one(&self.superuser_url(database), sql)
    }

    /// Everything the server has written so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join(LOG)).unwrap_or_default()
    }

    /// Stops it and waits for its end.
    pub fn stop(&mut self, how: Stop) -> Result<()> {
        let Some(server) = &mut self.server else {
            return Ok(());
        };
        let signal = match how {
            Stop::Smart => "TERM",
            Stop::Fast => "INT",
            Stop::Immediate => "QUIT",
        };
        tree::signal(&server.id().to_string(), signal)?;
        until("the server to stop", PATIENCE, || server.try_wait())?;
        self.server = None;
        Ok(())
    }

    /// Ends all its processes without a word, as a power cut does.
    pub fn kill_9(&mut self) -> Result<()> {
        tree::kill(&self.home.data())?;
        if let Some(mut server) = self.server.take() {
            server.wait()?;
        }
        Ok(())
    }

    /// Starts it again where it was, once it accepts connections.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop(Stop::Fast)?;
        until("the port to be free", PATIENCE, || Ok(TcpListener::bind(self.address).ok().map(drop)))?;
        self.spawn()?;
        self.wait_ready()
    }

    /// Makes all its processes stand still; connections stay open and silent.
    pub fn pause(&self) -> Result<()> {
        tree::pause(&self.home.data())
    }

    /// Lets it go on.
    pub fn resume(&self) -> Result<()> {
        tree::resume(&self.home.data())
    }

    fn spawn(&mut self) -> Result<()> {
        let home = self.home.path();
        let log = File::options().create(true).append(true).open(home.join(LOG))?;
        let mut command = self.programs.command("postgres", home);
        command.arg("-D").arg(self.home.data());
        for (name, value) in self.parameters() {
            command.args(["-c", &format!("{name}={value}")]);
        }
        // A group of its own: the keyboard's signals are for who started it, and the guard does the rest.
        command.process_group(0).stdout(log.try_clone()?).stderr(log);
        self.server = Some(command.spawn()?);
        Ok(())
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let home = self.home.path().display().to_string();
        let mut parameters: Vec<_> = PARAMETERS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        parameters.push(("listen_addresses".to_owned(), self.address.ip().to_string()));
        parameters.push(("port".to_owned(), self.address.port().to_string()));
        if self.setup.tls.is_some() {
            for (name, value) in [
                ("ssl", "on".to_owned()),
                ("ssl_cert_file", format!("{home}/{CERTIFICATE}")),
                ("ssl_key_file", format!("{home}/{KEY}")),
            ] {
                parameters.push((name.to_owned(), value));
            }
        }
        parameters.push(("unix_socket_directories".to_owned(), home));
        parameters.extend(self.setup.parameters.iter().cloned());
        parameters
    }

    fn write_certificate(&self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let Some((certificate, key)) = &self.setup.tls else {
            return Ok(());
        };
        for (name, text) in [(CERTIFICATE, certificate), (KEY, key)] {
            let path = self.home.path().join(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            self.programs.own(&path)?;
        }
        Ok(())
    }

    /// The server tells in the last line of its lock file how far it is.
    fn wait_ready(&mut self) -> Result<()> {
        let lock = self.home.data().join("postmaster.pid");
        let ended = until("the server to be ready", PATIENCE, || {
            if let Some(server) = &mut self.server
                && let Some(status) = server.try_wait()?
            {
                return Ok(Some(Some(status)));
            }
            let lock = fs::read_to_string(&lock).unwrap_or_default();
            let state = lock.lines().nth(7).unwrap_or_default().trim();
            let is_ours =
                self.server.as_ref().is_some_and(|server| lock.lines().next() == Some(&server.id().to_string()));
            Ok((is_ours && state == "ready").then_some(None))
        })?;
        let Some(status) = ended else {
            return Ok(());
        };
        self.server = None;
        Err(Error::other(format!("PostgreSQL ended with {status}: {}", self.log().trim())))
    }
}

/// As durable as in production, and nothing left behind in memory that the system shares.
const PARAMETERS: [(&str, &str); 6] = [
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("max_connections", "200"),
    ("max_wal_size", "256MB"),
    ("dynamic_shared_memory_type", "mmap"),
    ("log_line_prefix", "%m %p %u@%d "),
];

const LOG: &str = "log";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// A recovery is in it, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
