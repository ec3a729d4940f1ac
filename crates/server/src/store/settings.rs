//! Settings by name, and the providers.

use domain::code::CodeLength;
use domain::decide::ExternalAddress;
use domain::provider::{
    Content, DisplayName, FirstFactor, Lifetime, Prompt, Provider, ShowInformation, Subject, UserEnrollment,
};
use domain::time::Timestamp;

use super::sql::{Row, Statement, values};
use super::{Store, StoreError, criteria};

impl Store {
    /// All settings, in order of name.
    pub async fn list_settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        let read = |row: &mut Row| Ok((row.take()?, row.take()?));
        self.select("setting", "SELECT name, value FROM setting ORDER BY name", &[], read).await
    }

    /// All providers, in order of their number.
    pub async fn list_providers(&self) -> Result<Vec<Provider>, StoreError> {
        self.select("provider", SELECT_PROVIDERS, &[], read_provider).await
    }
}

/// Sets a setting.
pub fn save(name: &str, value: &str) -> Statement {
    Statement::new(UPSERT, values![name, value])
}

/// Removes a setting.
pub fn delete(name: &str) -> Statement {
    Statement::must_hit("DELETE FROM setting WHERE name = ?1", values![name])
}

/// Adds a provider, or writes it back.
pub fn save_provider(provider: &Provider) -> Statement {
    Statement::new(
        UPSERT_PROVIDER,
        values![
            provider.id,
            provider.name.as_str(),
            provider.name.to_lowercase(),
            provider.code_length.digits(),
            i64::try_from(provider.lifetime.seconds()).unwrap_or_default(),
            provider.subject.as_str(),
            provider.content.as_str(),
            provider.prompt.as_str(),
            provider.concurrent_challenges,
            provider.first_factor.as_str(),
            provider.display_name.as_str(),
            provider.is_enabled,
            provider.user_enrollment.as_str(),
            enroll_until(provider),
            provider.show_information.as_str(),
            provider.external_address == ExternalAddress::Allowed,
            provider.inherits_criteria,
            criteria::to_json(&provider.criteria),
        ],
    )
}

fn enroll_until(provider: &Provider) -> Option<i64> {
    if let UserEnrollment::AllowUntil(until) = provider.user_enrollment { Some(until.millis()) } else { None }
}

fn read_provider(row: &mut Row) -> Result<Provider, StoreError> {
    Ok(Provider {
        id: row.take()?,
        name: row.take()?,
        code_length: row.take_as(|digits| CodeLength::from_digits(digits).ok())?,
        lifetime: row.take_as(|seconds| Lifetime::from_seconds(seconds).ok())?,
        subject: row.take_as(|text: String| Subject::parse(&text).ok())?,
        content: row.take_as(|text: String| Content::parse(&text).ok())?,
        prompt: row.take_as(|text: String| Prompt::parse(&text).ok())?,
        concurrent_challenges: row.take()?,
        first_factor: row.take_as(|name: String| FirstFactor::parse(&name))?,
        display_name: row.take_as(|text: String| DisplayName::parse(&text).ok())?,
        is_enabled: row.take()?,
        user_enrollment: {
            let until = row.take::<Option<i64>>()?.map(Timestamp::from_millis);
            row.take_as(|name: String| UserEnrollment::parse(&name, until))?
        },
        show_information: row.take_as(|name: String| ShowInformation::parse(&name))?,
        external_address: if row.take()? { ExternalAddress::Allowed } else { ExternalAddress::Forbidden },
        inherits_criteria: row.take()?,
        criteria: row.take_as(|text: String| criteria::from_json(&text))?,
    })
}

const UPSERT: &str = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";

const SELECT_PROVIDERS: &str = "SELECT id, name, code_length, lifetime_seconds, subject, content, prompt, \
    concurrent_challenges, first_factor, display_name, is_enabled, enroll_until, user_enrollment, show_information, \
    allow_external_email, inherits_criteria, criteria FROM provider ORDER BY id";

const UPSERT_PROVIDER: &str = "INSERT INTO provider (id, name, name_key, code_length, lifetime_seconds, subject, \
    content, prompt, concurrent_challenges, first_factor, display_name, is_enabled, user_enrollment, enroll_until, \
    show_information, allow_external_email, inherits_criteria, criteria) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
    ON CONFLICT (id) DO UPDATE SET name = ?2, name_key = ?3, code_length = ?4, lifetime_seconds = ?5, subject = ?6, \
    content = ?7, prompt = ?8, concurrent_challenges = ?9, first_factor = ?10, display_name = ?11, is_enabled = ?12, \
    user_enrollment = ?13, enroll_until = ?14, show_information = ?15, allow_external_email = ?16, \
    inherits_criteria = ?17, criteria = ?18";
