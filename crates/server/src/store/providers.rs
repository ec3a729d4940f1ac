//! Providers as they are stored: the settings, who made and changed them, and which change it is.

use domain::code::CodeLength;
use domain::decide::ExternalAddress;
use domain::provider::{
    AttributeName, Content, Description, DisplayName, EnrollmentMode, ExternalStorage, FirstFactor, Lifetime, Prompt,
    Provider, ProviderName, ShowInformation, Subject, UserEnrollment,
};
use domain::time::Timestamp;

use super::admins::{Trace, read_trace};
use super::sql::{Row, Statement, Value, values};
use super::{Store, StoreError, counters, criteria, notices};

/// A provider as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProvider {
    /// Its settings.
    pub provider: Provider,
    /// Who made it, who changed it last, and which state of it this is.
    pub trace: Trace,
}

/// What hangs on a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderUse {
    /// Users that it is to serve.
    pub accounts: i64,
    /// Enrollments.
    pub enrollments: i64,
    /// Open challenges of those.
    pub challenges: i64,
}

impl StoredProvider {
    /// A provider that somebody makes now.
    pub fn new(provider: Provider, by: &str, now: Timestamp) -> Self {
        Self { provider, trace: Trace::new(by, now) }
    }

    /// The same with settings that somebody changes now.
    #[must_use]
    pub fn changed(&self, provider: Provider, by: &str, now: Timestamp) -> Self {
        Self { provider, trace: self.trace.changed(by, now) }
    }
}

impl Store {
    /// All providers, in order of their number.
    pub async fn list_providers(&self) -> Result<Vec<StoredProvider>, StoreError> {
        self.select("provider", SELECT, &[], read_provider).await
    }

    /// The provider of that number.
    pub async fn find_provider(&self, id: i64) -> Result<Option<StoredProvider>, StoreError> {
        self.select_one("provider", SELECT_BY_ID, &values![id], read_provider).await
    }

    /// The provider of that name in a site; letter case does not matter.
    pub async fn find_provider_named(
        &self,
        site_id: i64,
        name: &ProviderName,
    ) -> Result<Option<StoredProvider>, StoreError> {
        self.select_one("provider", SELECT_BY_NAME, &values![site_id, name.key()], read_provider).await
    }

    /// What hangs on a provider.
    pub async fn count_provider_use(&self, id: i64) -> Result<ProviderUse, StoreError> {
        let read = |row: &mut Row| {
            Ok(ProviderUse { accounts: row.take()?, enrollments: row.take()?, challenges: row.take()? })
        };
        let none = ProviderUse { accounts: 0, enrollments: 0, challenges: 0 };
        Ok(self.select_one("provider", COUNT_USE, &values![id], read).await?.unwrap_or(none))
    }
}

/// Adds a provider under its own number, unless there is one: the first, before numbers are given.
pub fn insert_first(stored: &StoredProvider) -> Statement {
    Statement::new(INSERT_FIRST, parameters(stored))
}

/// Adds a provider under the next number, which no other ever had.
pub fn insert(stored: &StoredProvider) -> [Statement; 2] {
    let mut params = parameters(stored);
    params.remove(0);
    // The row of the counter is held until the commit: two who add at once come one after the other.
    [counters::next(counters::PROVIDER), Statement::must_hit(INSERT, params)]
}

/// Writes a changed provider back, if nobody else has changed it since; otherwise [`StoreError::Stale`].
pub fn update(stored: &StoredProvider) -> Statement {
    Statement::must_be_current(UPDATE, parameters(stored))
}

/// Removes a provider with its enrollments and calls off their challenges. While something else
/// refers to it, [`StoreError::Taken`].
pub fn delete(id: i64, at: Timestamp) -> [Statement; 4] {
    let [cancel, leave, unenroll] = unenroll_all(id, at);
    [cancel, leave, unenroll, Statement::must_hit("DELETE FROM provider WHERE id = ?1", values![id])]
}

/// Removes all enrollments of a provider, calls off their challenges and remembers their addresses.
pub fn unenroll_all(id: i64, at: Timestamp) -> [Statement; 3] {
    let unenroll = Statement::new("DELETE FROM enrollment WHERE provider_id = ?1", values![id]);
    [Statement::new(CANCEL_ALL, values![id]), notices::leave_all(id, at), unenroll]
}

fn parameters(stored: &StoredProvider) -> Vec<Value> {
    let StoredProvider { provider, trace } = stored;
    Vec::from(values![
        provider.id,
        provider.site_id,
        provider.name.as_str(),
        provider.name.key(),
        provider.description.as_str(),
        provider.display_name.as_str(),
        provider.is_enabled,
        provider.code_length.digits(),
        i64::try_from(provider.lifetime.seconds()).unwrap_or_default(),
        provider.subject.as_str(),
        provider.content.as_str(),
        provider.prompt.as_str(),
        provider.concurrent_challenges,
        provider.first_factor.as_str(),
        provider.until().map(Timestamp::millis),
        provider.user_enrollment.as_str(),
        provider.show_information.as_str(),
        provider.external_address == ExternalAddress::Allowed,
        provider.external_storage.as_str(),
        provider.custom_attribute.map_or("", AttributeName::as_str),
        provider.inherits_criteria,
        criteria::to_json(&provider.criteria),
        trace.created_by.as_str(),
        trace.created_at.millis(),
        trace.changed_by.as_str(),
        trace.changed_at.millis(),
        trace.version,
    ])
}

fn read_provider(row: &mut Row) -> Result<StoredProvider, StoreError> {
    Ok(StoredProvider { trace: read_trace(row)?, provider: read_settings(row)? })
}

fn read_settings(row: &mut Row) -> Result<Provider, StoreError> {
    let until = row.take::<Option<i64>>()?.map(Timestamp::from_millis);
    let user_enrollment = row.take_as(|name: String| UserEnrollment::parse(&name, until))?;
    Ok(Provider {
        user_enrollment,
        kept_until: until.filter(|_| user_enrollment.mode() != EnrollmentMode::AllowUntil),
        id: row.take()?,
        site_id: row.take()?,
        name: row.take_as(|text: String| ProviderName::parse(&text).ok())?,
        description: row.take_as(|text: String| Description::parse(&text).ok())?,
        display_name: row.take_as(|text: String| DisplayName::parse(&text).ok())?,
        is_enabled: row.take()?,
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        lifetime: row.take_as(|seconds| Lifetime::from_seconds(seconds).ok())?,
        subject: row.take_as(|text: String| Subject::parse(&text).ok())?,
        content: row.take_as(|text: String| Content::parse(&text).ok())?,
        prompt: row.take_as(|text: String| Prompt::parse(&text).ok())?,
        concurrent_challenges: row.take()?,
        first_factor: row.take_as(|name: String| FirstFactor::parse(&name))?,
        show_information: row.take_as(|name: String| ShowInformation::parse(&name))?,
        external_address: if row.take()? { ExternalAddress::Allowed } else { ExternalAddress::Forbidden },
        external_storage: row.take_as(|name: String| ExternalStorage::parse(&name))?,
        custom_attribute: row.take_as(|name: String| match name.as_str() {
            "" => Some(None),
            name => AttributeName::parse(name).ok().map(Some),
        })?,
        inherits_criteria: row.take()?,
        criteria: row.take_as(|text: String| criteria::from_json(&text))?,
    })
}

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT created_by, created_at, changed_by, changed_at, version, enroll_until, user_enrollment, id, \
             site_id, name, description, display_name, is_enabled, code_length, lifetime_seconds, subject, content, \
             prompt, concurrent_challenges, first_factor, show_information, allow_external_email, external_storage, \
             custom_attribute, inherits_criteria, criteria FROM provider ",
            $tail
        )
    };
}

const SELECT: &str = select!("ORDER BY id");

const SELECT_BY_ID: &str = select!("WHERE id = ?1");

const SELECT_BY_NAME: &str = select!("WHERE site_id = ?1 AND name_key = ?2");

const COUNT_USE: &str = "SELECT (SELECT COUNT(*) FROM account WHERE provider_id = ?1), \
    (SELECT COUNT(*) FROM enrollment WHERE provider_id = ?1), \
    (SELECT COUNT(*) FROM challenge WHERE state = 'open' \
        AND serial IN (SELECT serial FROM enrollment WHERE provider_id = ?1))";

macro_rules! insert {
    ($values:literal) => {
        concat!(
            "INSERT INTO provider (id, site_id, name, name_key, description, display_name, is_enabled, code_length, \
             lifetime_seconds, subject, content, prompt, concurrent_challenges, first_factor, enroll_until, \
             user_enrollment, show_information, allow_external_email, external_storage, custom_attribute, \
             inherits_criteria, criteria, created_by, created_at, changed_by, changed_at, version) ",
            $values
        )
    };
}

const INSERT_FIRST: &str = insert!(
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
     ?23, ?24, ?25, ?26, ?27) ON CONFLICT (id) DO NOTHING"
);

const INSERT: &str = insert!(
    "SELECT last, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
     ?22, ?23, ?24, ?25, ?26 FROM counter WHERE name = 'provider'"
);

const UPDATE: &str = "UPDATE provider SET site_id = ?2, name = ?3, name_key = ?4, description = ?5, display_name = ?6, \
    is_enabled = ?7, code_length = ?8, lifetime_seconds = ?9, subject = ?10, content = ?11, prompt = ?12, \
    concurrent_challenges = ?13, first_factor = ?14, enroll_until = ?15, user_enrollment = ?16, \
    show_information = ?17, allow_external_email = ?18, external_storage = ?19, custom_attribute = ?20, \
    inherits_criteria = ?21, criteria = ?22, created_by = ?23, created_at = ?24, changed_by = ?25, changed_at = ?26, \
    version = ?27 + 1 WHERE id = ?1 AND version = ?27";

const CANCEL_ALL: &str = "UPDATE challenge SET state = 'cancelled' WHERE state = 'open' \
    AND serial IN (SELECT serial FROM enrollment WHERE provider_id = ?1)";
