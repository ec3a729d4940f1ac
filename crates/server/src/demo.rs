//! The demonstration: the whole product on made-up data, on this machine alone.
//!
//! The same engine, the same database, a real SMTP conversation into a sink of its own. What is
//! made up lives in a folder that goes with the process.

mod people;
pub mod sink;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use domain::random::{self, NoRandomness};
use domain::secret::Secret;
use ipnet::IpNet;
use tempfile::TempDir;

use crate::app::App;
use crate::boot::{self, BootError};
use crate::config::{Config, ConfigErrors, MessageAuthenticator, RadiusClient, RadiusProfile, Source, StoreUrl};
use crate::manage::api_keys::NewKey;
use crate::manage::{self, By, ManageError};
use crate::os::OsRandom;
use crate::serve::{self, ListenError, Listeners};
use crate::stop::Stop;
use crate::store::migrate;
use crate::{delivery, keys, web};
use sink::Sink;

/// Where the demonstration listens.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Address of the pages and the API.
    pub listen: SocketAddr,
    /// Address of RADIUS.
    pub radius: SocketAddr,
}

/// A demonstration that is ready to run.
pub struct Demo {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where RADIUS listens.
    pub radius: SocketAddr,
    /// Secret of every RADIUS client, made for this run.
    pub radius_secret: Secret,
    /// Password of the administrator `admin`, made for this run.
    pub admin_password: Secret,
    /// A key for the API, made for this run.
    pub api_key: Secret,
    app: App,
    waiting: delivery::Waiting,
    listeners: Listeners,
    sink: Arc<Sink>,
    folder: TempDir,
}

/// Why the demonstration cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Parts could not be opened.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The standard configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The folder or the sink.
    #[error("cannot set up the demonstration: {0}")]
    Io(#[from] std::io::Error),
    /// An address is taken.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The made-up data.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Makes everything up and opens the listeners.
pub async fn prepare(options: Options) -> Result<Demo, DemoError> {
    let folder = tempfile::Builder::new().prefix("otpost-demo-").tempdir()?;
    let radius_secret = Secret::new(readable(SECRET_GROUPS)?);
    let config = configuration(&folder, options, &radius_secret)?;
    keys::create(&config.keys.file, &OsRandom).map_err(BootError::from)?;
    migrate::migrate(&config.store.url, 0).await.map_err(BootError::from)?;
    let (app, waiting) = boot::open(config, Some(BANNER)).await?;
    let listeners = Listeners::open(&app).await?;
    let sink = Arc::new(Sink::start(SocketAddr::from(([127, 0, 0, 1], 0)), KEPT_MAILS).await?);
    people::move_in(&app, sink.addr()).await?;
    let admin_password = Secret::new(readable(PASSWORD_GROUPS)?);
    let by = by("set-up");
    manage::admins::add(&app, &by, "admin", &admin_password).await?;
    let scopes = crate::api_key::SCOPES.iter().map(|scope| scope.as_str().to_owned()).collect();
    let new = NewKey { name: "demo".to_owned(), scopes, ..NewKey::default() };
    let api_key = manage::api_keys::add(&app, &by, new).await?;
    let listen = listeners.public_address()?;
    let radius = listeners.radius_addresses()?.first().copied().unwrap_or(options.radius);
    Ok(Demo { listen, radius, radius_secret, admin_password, api_key, app, waiting, listeners, sink, folder })
}

impl Demo {
    /// Runs until told to stop; then everything made up is gone.
    pub async fn run(self, stop: Stop) {
        let routes = serve::doors(&self.app, Some(web::demo::routes(Arc::clone(&self.sink))));
        serve::run(self.app, self.waiting, self.listeners, routes, stop).await;
        if let Err(error) = self.folder.close() {
            tracing::warn!(%error, "the folder of the demonstration stays behind");
        }
    }
}

fn configuration(folder: &TempDir, options: Options, radius_secret: &Secret) -> Result<Config, ConfigErrors> {
    // A host name, so that mails show the line that binds a code to its host.
    let public_url = ("OTPOST_HTTP__PUBLIC_URL".to_owned(), "http://localhost".to_owned());
    let mut config = Config::load(Source::Nowhere, std::iter::once(public_url))?;
    config.http.listen = options.listen;
    config.manage.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.keys.file = folder.path().join("otpost.key");
    config.store.url = StoreUrl::Sqlite(folder.path().join("otpost.db"));
    config.radius.listen = vec![options.radius];
    config.radius.clients = radius_client(options.radius, radius_secret).into_iter().collect();
    Ok(config)
}

/// This machine; everybody where the demonstration is shown around on purpose.
fn radius_client(listen: SocketAddr, secret: &Secret) -> Option<RadiusClient> {
    let bits = match listen.ip() {
        address if !address.is_loopback() => 0,
        IpAddr::V4(_) => 8,
        IpAddr::V6(_) => 128,
    };
    Some(RadiusClient {
        name: "demo".to_owned(),
        address: IpNet::new(listen.ip(), bits).ok()?.trunc(),
        secret: secret.clone(),
        certificate_name: None,
        require_message_authenticator: MessageAuthenticator::Yes,
        profile: RadiusProfile::default(),
    })
}

/// Groups of four letters: easy to type, 20 bits each.
fn readable(groups: usize) -> Result<String, NoRandomness> {
    let bytes: [u8; 32] = random::bytes(&OsRandom)?;
    let letters = bytes.iter().take(4 * groups).filter_map(|byte| LETTERS.chars().nth(usize::from(byte % 32)));
    let letters: Vec<char> = letters.collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn by(action: &str) -> By {
    By { actor: "demo".to_owned(), action: action.to_owned(), ..By::default() }
}

/// On every page and in every mail.
const BANNER: &str = "This is a demonstration: made-up people, made-up mailboxes, nothing leaves this machine.";
const KEPT_MAILS: usize = 500;
const PASSWORD_GROUPS: usize = 4;
const SECRET_GROUPS: usize = 6;
/// Thirty-two characters that nobody mistakes for one another.
const LETTERS: &str = "abcdefghijkmnpqrstuvwxyz23456789";
