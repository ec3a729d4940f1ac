//! The settings that mean something: their ranges, and what of a provider they set.

use domain::code::CodeLength;
use domain::provider::{Content, FirstFactor, InvalidProvider, Lifetime, Prompt, Provider, Subject};

use super::text;
use crate::language::Language;
use crate::manage::ManageError;
use crate::manage::wording::{number, one_line, refused, truth};

/// A name with its spelling put right, where it is one of ours.
pub(in crate::manage) fn canonical(name: &str) -> String {
    let ours = KEYS.into_iter().chain(super::legacy::KEYS).find(|key| key.eq_ignore_ascii_case(name));
    ours.unwrap_or(name).to_owned()
}

/// Holds a value to its range and puts it into the provider, where it belongs there. Answers the
/// text to store. `label` is what the caller calls the setting.
pub(in crate::manage) fn set(
    key: &str,
    label: &str,
    value: &str,
    provider: &mut Provider,
) -> Result<String, ManageError> {
    match key {
        "DefaultMaxFailCount" => return number(label, value, 1..=1000).map(|count| count.to_string()),
        "DefaultOtpLen" => {
            let digits = number(label, value, 4..=20)?;
            provider.code_length = CodeLength::from_digits(digits).map_err(|error| invalid(label, &error))?;
            return Ok(digits.to_string());
        }
        "IncFailCountOnFalsePin" | "splitAtSign" => drop(truth(label, value)?),
        "email.concurrent_challenges" => provider.concurrent_challenges = truth(label, value)?,
        "email.validtime" => {
            let seconds = number(label, value, 30..=240)?;
            provider.lifetime = Lifetime::from_seconds(seconds).map_err(|error| invalid(label, &error))?;
            return Ok(seconds.to_string());
        }
        "session.idle_minutes" => return number(label, value, 1..=480).map(|minutes| minutes.to_string()),
        "failcounter_clear_timeout" => return number(label, value, 0..=100_000).map(|minutes| minutes.to_string()),
        "notice.language" => return language(label, value),
        "otppin" => provider.first_factor = first_factor(label, value)?,
        "email.challenge_text" | "email.subject" | "email.text" => return set_text(key, label, value, provider),
        _ => {}
    }
    Ok(value.trim().to_owned())
}

/// Puts what a setting sets back to its standard.
pub(in crate::manage) fn reset(key: &str, provider: &mut Provider) {
    let standard = Provider::standard();
    match key {
        "DefaultOtpLen" => provider.code_length = standard.code_length,
        "email.challenge_text" => provider.prompt = standard.prompt,
        "email.concurrent_challenges" => provider.concurrent_challenges = standard.concurrent_challenges,
        "email.subject" => provider.subject = standard.subject,
        "email.text" => provider.content = standard.content,
        "email.validtime" => provider.lifetime = standard.lifetime,
        "otppin" => provider.first_factor = standard.first_factor,
        _ => {}
    }
}

/// Whether a value of this name is held to a range.
pub(super) fn is_known(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Reads what proves the first factor.
pub(in crate::manage) fn first_factor(label: &str, value: &str) -> Result<FirstFactor, ManageError> {
    FirstFactor::parse(value.trim()).ok_or_else(|| refused(label, "tokenpin, userstore or none is allowed", value))
}

fn language(label: &str, value: &str) -> Result<String, ManageError> {
    let known = Language::parse(value).map(|language| language.tag().to_owned());
    known.ok_or_else(|| refused(label, "de, en, es or fr is allowed", value))
}

fn set_text(key: &str, label: &str, value: &str, provider: &mut Provider) -> Result<String, ManageError> {
    let translated = text::translate(label, value)?;
    let refuse = |error: InvalidProvider| invalid(label, &error);
    match key {
        "email.subject" => {
            one_line(label, &translated, usize::MAX)?;
            provider.subject = Subject::parse(&translated).map_err(refuse)?;
        }
        "email.text" => provider.content = Content::parse(&translated).map_err(refuse)?,
        _ => {
            one_line(label, &translated, usize::MAX)?;
            text::check_prompt(label, &translated)?;
            provider.prompt = Prompt::parse(&translated).map_err(refuse)?;
        }
    }
    Ok(translated)
}

fn invalid(label: &str, error: &InvalidProvider) -> ManageError {
    ManageError::Invalid(format!("{label}: {error}"))
}

const KEYS: [&str; 13] = [
    "DefaultMaxFailCount",
    "DefaultOtpLen",
    "IncFailCountOnFalsePin",
    "email.challenge_text",
    "email.concurrent_challenges",
    "email.subject",
    "email.text",
    "email.validtime",
    "failcounter_clear_timeout",
    "notice.language",
    "otppin",
    "session.idle_minutes",
    "splitAtSign",
];
