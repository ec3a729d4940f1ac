//! The parts of the running product, handed to every door. No logic.

use std::ops::Deref;
use std::sync::Arc;

use domain::random::Random;
use domain::time::{Clock, Timestamp};

use crate::config::Config;
use crate::delivery::{Mailer, Outbox};
use crate::directory::Directories;
use crate::hash::Hasher;
use crate::keys::Keys;
use crate::settings::{Settings, SettingsCell};
use crate::store::Store;
use crate::telemetry::Metrics;

/// Everything a use case may need. A request clones it a dozen times on its way, so it is one pointer.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What there is one of in a process.
pub struct Parts {
    /// The configuration, checked.
    pub config: Config,
    /// The open database.
    pub store: Store,
    /// What administrators have set.
    pub settings: SettingsCell,
    /// The keys.
    pub keys: Keys,
    /// The pool that hashes PINs and passwords of users.
    pub hasher: Hasher,
    /// The pool that hashes passwords of administrators, so that neither pool starves the other.
    pub admin_hasher: Hasher,
    /// Where mails go after the commit.
    pub outbox: Outbox,
    /// The relays in use.
    pub mailer: Mailer,
    /// The directories in use.
    pub directories: Directories,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// Counters and histograms.
    pub metrics: Metrics,
    /// A line that every page and mail of a demonstration shows.
    pub banner: Option<&'static str>,
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Parts {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The current picture of the settings.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.current()
    }
}
