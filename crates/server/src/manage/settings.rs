//! Settings by name: all of one call or none, held to their ranges, in force at once.

mod draft;
pub(super) mod known;
mod legacy;
mod text;

use std::collections::BTreeMap;

use domain::secret::Secret;

use self::draft::Draft;
use super::relays::CENSORED;
use super::wording::{plain_name, shown};
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::settings::Settings;

/// Sets all of these or none; answers for each whether it is new. A value whose name is followed
/// by `.type` = `password` is sealed and never shown again.
pub async fn set_many(app: &App, by: &By, pairs: &[(String, Secret)]) -> Result<Vec<(String, bool)>, ManageError> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let settings = app.settings();
    let shown_before = list(&settings);
    let mut draft = Draft::new(app, &settings);
    let mut answers = Vec::new();
    for (name, value) in pairs.iter().filter(|(name, _)| !is_about_another(name)) {
        let key = read_key(name)?;
        let is_password = pairs.iter().any(|(other, kind)| is_type_of(other, name) && kind.expose() == "password");
        draft.set(&key, value.expose(), is_password)?;
        answers.push((name.clone(), !shown_before.contains_key(&key)));
    }
    let detail = draft.detail();
    apply(app, by, About { detail, ..About::default() }, draft.finish(by)?).await?;
    Ok(answers)
}

/// Puts a setting back to its standard; false where it was not set.
pub async fn delete(app: &App, by: &By, name: &str) -> Result<bool, ManageError> {
    let settings = app.settings();
    let key = read_key(name)?;
    if !list(&settings).contains_key(&key) {
        return Ok(false);
    }
    let mut draft = Draft::new(app, &settings);
    draft.reset(&key)?;
    let detail = format!("{key} removed");
    apply(app, by, About { detail, ..About::default() }, draft.finish(by)?).await?;
    Ok(true)
}

/// All settings as they may be shown: sealed ones behind a placeholder.
pub fn list(settings: &Settings) -> BTreeMap<String, String> {
    let own = settings.values.iter().filter(|(name, _)| !name.starts_with(POLICY));
    let mut shown: BTreeMap<String, String> = own
        .map(|(name, value)| {
            let is_sealed = value.starts_with(SEALED);
            (name.clone(), if is_sealed { CENSORED.to_owned() } else { value.clone() })
        })
        .collect();
    shown.extend(legacy::shown(settings));
    shown
}

/// One setting as it may be shown.
pub fn get(settings: &Settings, name: &str) -> Option<String> {
    list(settings).remove(&known::canonical(name))
}

/// Whether setting or removing this takes the right to set secrets.
pub fn is_secret(settings: &Settings, name: &str) -> bool {
    let is_sealed = settings.values.get(name).is_some_and(|value| value.starts_with(SEALED));
    is_sealed || last_part(name) == Some("type") || legacy::is_of_place(name)
}

/// Sets the standards of new tokens, under the names that this call knows, in any spelling.
pub async fn set_defaults(app: &App, by: &By, pairs: &[(String, Secret)]) -> Result<Vec<(String, bool)>, ManageError> {
    let mut chosen = Vec::new();
    for key in DEFAULTS {
        let given = pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        chosen.extend(given.map(|(_, value)| (key.to_owned(), value.clone())));
    }
    if chosen.is_empty() {
        return Err(ManageError::Invalid(format!("none of these was given: {}", DEFAULTS.join(", "))));
    }
    set_many(app, by, &chosen).await
}

fn read_key(name: &str) -> Result<String, ManageError> {
    plain_name("setting", name)?;
    if name.starts_with(POLICY) {
        return Err(ManageError::Invalid(format!("{}: policies are set under /policy/", shown(name))));
    }
    Ok(known::canonical(name))
}

/// Names that say something about the setting before the dot.
fn is_about_another(name: &str) -> bool {
    matches!(last_part(name), Some("type" | "desc"))
}

fn last_part(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, last)| last)
}

fn is_type_of(other: &str, name: &str) -> bool {
    other.strip_suffix(".type").is_some_and(|base| base == name)
}

/// Before the names under which policies are kept.
pub(super) const POLICY: &str = "policy.";
/// Before a value that is sealed.
const SEALED: &str = "sealed:";
const DEFAULTS: [&str; 5] =
    ["DefaultCountWindow", "DefaultMaxFailCount", "DefaultOtpLen", "DefaultResetFailCount", "DefaultSyncWindow"];
