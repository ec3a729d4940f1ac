//! The parts of the running product, handed to every door. No logic.

use std::sync::Arc;

use domain::random::Random;
use domain::time::{Clock, Timestamp};

use crate::config::Config;
use crate::delivery::{Mailer, Outbox};
use crate::hash::Hasher;
use crate::keys::Keys;
use crate::settings::{Settings, SettingsCell};
use crate::store::Store;
use crate::telemetry::Metrics;

/// Everything a use case may need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The configuration, checked.
    pub config: Arc<Config>,
    /// The open database.
    pub store: Store,
    /// What administrators have set.
    pub settings: SettingsCell,
    /// The keys.
    pub keys: Arc<Keys>,
    /// The pool that hashes PINs and passwords of users.
    pub hasher: Hasher,
    /// The pool that hashes passwords of administrators, so that neither pool starves the other.
    pub admin_hasher: Hasher,
    /// Where mails go after the commit.
    pub outbox: Outbox,
    /// The relays in use.
    pub mailer: Mailer,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// Counters and histograms.
    pub metrics: Arc<Metrics>,
    /// A line that every page and mail of a demonstration shows.
    pub banner: Option<&'static str>,
}

impl App {
    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The current picture of the settings.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.current()
    }
}
