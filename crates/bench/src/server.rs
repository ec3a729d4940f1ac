//! The server under load: a fresh folder, made-up users, the real binary.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, MAX_FAILURES, Serial};
use domain::name::RealmName;
use domain::provider::{Lifetime, Provider};
use domain::secret::Secret;
use otpost::config::{Config, Source};
use otpost::manage::api_keys::NewKey;
use otpost::manage::{self, About, By, ManageError};
use otpost::store::accounts::{self, Account};
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::realms::{self, Realm, Resolver};
use otpost::store::relays::{self, StoredRelay};
use otpost::{boot, keys, os, store};
use private_home::port;
use tempfile::TempDir;

use crate::meter::now;
use crate::process::{self, Process};

/// Where the server keeps its rows.
pub(crate) enum Database {
    /// A `SQLite` file in its own folder.
    File,
    /// An empty database of a `PostgreSQL` server.
    Url(String),
}

/// What a database is filled with.
struct Content {
    users: usize,
    sink: SocketAddr,
    /// How long codes live; as usual, if not given.
    lifetime: Option<Lifetime>,
    /// The PIN of everybody.
    pin: Option<&'static str>, // tidy: not a secret, because people of a load driver are made up
}

/// A running server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) api_key: String,
    /// From starting the process to the first accepted connection, on an existing database.
    pub(crate) start_up: Duration,
    /// What a PIN check costs, as the stored hash says it.
    pub(crate) pin_cost: String,
    pub(crate) process: Process,
    pub(crate) folder: TempDir,
}

impl Server {
    /// Makes a database with `users` users of PIN `1234`, whose codes live so long or as long as usual, and starts
    /// the binary on it.
    pub(crate) async fn start(
        binary: &Path,
        database: &Database,
        users: usize,
        sink: SocketAddr,
        lifetime: Option<Lifetime>,
    ) -> anyhow::Result<Self> {
        let content = Content { users, sink, lifetime, pin: Some("1234") };
        Self::start_with(binary, database, &content, "").await
    }

    /// The same on a file, with RADIUS at this address for everybody on loopback, and nobody has a PIN.
    pub(crate) async fn start_radius(
        binary: &Path,
        users: usize,
        sink: SocketAddr,
        radius: SocketAddr,
    ) -> anyhow::Result<Self> {
        let content = Content { users, sink, lifetime: None, pin: None };
        let client =
            format!("[[radius.client]]\nname = \"gear\"\naddress = \"127.0.0.0/8\"\nsecret = \"{RADIUS_SECRET}\"\n");
        let lines = format!("[radius]\nlisten = [\"{radius}\"]\n{client}");
        Self::start_with(binary, &Database::File, &content, &lines).await
    }

    async fn start_with(binary: &Path, database: &Database, content: &Content, lines: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (address, manage) = (port::keep()?, port::keep()?);
        let file = write_config(&folder, database, (address, manage), lines)?;
        let (api_key, pin_cost) = prepare(&file, content).await?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let started = now();
        let mut command = process::mortal(binary);
        command.arg("--config").arg(&file).arg("serve").stdout(Stdio::null()).stderr(log);
        let mut process = Process::start(&mut command)?;
        while std::net::TcpStream::connect(address).is_err() {
            let is_up = started.elapsed() < Duration::from_secs(10) && !process.is_over();
            anyhow::ensure!(is_up, "the server does not come up");
            std::thread::sleep(Duration::from_millis(1));
        }
        let start_up = started.elapsed();
        Ok(Self { address, api_key, start_up, pin_cost, process, folder })
    }

    /// CPU time used so far, user and system.
    pub(crate) fn cpu(&self) -> Duration {
        process::processor_time(self.process.id())
    }

    /// Resident memory in KiB.
    pub(crate) fn rss_kib(&self) -> u64 {
        process::memory_kib(self.process.id())
    }
}

/// Answers with an API key and with what a PIN check costs.
async fn prepare(file: &Path, content: &Content) -> anyhow::Result<(String, String)> {
    let Content { users, sink, lifetime, pin } = *content;
    let config = Config::load(Source::Named(file), std::iter::empty())?;
    keys::create(&config.keys.file, &os::OsRandom)?;
    store::migrate::migrate(&config.store.url, 0).await?;
    let (app, _) = boot::open(config, None).await?;
    let by = By { actor: "bench".to_owned(), action: "set-up".to_owned(), ..By::default() };
    let local = Resolver { name: "local".to_owned(), kind: "local".to_owned() };
    let name = RealmName::parse("bench")?;
    let realm = Realm { name, is_default: true, first_factor: None, resolvers: vec!["local".to_owned()] };
    let mut statements = vec![realms::save_resolver(&local), relays::save(&relay(sink))];
    statements.extend(realms::save_realm(&realm));
    if let Some(lifetime) = lifetime {
        let change = |provider| Ok::<_, ManageError>(Provider { lifetime, ..provider });
        manage::providers::edit(&app, &by, Provider::STANDARD, change).await?;
    }
    // One hash for everybody: what a check costs does not depend on whose salt it is.
    let pin = match pin {
        Some(pin) => Some(app.hasher.hash(&Secret::new(pin), "bench").await?),
        None => None,
    };
    let pin_cost = pin.as_ref().map_or_else(String::new, |pin| hash_cost(pin.as_stored()));
    for number in 0..users {
        let id = format!("user-{number:07}");
        let account = account(&id, number);
        statements.push(accounts::insert(&account));
        statements.push(enrollments::insert(&enrollment(&account, pin.clone())?));
        if statements.len() >= 1000 || number + 1 == users {
            manage::apply(&app, &by, About::default(), std::mem::take(&mut statements)).await?;
        }
    }
    let scopes = ["validate:check", "validate:trigger", "enroll", "admin:write", "secrets"].map(str::to_owned).to_vec();
    let new = NewKey { name: "bench".to_owned(), scopes, ..NewKey::default() };
    Ok((manage::api_keys::add(&app, &by, new).await?.expose().to_owned(), pin_cost))
}

/// Name and parameters of a hash in the format of the password hashing competition.
pub(crate) fn hash_cost(stored: &str) -> String {
    let fields = stored.split('$').filter(|field| !field.is_empty());
    fields.take(3).collect::<Vec<_>>().join(" ")
}

pub(crate) fn account(id: &str, number: usize) -> Account {
    Account {
        id: id.to_owned(),
        resolver: "local".to_owned(),
        name: format!("u{number}"),
        name_key: format!("u{number}"),
        given_name: String::new(),
        surname: String::new(),
        email: format!("u{number}@bench.example"),
        phone: String::new(),
        mobile: String::new(),
        description: String::new(),
        password: None,
        provider_id: None,
        created_at: domain::time::Timestamp::default(),
    }
}

pub(crate) fn enrollment(
    account: &Account,
    pin: Option<domain::enrollment::PinHash>,
) -> anyhow::Result<StoredEnrollment> {
    let enrollment = Enrollment {
        serial: Serial::parse(&format!("PIEM{}", account.name.to_uppercase())).context("a serial")?,
        provider_id: 1,
        address: Some(MailAddress::parse(&account.email)?),
        is_address_dynamic: false,
        pin,
        code_length: CodeLength::STANDARD,
        is_active: true,
        is_revoked: false,
        failures: 0,
        max_failures: MAX_FAILURES,
        failed_at: None,
        relay: None,
    };
    Ok(StoredEnrollment {
        enrollment,
        user_id: account.id.clone(),
        realm: "bench".to_owned(),
        description: String::new(),
        info: "{}".to_owned(),
        created_at: domain::time::Timestamp::default(),
    })
}

fn relay(sink: SocketAddr) -> StoredRelay {
    StoredRelay {
        name: "sink".to_owned(),
        host: sink.ip().to_string(),
        port: sink.port(),
        security: "plaintext".to_owned(),
        user_name: String::new(),
        sealed_password: None,
        mechanism: "auto".to_owned(),
        sender: "otpost@bench.example".to_owned(),
        timeout_seconds: 10,
        ca_file: String::new(),
        allow_plaintext: false,
        description: String::new(),
        position: 0,
    }
}

fn write_config(
    folder: &TempDir,
    database: &Database,
    (http, manage): (SocketAddr, SocketAddr),
    lines: &str,
) -> anyhow::Result<PathBuf> {
    let (path, file) = (folder.path().display(), config_file(folder));
    let url = match database {
        Database::File => format!("sqlite:{path}/otpost.db"),
        Database::Url(url) => url.clone(),
    };
    let text = format!(
        "[http]\nlisten = \"{http}\"\ntrusted_proxies = [\"127.0.0.1\"]\nforwarded_header = \"x-forwarded-for\"\n\
         [manage]\nlisten = \"{manage}\"\n[store]\nurl = \"{url}\"\n[keys]\nfile = \"{path}/otpost.key\"\n{lines}"
    );
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Its configuration file.
pub(crate) fn config_file(folder: &TempDir) -> PathBuf {
    folder.path().join("otpost.toml")
}

/// What RADIUS shares with the load.
pub(crate) const RADIUS_SECRET: &str = "a secret of the load driver";
