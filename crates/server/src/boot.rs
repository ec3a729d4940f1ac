//! From a checked configuration to the parts of the product: keys, database, pools.

use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::provider::Provider;
use domain::random::Random;
use domain::secret::Secret;
use domain::theme::Theme;
use domain::time::{Clock, Timestamp};

use crate::app::{App, Parts};
use crate::config::Config;
use crate::delivery::{Mailer, Outbox, Waiting};
use crate::directory::Directories;
use crate::hash::Hasher;
use crate::keys::{KeyError, Keys};
use crate::manage::{self, By, ManageError};
use crate::os::{OsRandom, SystemClock};
use crate::settings::SettingsCell;
use crate::store::providers::{self, StoredProvider};
use crate::store::themes::{self, StoredTheme};
use crate::store::{Store, StoreError, instance, migrate};
use crate::telemetry::sightings::Sightings;
use crate::telemetry::{Chain, Metrics};

/// Why the product cannot start, in words for whoever starts it.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A first setting could not be written.
    #[error(transparent)]
    Manage(#[from] ManageError),
    /// The key file belongs to another database.
    #[error("the key file {0} does not belong to this database: what was sealed with its key does not open")]
    WrongKey(String),
    /// Threads could not be started.
    #[error("cannot start threads: {0}")]
    Threads(#[from] std::io::Error),
}

/// Opens everything that does not listen. The second part goes to the delivery workers.
pub async fn open(config: Config, banner: Option<&'static str>) -> Result<(App, Waiting), BootError> {
    let mut system = None;
    let clock = |floor| Arc::clone(system.insert(Arc::new(SystemClock::new(floor)))) as Arc<dyn Clock>;
    let (app, waiting) = assemble(config, banner, clock, Arc::new(OsRandom)).await?;
    if let Some(clock) = system {
        follow(&app.store, &clock).await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the clock, and nothing is lost when it is cut off"
        )]
        tokio::spawn(keep_following(app.store.clone(), Arc::downgrade(&clock)));
    }
    Ok((app, waiting))
}

/// Sets the clock by the database server, if there is one. Answers whether there is.
async fn follow(store: &Store, clock: &SystemClock) -> Result<bool, StoreError> {
    let asked = clock.own();
    let Some(theirs) = store.server_time().await? else { return Ok(false) };
    // The answer was on its way for half of the time that it took.
    clock.follow(theirs, asked + clock.own().since(asked) / 2);
    Ok(true)
}

/// Again and again, as long as somebody uses the clock.
async fn keep_following(store: Store, clock: Weak<SystemClock>) {
    loop {
        tokio::time::sleep(FOLLOW).await;
        let Some(clock) = clock.upgrade() else { return };
        match follow(&store, &clock).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::debug!(error = %Chain(&error), "the time of the database server is not known now"),
        }
    }
}

/// The same with another source of time and chance. The clock must show at least the instant
/// it is given.
pub async fn assemble(
    config: Config,
    banner: Option<&'static str>,
    clock: impl FnOnce(Timestamp) -> Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<(App, Waiting), BootError> {
    let keys = Keys::load(&config.keys.file)?;
    migrate::check(&config.store.url).await?;
    let store = Store::open(&config.store.url, config.store.queue).await?;
    let clock = clock(store.last_seen().await?);
    let (outbox, waiting) = Outbox::new();
    let metrics = Metrics::default();
    let app = App::from(Parts {
        settings: SettingsCell::load(&store).await?,
        hasher: Hasher::start(&keys, config.hash.workers, config.hash.queue)?,
        admin_hasher: Hasher::start(&keys, 1, 4)?,
        keys,
        outbox,
        mailer: Mailer::default(),
        directories: Directories::new(metrics.directory.clone()),
        clock,
        random,
        metrics,
        sightings: Sightings::default(),
        banner,
        store,
        config,
    });
    check_key(&app).await?;
    Ok((app, waiting))
}

/// A sealed constant tells whether the key file and the database belong together. A new database
/// is married to the first key it sees, and gets the standard provider and the default theme.
async fn check_key(app: &App) -> Result<(), BootError> {
    let place = "instance/key-check";
    if let Some(sealed) = app.store.find_key_check().await? {
        let opens = app.keys.open(place, &sealed).is_ok();
        let file = app.config.keys.file.display().to_string();
        return if opens { Ok(()) } else { Err(BootError::WrongKey(file)) };
    }
    let sealed = app.keys.seal(place, &Secret::new("otpost"), &*app.random).map_err(ManageError::from)?;
    let by = By { actor: "otpost".to_owned(), action: "first start".to_owned(), ..By::default() };
    let standard = StoredProvider::new(Provider::standard(), &by.actor, app.now());
    let entrance = StoredTheme::new(Theme::standard(), &by.actor, app.now());
    let statements =
        vec![instance::save_key_check(sealed), providers::insert_first(&standard), themes::insert(&entrance)];
    Ok(manage::apply(app, &by, manage::About::default(), statements).await?)
}

/// Between two looks at the clock of the database server.
const FOLLOW: Duration = Duration::from_secs(2);
