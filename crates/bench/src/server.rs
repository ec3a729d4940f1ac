//! The server under load: a fresh folder, made-up users, the real binary.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use domain::address::MailAddress;
use domain::code::CodeLength;
use domain::enrollment::{Enrollment, MAX_FAILURES, Serial};
use domain::name::RealmName;
use domain::secret::Secret;
use otpost::config::Config;
use otpost::manage::api_keys::NewKey;
use otpost::manage::{self, About, By};
use otpost::store::accounts::{self, Account};
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::realms::{self, Realm, Resolver};
use otpost::store::relays::{self, StoredRelay};
use otpost::{boot, keys, os, store};
use tempfile::TempDir;

use crate::meter::now;

/// A running server; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) api_key: String,
    /// From starting the process to the first accepted connection, on an existing database.
    pub(crate) start_up: Duration,
    child: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// Makes a database with `users` users of PIN `1234` and starts the binary on it.
    pub(crate) async fn start(binary: &Path, users: usize, sink: SocketAddr) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (address, manage) = (free_address()?, free_address()?);
        let file = write_config(&folder, address, manage)?;
        let api_key = prepare(&file, users, sink).await?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let started = now();
        let child = Command::new(binary)
            .args(["--config".as_ref(), file.as_os_str(), "serve".as_ref()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{}: build it with cargo build --release", binary.display()))?;
        let mut server = Self { address, api_key, start_up: Duration::ZERO, child, _folder: folder };
        while std::net::TcpStream::connect(address).is_err() {
            anyhow::ensure!(started.elapsed() < Duration::from_secs(10), "the server does not come up");
            std::thread::sleep(Duration::from_millis(1));
        }
        server.start_up = started.elapsed();
        Ok(server)
    }

    /// CPU time used so far, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks: u64 = fields.get(11..13).context("two fields")?.iter().filter_map(|f| f.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Resident memory in KiB.
    pub(crate) fn rss_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
    }
}

async fn prepare(file: &Path, users: usize, sink: SocketAddr) -> anyhow::Result<String> {
    let config = Config::load(Some(file), true, std::iter::empty())?;
    keys::create(&config.keys.file, &os::OsRandom)?;
    store::migrate::migrate(&config.store.url, 0).await?;
    let (app, _) = boot::open(config, None).await?;
    let by = By { actor: "bench".to_owned(), action: "set-up".to_owned(), ..By::default() };
    let local = Resolver { name: "local".to_owned(), kind: "local".to_owned() };
    let name = RealmName::parse("bench")?;
    let realm = Realm { name, is_default: true, first_factor: None, resolvers: vec!["local".to_owned()] };
    let mut statements = vec![realms::save_resolver(&local), relays::save(&relay(sink))];
    statements.extend(realms::save_realm(&realm));
    // One hash for everybody: what a check costs does not depend on whose salt it is.
    let pin = app.hasher.hash(&Secret::new("1234"), "bench").await?;
    for number in 0..users {
        let id = format!("user-{number:07}");
        let account = account(&id, number);
        statements.push(accounts::insert(&account));
        statements.push(enrollments::insert(&enrollment(&account, pin.clone())?));
        if statements.len() >= 1000 || number + 1 == users {
            manage::apply(&app, &by, About::default(), std::mem::take(&mut statements)).await?;
        }
    }
    let scopes = vec!["validate:check".to_owned(), "validate:trigger".to_owned()];
    let new = NewKey { name: "bench".to_owned(), scopes, ..NewKey::default() };
    Ok(manage::api_keys::add(&app, &by, new).await?.expose().to_owned())
}

fn account(id: &str, number: usize) -> Account {
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
        is_excepted: false,
        created_at: domain::time::Timestamp::default(),
    }
}

fn enrollment(account: &Account, pin: domain::enrollment::PinHash) -> anyhow::Result<StoredEnrollment> {
    let enrollment = Enrollment {
        serial: Serial::parse(&format!("PIEM{}", account.name.to_uppercase())).context("a serial")?,
        provider_id: 1,
        address: Some(MailAddress::parse(&account.email)?),
        is_address_dynamic: false,
        pin: Some(pin),
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

fn write_config(folder: &TempDir, http: SocketAddr, manage: SocketAddr) -> anyhow::Result<PathBuf> {
    let (path, file) = (folder.path().display(), folder.path().join("otpost.toml"));
    let text = format!(
        "[http]\nlisten = \"{http}\"\n[manage]\nlisten = \"{manage}\"\n[store]\nurl = \"sqlite:{path}/otpost.db\"\n\
         [keys]\nfile = \"{path}/otpost.key\"\n"
    );
    std::fs::write(&file, text)?;
    Ok(file)
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
