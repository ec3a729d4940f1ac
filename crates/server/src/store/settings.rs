//! Settings by name, and the providers.

use domain::code::CodeLength;
use domain::provider::{Content, FirstFactor, Lifetime, Prompt, Provider, Subject};

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

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
        ],
    )
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
    })
}

const UPSERT: &str = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";

const SELECT_PROVIDERS: &str = "SELECT id, name, code_length, lifetime_seconds, subject, content, prompt, \
    concurrent_challenges, first_factor FROM provider ORDER BY id";

const UPSERT_PROVIDER: &str = "INSERT INTO provider (id, name, name_key, code_length, lifetime_seconds, subject, \
    content, prompt, concurrent_challenges, first_factor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
    ON CONFLICT (id) DO UPDATE SET name = ?2, name_key = ?3, code_length = ?4, lifetime_seconds = ?5, subject = ?6, \
    content = ?7, prompt = ?8, concurrent_challenges = ?9, first_factor = ?10";
