//! The demonstration: the whole product on made-up data, on this machine alone.
//!
//! The same engine, the same database, a real SMTP conversation into a sink of its own. What is
//! made up lives in a folder that goes with the process.

mod people;
pub mod sink;

use std::net::SocketAddr;
use std::sync::Arc;

use domain::random::{self, NoRandomness};
use domain::secret::Secret;
use tempfile::TempDir;

use crate::app::App;
use crate::boot::{self, BootError};
use crate::config::{Config, ConfigErrors, StoreUrl};
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
}

/// A demonstration that is ready to run.
pub struct Demo {
    /// Where it listens.
    pub listen: SocketAddr,
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
    let config = configuration(&folder, options)?;
    keys::create(&config.keys.file, &OsRandom).map_err(BootError::from)?;
    migrate::migrate(&config.store.url, 0).await.map_err(BootError::from)?;
    let (app, waiting) = boot::open(config, Some(BANNER)).await?;
    let listeners = Listeners::open(&app).await?;
    let sink = Arc::new(Sink::start(SocketAddr::from(([127, 0, 0, 1], 0)), KEPT_MAILS).await?);
    people::move_in(&app, sink.addr()).await?;
    let admin_password = Secret::new(readable(&app)?);
    let by = by("set-up");
    manage::admins::add(&app, &by, "admin", &admin_password).await?;
    let scopes = crate::api_key::SCOPES.iter().map(|scope| scope.as_str().to_owned()).collect();
    let new = NewKey { name: "demo".to_owned(), scopes, ..NewKey::default() };
    let api_key = manage::api_keys::add(&app, &by, new).await?;
    let listen = listeners.public_address()?;
    Ok(Demo { listen, admin_password, api_key, app, waiting, listeners, sink, folder })
}

impl Demo {
    /// Runs until told to stop; then everything made up is gone.
    pub async fn run(self, stop: Stop) {
        let routes = serve::doors(&self.app, Some(web::routes().merge(web::demo::routes(Arc::clone(&self.sink)))));
        serve::run(self.app, self.waiting, self.listeners, routes, stop).await;
        if let Err(error) = self.folder.close() {
            tracing::warn!(%error, "the folder of the demonstration stays behind");
        }
    }
}

fn configuration(folder: &TempDir, options: Options) -> Result<Config, ConfigErrors> {
    // A host name, so that mails show the line that binds a code to its host.
    let public_url = ("OTPOST_HTTP__PUBLIC_URL".to_owned(), "http://localhost".to_owned());
    let mut config = Config::load(None, false, std::iter::once(public_url))?;
    config.http.listen = options.listen;
    config.manage.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.keys.file = folder.path().join("otpost.key");
    config.store.url = StoreUrl::Sqlite(folder.path().join("otpost.db"));
    Ok(config)
}

/// Four groups of four: easy to type, 80 bits.
fn readable(app: &App) -> Result<String, NoRandomness> {
    let bytes: [u8; 16] = random::bytes(&*app.random)?;
    let letters: Vec<char> = bytes.iter().filter_map(|byte| LETTERS.chars().nth(usize::from(byte % 32))).collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn by(action: &str) -> By {
    By { actor: "demo".to_owned(), action: action.to_owned(), ..By::default() }
}

/// On every page and in every mail.
const BANNER: &str = "This is a demonstration: made-up people, made-up mailboxes, nothing leaves this machine.";
const KEPT_MAILS: usize = 500;
/// Thirty-two characters that nobody mistakes for one another.
const LETTERS: &str = "abcdefghijkmnpqrstuvwxyz23456789";
