//! Directories: who is it, is the password right, which groups, which address. Speaks LDAP to servers that
//! administrators name; nobody is let in because one of them is slow, gone or lies.

mod cache;
mod connection;
mod error;
mod groups;
mod identity;
mod listed;
mod password;
mod pool;
pub mod settings;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::name::UserName;
use domain::secret::Secret;
use domain::time::Timestamp;
use ldap_wire::filter::Filter;
use ldap_wire::request::{Scope, Search};

use self::cache::Cache;
use self::connection::Found;
use self::error::Fault;
use self::pool::{Account, Pool};
use self::settings::{IdAttribute, LdapSettings, Security};
use crate::keys::Keys;
use crate::settings::Settings;
use crate::store::directories::StoredDirectory;
use crate::telemetry::directory::DirectoryMetrics;
use crate::tls::peer::Trust;

pub use self::cache::Said;
pub use self::error::DirectoryError;
pub use self::groups::Group;
pub use self::listed::{Listed, NoAddress, Standing};
pub use self::password::Password;
pub use self::write::Written;

/// The directories in use, one for each resolver that is one. Cheap to clone.
#[derive(Clone, Default)]
pub struct Directories {
    open: Arc<Mutex<HashMap<String, Arc<Directory>>>>,
    metrics: DirectoryMetrics,
}

/// One directory with its connections.
pub struct Directory {
    stored: StoredDirectory,
    settings: LdapSettings,
    readers: Pool,
    /// Connections on which people are who they say they are, for one answer.
    binders: Pool,
    writers: Option<Pool>,
    cache: Cache,
    metrics: DirectoryMetrics,
}

/// People of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Those that it lists.
    pub people: Vec<Listed>,
    /// Whether there are more: as many as were wanted, or as its own limit lets it list.
    pub is_cut: bool,
}

/// How old an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Asked for now.
    Now,
    /// The same, or of the last half minute if the directory has taken a password of theirs since: the proof of
    /// this very sign-in.
    Proven,
    /// Of the last half minute.
    Recent,
}

impl Directories {
    /// None is open yet.
    pub fn new(metrics: DirectoryMetrics) -> Self {
        Self { open: Arc::default(), metrics }
    }

    /// The directory of a resolver, opened if its settings are new. Nothing if that resolver is none.
    pub fn find(
        &self,
        settings: &Settings,
        keys: &Keys,
        resolver: &str,
    ) -> Result<Option<Arc<Directory>>, DirectoryError> {
        let Some(stored) = settings.directories.iter().find(|stored| stored.resolver == resolver) else {
            return Ok(None);
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |directory: &&Arc<Directory>| {
            directory.stored == *stored && directory.settings.kept_attributes == settings.kept_attributes
        };
        if let Some(directory) = open.get(resolver).filter(is_same) {
            return Ok(Some(Arc::clone(directory)));
        }
        let directory = Arc::new(Directory::new(stored, keys, &settings.kept_attributes)?.counted_by(&self.metrics));
        open.insert(resolver.to_owned(), Arc::clone(&directory));
        Ok(Some(directory))
    }

    /// Closes connections that nobody has used for a while.
    pub async fn close_idle(&self) {
        let all: Vec<_> = self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for directory in all {
            for pool in [&directory.readers, &directory.binders].into_iter().chain(&directory.writers) {
                pool.close_idle().await;
            }
        }
    }
}

impl Directory {
    /// Opens nothing yet. Reads certificate files. `kept` are the attributes in which providers keep addresses.
    pub fn new(stored: &StoredDirectory, keys: &Keys, kept: &[&'static str]) -> Result<Self, DirectoryError> {
        let unusable = |what: String| DirectoryError::Unusable { resolver: stored.resolver.clone(), what };
        let mut settings = LdapSettings::parse(&stored.data).map_err(|wrong| {
            unusable(wrong.iter().map(|one| format!("{}: {}", one.name, one.reason)).collect::<Vec<_>>().join("; "))
        })?;
        settings.kept_attributes = kept.to_vec();
        let has_tls = settings.servers.iter().any(|server| server.security != Security::Plaintext);
        let trust = has_tls.then(|| Trust::new(settings.ca_file.as_deref())).transpose();
        let trust = trust.map_err(|error| unusable(error.to_string()))?;
        let account = |name: &str, sealed: &Option<Vec<u8>>, what: &str| {
            let Some(sealed) = sealed.as_ref().filter(|_| !name.is_empty()) else { return Ok(None) };
            let password = keys.open(&seal_place(&stored.resolver, what), sealed);
            let wrong = |_| unusable(format!("the stored {what} does not open with this key file; enter it again"));
            Ok(Some(Account { name: name.to_owned(), password: password.map_err(wrong)? }))
        };
        let pool = |account| Pool::new(settings.servers.clone(), account, trust.clone(), settings.timeout);
        let readers = pool(account(&settings.reader, &stored.sealed_password, READER)?);
        let writers =
            account(&settings.writer, &stored.sealed_write_password, WRITER)?.map(|writer| pool(Some(writer)));
        let binders = pool(None);
        let (cache, metrics) = (Cache::default(), DirectoryMetrics::default());
        Ok(Self { stored: stored.clone(), readers, binders, writers, cache, metrics, settings })
    }

    fn counted_by(self, metrics: &DirectoryMetrics) -> Self {
        Self { metrics: metrics.clone(), ..self }
    }

    /// Whose is the name that was typed?
    pub async fn find(&self, name: &UserName, freshness: Freshness, now: Timestamp) -> Result<Said, DirectoryError> {
        let (asked, bare) = (format!("name {}", name.canonical()), self.settings.bare_name(name.as_str()));
        self.find_by(&self.settings.filter_for_name(bare), &asked, freshness, now).await
    }

    /// Somebody by what never changes about them.
    pub async fn find_by_id(
        &self,
        id: &str,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Option<Listed>, DirectoryError> {
        let asked = format!("id {id}");
        match (self.settings.filter_for_id(id), &self.settings.id) {
            (Some(filter), _) => Ok(self.find_by(&filter, &asked, freshness, now).await?.listed()),
            (None, IdAttribute::Name) => {
                let base = Search { base: id, scope: Scope::Base, ..self.search_for(&self.settings.filter, 1) };
                let found = self.search(base).await?;
                Ok(found.entries.first().and_then(|entry| Listed::read(&self.settings, entry, now)))
            }
            (None, _) => Ok(None),
        }
    }

    /// Whether the password is that of the entry; without one it takes as long, and is wrong.
    pub async fn check_password(
        &self,
        listed: Option<&Listed>,
        password: &Secret,
        now: Timestamp,
    ) -> Result<Password, DirectoryError> {
        let text = password.expose();
        if text.is_empty() || text.contains('\0') {
            return Ok(Password::Wrong);
        }
        let nobody = format!("cn=nobody,{}", self.settings.base);
        let name = listed.map_or(nobody.as_str(), |listed| listed.dn.as_str());
        let bound = self.binders.perform(&password::Bind { name, password }).await;
        let checked = self.told("bind", bound)?;
        Ok(match listed {
            None => Password::Wrong,
            Some(listed) if listed.standing == Standing::Good => {
                if checked == Password::Right {
                    self.cache.note_proof(&listed.id, now);
                }
                checked
            }
            Some(barred) if checked == Password::Right => Password::Barred(barred.standing),
            Some(_) => checked,
        })
    }

    /// The groups of somebody, also those that hold their groups.
    pub async fn groups_of(
        &self,
        listed: &Listed,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Vec<Group>, DirectoryError> {
        if let Some(groups) = self.cache.find_groups(&listed.id, freshness, now) {
            return Ok(groups);
        }
        let of = groups::Of { settings: &self.settings, listed };
        let groups = self.told("groups", self.readers.perform(&of).await)?;
        self.cache.keep_groups(&listed.id, &groups, now);
        Ok(groups)
    }

    /// People whose names fit, so many at most. `*` in the pattern stands for any text.
    pub async fn list(&self, pattern: &str, most: u32, now: Timestamp) -> Result<Listing, DirectoryError> {
        let parts: Vec<Vec<u8>> = pattern.split('*').map(|part| part.as_bytes().to_vec()).collect();
        let attribute = self.settings.login_attributes.first().map_or("", String::as_str);
        let fits = match parts.as_slice() {
            [whole] => Filter::Equals(attribute.to_owned(), whole.clone()),
            several if several.iter().all(Vec::is_empty) => Filter::Present(attribute.to_owned()),
            _ => Filter::Substrings(attribute.to_owned(), parts),
        };
        let filter = Filter::And(vec![self.settings.filter.clone(), fits]);
        let Found { entries, is_cut } = self.search(self.search_for(&filter, most)).await?;
        let people = entries.iter().filter_map(|entry| Listed::read(&self.settings, entry, now)).collect();
        Ok(Listing { people, is_cut })
    }

    /// Whether the entry below which people are is there, as far as we may see.
    pub async fn has_base(&self) -> Result<bool, DirectoryError> {
        let everything = Filter::Present("objectClass".to_owned());
        let base = Search { scope: Scope::Base, ..self.search_for(&everything, 1) };
        Ok(!self.search(base).await?.entries.is_empty())
    }

    /// What was set.
    pub fn settings(&self) -> &LdapSettings {
        &self.settings
    }

    async fn find_by(
        &self,
        filter: &Filter,
        asked: &str,
        freshness: Freshness,
        now: Timestamp,
    ) -> Result<Said, DirectoryError> {
        if let Some(said) = self.cache.find(asked, freshness, now) {
            return Ok(said);
        }
        let found = self.search(self.search_for(filter, 2)).await?;
        let said = match found.entries.as_slice() {
            [] if !found.is_cut => Said::Nobody,
            [entry] if !found.is_cut => {
                let somebody = |listed| Said::Somebody(Box::new(listed));
                Listed::read(&self.settings, entry, now).map_or(Said::Unclear, somebody)
            }
            _ => {
                tracing::error!(resolver = self.stored.resolver, "{}", DirectoryError::AMBIGUOUS);
                Said::Unclear
            }
        };
        self.cache.keep(asked, &said, now);
        Ok(said)
    }

    fn search_for<'a>(&'a self, filter: &'a Filter, most: u32) -> Search<'a> {
        let LdapSettings { base, scope, timeout, .. } = &self.settings;
        let seconds = u32::try_from(timeout.as_secs()).unwrap_or(1);
        Search { base, scope: *scope, most, seconds, filter, attributes: &[] }
    }

    async fn search(&self, search: Search<'_>) -> Result<Found, DirectoryError> {
        let attributes = Listed::attributes(&self.settings);
        let search = Search { attributes: &attributes, ..search };
        self.told("search", self.readers.perform(&search).await)
    }

    /// Counts what came of an operation, and names the directory in a fault.
    fn told<T>(&self, operation: &'static str, done: Result<T, Fault>) -> Result<T, DirectoryError> {
        self.metrics.count(&self.stored.resolver, operation, done).map_err(|fault| fault.at(&self.stored.resolver))
    }
}

/// Where a directory's passwords are sealed for; elsewhere they do not open.
pub fn seal_place(resolver: &str, what: &str) -> String {
    format!("directory/{resolver}/{what}")
}

/// The password of [`LdapSettings::reader`].
pub const READER: &str = "BINDPW";
/// The password of [`LdapSettings::writer`].
pub const WRITER: &str = "WRITEPW";
