//! Policies: a small part of the privacyIDEA interface, for set-up scripts that exist. A policy
//! sets settings when it is saved; nothing looks at policies when somebody signs in.

mod action;

use std::collections::BTreeMap;

use domain::name::RealmName;
use domain::provider::Provider;
use serde::{Deserialize, Serialize};

use self::action::{OTPPIN, setting_of};
use super::providers::write_default;
use super::settings::{POLICY, known};
use super::wording::{one_line, plain_name, shown};
use super::{About, By, ManageError, apply};
use crate::app::App;
use crate::settings::Settings;
use crate::store::realms::{self, Realm};
use crate::store::settings as rows;
use crate::store::sql::Statement;

pub use self::action::OFFERED;

/// A policy as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Always `authentication`.
    pub scope: String,
    /// What it sets.
    pub action: BTreeMap<String, String>,
    /// Where `otppin` applies; everywhere if empty.
    pub realm: Vec<String>,
    /// Whether it is in force.
    pub active: bool,
    /// Kept and given back; two policies never compete.
    pub priority: i64,
    /// Anything worth noting.
    pub description: String,
}

/// What a policy is to be.
#[derive(Debug, Clone, Default)]
pub struct NewPolicy {
    /// Its name.
    pub name: String,
    /// Where it applies; only `authentication` is offered.
    pub scope: String,
    /// `name=value, …` with `\,` for a comma in a value, or a JSON object.
    pub action: String,
    /// Realms.
    pub realms: Vec<String>,
    /// Not in force.
    pub is_inactive: bool,
    /// Any number.
    pub priority: i64,
    /// Anything worth noting.
    pub description: String,
    /// Names of conditions that were given and are not offered.
    pub conditions: Vec<String>,
}

/// All policies, in order of name.
pub fn list(settings: &Settings) -> Vec<Policy> {
    let own = settings.values.iter().filter(|(name, _)| name.starts_with(POLICY));
    own.filter_map(|(_, value)| serde_json::from_str(value).ok()).collect()
}

/// Adds a policy or writes it anew, and sets what it sets.
pub async fn save(app: &App, by: &By, new: NewPolicy) -> Result<(), ManageError> {
    let settings = app.settings();
    let old = list(&settings).into_iter().find(|policy| policy.name == new.name);
    let policy = check(&settings, new)?;
    let detail = detail(&policy, "saved");
    let statements = replace(app, by, old.as_ref(), Some(&policy))?;
    apply(app, by, About { detail, ..About::default() }, statements).await
}

/// Switches a policy on or off.
pub async fn set_active(app: &App, by: &By, name: &str, active: bool) -> Result<(), ManageError> {
    let settings = app.settings();
    let old = find(&settings, name)?;
    let policy = Policy { active, ..old.clone() };
    let detail = detail(&policy, if active { "enabled" } else { "disabled" });
    let statements = replace(app, by, Some(&old), Some(&policy))?;
    apply(app, by, About { detail, ..About::default() }, statements).await
}

/// Removes a policy; what it set goes back to its standard.
pub async fn delete(app: &App, by: &By, name: &str) -> Result<(), ManageError> {
    let settings = app.settings();
    let old = find(&settings, name)?;
    let detail = detail(&old, "removed");
    let statements = replace(app, by, Some(&old), None)?;
    apply(app, by, About { detail, ..About::default() }, statements).await
}

fn find(settings: &Settings, name: &str) -> Result<Policy, ManageError> {
    let found = list(settings).into_iter().find(|policy| policy.name == name);
    found.ok_or_else(|| ManageError::NotFound(format!("The policy '{}' does not exist.", shown(name))))
}

fn check(settings: &Settings, new: NewPolicy) -> Result<Policy, ManageError> {
    let refuse = |what: String| Err(ManageError::Invalid(format!("{what}. Nothing was changed")));
    plain_name("policy", &new.name)?;
    one_line("description", &new.description, 1000)?;
    if new.scope != SCOPE {
        return refuse(format!("the scope '{}' is not offered; there is: {SCOPE}", shown(&new.scope)));
    }
    if let Some(condition) = new.conditions.first() {
        return refuse(format!("the condition '{}' is not offered; a policy may name realms", shown(condition)));
    }
    let action = action::parse(&new.action)?;
    let mut realms = Vec::new();
    for text in &new.realms {
        let realm = RealmName::parse(text).ok().filter(|name| settings.realm(Some(name)).is_some());
        let Some(realm) = realm else {
            return refuse(format!("realm: there is no realm '{}'", shown(text)));
        };
        realms.push(realm.as_str().to_owned());
    }
    let is_text = |name: &&String| name.as_str() != OTPPIN;
    if let (false, Some(text)) = (realms.is_empty(), action.keys().find(is_text)) {
        return refuse(format!("{text} is one for all realms; leave the realm empty"));
    }
    let NewPolicy { name, is_inactive, priority, description, .. } = new;
    Ok(Policy { name, scope: SCOPE.to_owned(), action, realm: realms, active: !is_inactive, priority, description })
}

/// What to write so that one policy takes the place of another.
fn replace(app: &App, by: &By, old: Option<&Policy>, new: Option<&Policy>) -> Result<Vec<Statement>, ManageError> {
    let settings = app.settings();
    let provider = Provider::clone(&settings.default_provider());
    let mut effect = Effect { provider, realms: settings.realms.clone() };
    if let Some(old) = old.filter(|policy| policy.active) {
        effect.undo(old);
    }
    if let Some(new) = new {
        // One that is switched off is held to its ranges too, but changes nothing.
        let mut dry = Effect { provider: effect.provider.clone(), realms: effect.realms.clone() };
        (if new.active { &mut effect } else { &mut dry }).put(new)?;
    }
    let provider = effect.provider.checked().map_err(|error| ManageError::Invalid(format!("emailtext: {error}")))?;
    let mut statements = vec![write_default(app, by, &settings, provider)];
    let changed = effect.realms.iter().filter(|realm| !settings.realms.contains(realm));
    statements.extend(changed.flat_map(realms::save_realm));
    match (old, new) {
        (_, Some(new)) => statements.push(rows::save(&key(&new.name), &serde_json::json!(new).to_string())),
        (Some(old), None) => statements.push(rows::delete(&key(&old.name))),
        (None, None) => {}
    }
    Ok(statements)
}

/// What policies set.
struct Effect {
    provider: Provider,
    realms: Vec<Realm>,
}

impl Effect {
    fn put(&mut self, policy: &Policy) -> Result<(), ManageError> {
        for (name, value) in &policy.action {
            if name == OTPPIN && !policy.realm.is_empty() {
                let factor = known::first_factor(name, value)?;
                self.named(policy).for_each(|realm| realm.first_factor = Some(factor));
            } else if let Some(key) = setting_of(name) {
                known::set(key, name, value, &mut self.provider)?;
            }
        }
        Ok(())
    }

    fn undo(&mut self, policy: &Policy) {
        for name in policy.action.keys() {
            if name == OTPPIN && !policy.realm.is_empty() {
                self.named(policy).for_each(|realm| realm.first_factor = None);
            } else if let Some(key) = setting_of(name) {
                known::reset(key, &mut self.provider);
            }
        }
    }

    fn named<'a>(&'a mut self, policy: &'a Policy) -> impl Iterator<Item = &'a mut Realm> {
        self.realms.iter_mut().filter(|realm| policy.realm.iter().any(|name| name == realm.name.as_str()))
    }
}

fn detail(policy: &Policy, done: &str) -> String {
    let names = policy.action.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("policy {} {done}: {names}", policy.name)
}

fn key(name: &str) -> String {
    format!("{POLICY}{name}")
}

const SCOPE: &str = "authentication";
