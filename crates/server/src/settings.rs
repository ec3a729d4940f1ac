//! What administrators have set, as one consistent picture in memory.
//!
//! Requests read the picture; it is drawn again when this node changes something, and within a
//! second when another process does.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::criteria::{Criteria, Explanation, Facts};
use domain::enrollment::MAX_FAILURES;
use domain::name::RealmName;
use domain::provider::{AttributeName, FirstFactor, Provider};
use domain::secret::Secret;
use domain::theme::{DEFAULT_THEME, Theme};
use domain::time::Timestamp;

use crate::api_key::ApiKey;
use crate::language::Language;
use crate::store::directories::StoredDirectory;
use crate::store::providers::StoredProvider;
use crate::store::realms::{Realm, Resolver};
use crate::store::relays::StoredRelay;
use crate::store::sites::Site;
use crate::store::themes::StoredTheme;
use crate::store::{Store, StoreError};

/// The picture.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which picture this is; a later change has a greater number.
    pub version: i64,
    /// Providers, in order of their number.
    pub providers: Vec<StoredProvider>,
    /// The same, as sign-ins and mails use them: their texts and rules may be long.
    in_use: Vec<Arc<Provider>>,
    /// Realms with their resolvers.
    pub realms: Vec<Realm>,
    /// Sources of users.
    pub resolvers: Vec<Resolver>,
    /// Directories that resolvers look people up in.
    pub directories: Vec<StoredDirectory>,
    /// Attributes of directories in which providers keep addresses that people have named.
    pub kept_attributes: Vec<&'static str>,
    /// Sites, in order of their number.
    pub sites: Vec<Site>,
    /// Mail relays, in order of fallback.
    pub relays: Vec<StoredRelay>,
    /// API keys, revoked ones too.
    pub api_keys: Vec<ApiKey>,
    /// The criteria of sites, for their providers that have none of their own.
    pub site_criteria: BTreeMap<i64, Criteria>,
    /// Themes, in order of their number.
    pub themes: Vec<StoredTheme>,
    /// Settings by name.
    pub values: BTreeMap<String, String>,
}

/// The current picture, shared.
#[derive(Clone)]
pub struct SettingsCell(Arc<RwLock<Arc<Settings>>>);

impl SettingsCell {
    /// Draws the first picture.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(Settings::load(store).await?)))))
    }

    /// The current picture.
    pub fn current(&self) -> Arc<Settings> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Draws the picture again if something has changed; answers whether it had.
    pub async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let before = self.current();
        if store.settings_version().await? == before.version {
            return Ok(false);
        }
        self.replace(&before, Settings::load(store).await?);
        Ok(true)
    }

    /// Puts up what was drawn while `before` was there. Of two that are drawn at once the later one stays, whichever
    /// is done first; after a restored database the later one has the smaller number.
    fn replace(&self, before: &Arc<Settings>, fresh: Settings) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&current, before) || fresh.version > current.version {
            *current = Arc::new(fresh);
        }
    }
}

impl Settings {
    /// Reads everything. The version is read first: a change in between only means drawing again.
    async fn load(store: &Store) -> Result<Self, StoreError> {
        let version = store.settings_version().await?;
        let values: BTreeMap<_, _> = store.list_settings().await?.into_iter().collect();
        let providers = store.list_providers().await?;
        Ok(Self {
            version,
            kept_attributes: kept_attributes(&providers),
            in_use: providers.iter().map(|stored| Arc::new(stored.provider.clone())).collect(),
            providers,
            realms: store.list_realms().await?,
            resolvers: store.list_resolvers().await?,
            directories: store.list_directories().await?,
            sites: store.list_sites().await?,
            relays: store.list_relays().await?,
            api_keys: store.list_api_keys().await?.into_iter().map(ApiKey::from).collect(),
            site_criteria: store.list_site_criteria().await?.into_iter().collect(),
            themes: store.list_themes().await?,
            values,
        })
    }

    /// The provider of that number, else the standard one.
    pub fn provider(&self, id: i64) -> Arc<Provider> {
        let found = self.in_use.iter().find(|provider| provider.id == id).or_else(|| self.in_use.first());
        found.map_or_else(|| Arc::new(Provider::standard()), Arc::clone)
    }

    /// The provider of that number with what is known about its row.
    pub fn find_provider(&self, id: i64) -> Option<&StoredProvider> {
        self.providers.iter().find(|stored| stored.provider.id == id)
    }

    /// Whether those facts call for a code at that provider, and why.
    pub fn explain(&self, provider: &Provider, facts: &Facts) -> Explanation {
        let none = Criteria::default();
        provider.explain(self.site_criteria.get(&provider.site_id).unwrap_or(&none), facts)
    }

    /// The provider that new enrollments use.
    pub fn default_provider(&self) -> Arc<Provider> {
        self.provider(Provider::STANDARD)
    }

    /// Every theme, without what is known about its row.
    pub fn all_themes(&self) -> impl Iterator<Item = &Theme> {
        self.themes.iter().map(|stored| &stored.theme)
    }

    /// The theme of that number with what is known about its row.
    pub fn find_theme(&self, id: i64) -> Option<&StoredTheme> {
        self.themes.iter().find(|stored| stored.theme.id == id)
    }

    /// The theme of that name, whether or not anybody may sign in there.
    pub fn theme(&self, name: &str) -> Option<&Theme> {
        self.all_themes().find(|theme| theme.name.as_str().eq_ignore_ascii_case(name))
    }

    /// The theme of that name, or the default one, if people may sign in there.
    pub fn entrance(&self, name: Option<&str>) -> Option<&Theme> {
        let found = match name {
            Some(name) => self.theme(name),
            None => self.find_theme(DEFAULT_THEME).map(|stored| &stored.theme),
        };
        found.filter(|theme| theme.open_with().is_some())
    }

    /// The realm of that name, or the default one where no name is given.
    pub fn realm(&self, name: Option<&RealmName>) -> Option<&Realm> {
        match name {
            Some(name) => self.realms.iter().find(|realm| realm.name == *name),
            None => self.default_realm(),
        }
    }

    /// The default realm; the only one, where there is just one.
    pub fn default_realm(&self) -> Option<&Realm> {
        let only = if let [only] = self.realms.as_slice() { Some(only) } else { None };
        self.realms.iter().find(|realm| realm.is_default).or(only)
    }

    /// What proves the first factor in a realm.
    pub fn first_factor(&self, realm: Option<&Realm>, provider: &Provider) -> FirstFactor {
        realm.and_then(|realm| realm.first_factor).unwrap_or(provider.first_factor)
    }

    /// Whether any rule asks for the groups of somebody; if not, nobody looks for them.
    pub fn has_rules_about_groups(&self) -> bool {
        let of_providers = self.providers.iter().map(|stored| &stored.provider.criteria);
        let mut criteria = of_providers.chain(self.site_criteria.values());
        criteria.any(|criteria| criteria.principals.is_enabled) || self.all_themes().any(|theme| theme.filters_members)
    }

    /// The key that this text is, if it may be used now and from there.
    pub fn find_api_key(&self, text: &Secret, now: Timestamp, from: Option<IpAddr>) -> Option<&ApiKey> {
        self.api_keys.iter().find(|key| key.admits(text, now, from))
    }

    /// How long after the last failure an enrollment's failures are forgotten; zero for never.
    pub fn clear_failures_after(&self) -> Duration {
        let minutes = self.number("failcounter_clear_timeout").unwrap_or(STANDARD_CLEAR_MINUTES);
        Duration::from_secs(minutes.saturating_mul(60))
    }

    /// How long a session at the REST interface may lie idle.
    pub fn session_idle(&self) -> Duration {
        Duration::from_secs(self.number("session.idle_minutes").unwrap_or(STANDARD_IDLE_MINUTES).saturating_mul(60))
    }

    /// The language of notices. Nobody's own is known, and whoever makes a change must not choose in which language
    /// somebody else hears of it.
    pub fn notice_language(&self) -> Language {
        self.values.get("notice.language").and_then(|tag| Language::parse(tag)).unwrap_or_default()
    }

    /// Failures in a row that lock a new enrollment.
    pub fn max_failures(&self) -> u32 {
        let wanted = self.number("DefaultMaxFailCount").and_then(|count| u32::try_from(count).ok());
        wanted.filter(|count| FAILURE_LIMITS.contains(count)).unwrap_or(MAX_FAILURES)
    }

    /// Whether a wrong PIN counts as a failure of the user's enrollments.
    pub fn counts_wrong_pins(&self) -> bool {
        self.flag("IncFailCountOnFalsePin", true)
    }

    /// Whether `user@realm` and `realm\user` are taken apart.
    pub fn splits_at_sign(&self) -> bool {
        self.flag("splitAtSign", true)
    }

    /// A setting that is a whole number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.values.get(name)?.trim().parse().ok()
    }

    /// A setting that is a truth value.
    pub fn flag(&self, name: &str, standard: bool) -> bool {
        self.values.get(name).map_or(standard, |value| is_true(value))
    }
}

fn kept_attributes(providers: &[StoredProvider]) -> Vec<&'static str> {
    let custom = |stored: &StoredProvider| stored.provider.custom_attribute.map(AttributeName::as_str);
    let mut names: Vec<_> = providers.iter().filter_map(custom).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How the privacyIDEA interface writes "yes".
pub fn is_true(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

/// How many failures in a row may be set to lock an enrollment.
pub const FAILURE_LIMITS: RangeInclusive<u32> = 1..=1000;

/// Minutes until an unused session of the REST interface ends, unless set otherwise.
const STANDARD_IDLE_MINUTES: u64 = 30;

/// Minutes until failures are forgotten, unless set otherwise: a lock-out ends by itself.
const STANDARD_CLEAR_MINUTES: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(version: i64) -> Settings {
        Settings {
            version,
            providers: Vec::new(),
            in_use: Vec::new(),
            realms: Vec::new(),
            resolvers: Vec::new(),
            directories: Vec::new(),
            kept_attributes: Vec::new(),
            sites: Vec::new(),
            relays: Vec::new(),
            api_keys: Vec::new(),
            site_criteria: BTreeMap::new(),
            themes: Vec::new(),
            values: BTreeMap::new(),
        }
    }

    #[test]
    fn of_two_pictures_drawn_at_once_the_later_one_stays() {
        let cell = SettingsCell(Arc::new(RwLock::new(Arc::new(picture(1)))));
        let before = cell.current();
        cell.replace(&before, picture(3));
        cell.replace(&before, picture(2));
        assert_eq!(cell.current().version, 3);
        // Nobody else has drawn since: the database was restored.
        cell.replace(&cell.current(), picture(1));
        assert_eq!(cell.current().version, 1);
    }
}
