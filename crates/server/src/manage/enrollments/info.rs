//! Further facts about an enrollment, by name: some are columns of their own, the rest is noted.

use std::collections::BTreeMap;

use domain::address::MailAddress;
use domain::time::Timestamp;

use super::{Edit, EnrollmentError, Targets, edit};
use crate::app::App;
use crate::manage::users::check_text;
use crate::manage::{By, ManageError, apply};
use crate::settings::is_true;
use crate::store::enrollments::{self, StoredEnrollment};

/// All facts about an enrollment as texts, for lists.
pub fn of(stored: &StoredEnrollment) -> BTreeMap<String, String> {
    let mut facts = read(&stored.info);
    let enrollment = &stored.enrollment;
    facts.insert(CREATION_DATE.to_owned(), date(stored.created_at));
    facts.insert(TOKEN_KIND.to_owned(), "software".to_owned());
    if let Some(address) = &enrollment.address {
        facts.insert(EMAIL.to_owned(), address.as_str().to_owned());
    }
    if enrollment.is_address_dynamic {
        facts.insert(DYNAMIC_EMAIL.to_owned(), "1".to_owned());
    }
    if let Some(relay) = &enrollment.relay {
        facts.insert(RELAY.to_owned(), relay.clone());
    }
    facts
}

/// Sets one fact; the address, its source and the relay are changed for real.
pub async fn set(app: &App, by: &By, targets: Targets, key: &str, value: &str) -> Result<(), EnrollmentError> {
    targets.check_unlocked()?;
    match key {
        EMAIL => {
            let address = MailAddress::parse(value).map_err(|error| ManageError::Invalid(error.to_string()))?;
            let change = Edit { address: Some(address), ..Edit::default() };
            edit(app, by, targets, change).await.map(drop)
        }
        DYNAMIC_EMAIL => {
            let change = Edit { is_address_dynamic: Some(is_true(value)), ..Edit::default() };
            edit(app, by, targets, change).await.map(drop)
        }
        RELAY => {
            let settings = app.settings();
            if !settings.relays.iter().any(|relay| relay.name == value) {
                let reason = format!("'{RELAY}' must be the name of a mail relay: define it first under /smtpserver/");
                return Err(ManageError::Invalid(reason).into());
            }
            set_relay(app, by, targets, Some(value.to_owned())).await
        }
        _ => {
            check_key(key)?;
            check_text("value", value)?;
            note(app, by, targets, key, Some(value)).await
        }
    }
}

/// Removes one fact; one that is not there is removed too.
pub async fn remove(app: &App, by: &By, targets: Targets, key: &str) -> Result<(), EnrollmentError> {
    targets.check_unlocked()?;
    match key {
        DYNAMIC_EMAIL | EMAIL => {
            let reason = format!("'{key}' cannot be removed: set another address, or remove the enrollment");
            Err(ManageError::Invalid(reason).into())
        }
        RELAY => set_relay(app, by, targets, None).await,
        _ => {
            check_key(key)?;
            note(app, by, targets, key, None).await
        }
    }
}

async fn set_relay(app: &App, by: &By, mut targets: Targets, relay: Option<String>) -> Result<(), EnrollmentError> {
    for stored in &mut targets.0 {
        stored.enrollment.relay.clone_from(&relay);
    }
    let statements = targets.0.iter().map(|stored| enrollments::set_relay(&stored.enrollment)).collect();
    apply(app, by, targets.about(app, "set relay").await?, statements).await?;
    Ok(())
}

async fn note(app: &App, by: &By, mut targets: Targets, key: &str, value: Option<&str>) -> Result<(), EnrollmentError> {
    let mut statements = Vec::new();
    for stored in &mut targets.0 {
        let changed = match value {
            Some(value) => with(&stored.info, key, value),
            None => without(&stored.info, key),
        };
        if changed.len() > MOST_INFO_OCTETS {
            let reason = format!("an enrollment keeps at most {MOST_INFO_OCTETS} octets of further facts");
            return Err(ManageError::Invalid(reason).into());
        }
        let before = std::mem::replace(&mut stored.info, changed);
        statements.push(enrollments::set_info(stored, &before));
    }
    apply(app, by, targets.about(app, format!("info {key}")).await?, statements).await?;
    Ok(())
}

fn check_key(key: &str) -> Result<(), ManageError> {
    if [ASSIGNMENT_DATE, CREATION_DATE, TOKEN_KIND].contains(&key) {
        return Err(ManageError::Invalid(format!("'{key}' is kept by the server and cannot be changed")));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if key.is_empty() || key.len() > MOST_KEY_OCTETS || !key.chars().all(is_plain) {
        let reason =
            format!("the name of a fact has 1 to {MOST_KEY_OCTETS} letters, digits, dots, hyphens, underscores");
        return Err(ManageError::Invalid(reason));
    }
    Ok(())
}

/// The noted facts with one more.
pub(super) fn with(info: &str, key: &str, value: &str) -> String {
    let mut facts = read(info);
    facts.insert(key.to_owned(), value.to_owned());
    write(&facts)
}

/// The noted facts without one.
pub(super) fn without(info: &str, key: &str) -> String {
    let mut facts = read(info);
    facts.remove(key);
    write(&facts)
}

/// The time as this interface writes dates: UTC, whole seconds.
pub(super) fn date(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Whatever is not a text is left out: lists show texts only.
fn read(info: &str) -> BTreeMap<String, String> {
    let facts: BTreeMap<String, serde_json::Value> = serde_json::from_str(info).unwrap_or_default();
    facts.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
}

fn write(facts: &BTreeMap<String, String>) -> String {
    serde_json::to_string(facts).unwrap_or_else(|_| EMPTY.to_owned())
}

/// No facts.
pub(super) const EMPTY: &str = "{}";
/// When it got its owner.
pub(super) const ASSIGNMENT_DATE: &str = "assignment_date";
const CREATION_DATE: &str = "creation_date";
const DYNAMIC_EMAIL: &str = "dynamic_email";
const EMAIL: &str = "email";
const RELAY: &str = "email.identifier";
const TOKEN_KIND: &str = "tokenkind";
const MOST_INFO_OCTETS: usize = 8192;
const MOST_KEY_OCTETS: usize = 100;
