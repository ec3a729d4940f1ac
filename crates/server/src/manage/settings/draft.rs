//! A change of settings under construction: checked value by value, then as a whole.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::provider::Provider;
use domain::secret::Secret;

use super::{CENSORED, SEALED, known, legacy};
use crate::app::App;
use crate::manage::providers::write_default;
use crate::manage::relays::{self, NewRelay};
use crate::manage::wording::refused;
use crate::manage::{By, ManageError};
use crate::settings::Settings;
use crate::store::sql::Statement;
use crate::store::{relays as relay_rows, settings as rows};

/// What is about to change. Nothing is written before [`Draft::finish`].
pub(super) struct Draft<'a> {
    app: &'a App,
    settings: &'a Settings,
    provider: Provider,
    /// Values to store; none for those to be removed.
    values: BTreeMap<String, Option<String>>,
    /// The relay behind the old settings, if one of them changes.
    legacy: Option<NewRelay>,
    is_legacy_removed: bool,
    touched: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(app: &'a App, settings: &'a Settings) -> Self {
        let provider = Provider::clone(&settings.default_provider());
        let (values, touched) = (BTreeMap::new(), Vec::new());
        Self { app, settings, provider, values, legacy: None, is_legacy_removed: false, touched }
    }

    /// Sets one value; its name is spelled as it is stored.
    pub(super) fn set(&mut self, key: &str, value: &str, is_password: bool) -> Result<(), ManageError> {
        self.touched.push(key.to_owned());
        if legacy::KEYS.contains(&key) {
            let settings = self.settings;
            return legacy::set(self.legacy.get_or_insert_with(|| legacy::begin(settings)), key, value);
        }
        let was_sealed = self.settings.values.get(key).is_some_and(|old| old.starts_with(SEALED));
        if was_sealed && value == CENSORED {
            return Ok(());
        }
        let stored = match key {
            _ if known::is_known(key) => known::set(key, key, value, &mut self.provider)?,
            "email.identifier" => {
                value.split(',').map(str::trim).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(",")
            }
            _ if is_password || was_sealed => self.seal(key, value)?,
            _ => value.to_owned(),
        };
        self.values.insert(key.to_owned(), Some(stored));
        Ok(())
    }

    /// Puts one value back to its standard.
    pub(super) fn reset(&mut self, key: &str) -> Result<(), ManageError> {
        if key == legacy::SERVER {
            let is_named = self.names().iter().any(|name| name == legacy::NAME);
            if is_named {
                let reason =
                    format!("the relay {} is still named in email.identifier; change that first", legacy::NAME);
                return Err(ManageError::Taken(reason));
            }
            self.is_legacy_removed = true;
        } else if legacy::KEYS.contains(&key) {
            let settings = self.settings;
            legacy::reset(self.legacy.get_or_insert_with(|| legacy::begin(settings)), key);
        } else {
            known::reset(key, &mut self.provider);
            self.values.insert(key.to_owned(), None);
        }
        Ok(())
    }

    /// For the audit: the names, because a value may be a secret.
    pub(super) fn detail(&self) -> String {
        let names = self.touched.join(", ");
        format!("set {names}").chars().take(MOST_DETAIL_CHARS).collect()
    }

    /// Checks what no single value shows, and says what to write.
    pub(super) fn finish(mut self, by: &By) -> Result<Vec<Statement>, ManageError> {
        let mut statements = Vec::new();
        if let Some(relay) = self.legacy.take() {
            statements.push(relay_rows::save(&relays::plan(self.app, self.settings, relay)?));
        } else if self.is_legacy_removed {
            statements.push(relay_rows::delete(legacy::NAME));
        }
        self.check_identifier(!statements.is_empty() && !self.is_legacy_removed)?;
        let is_changed = self.provider != *self.settings.default_provider();
        let provider = self.provider.checked().map_err(|error| ManageError::Invalid(format!("email.text: {error}")))?;
        if is_changed {
            statements.push(write_default(self.app, by, self.settings, provider));
        }
        statements.extend(self.values.into_iter().map(|(name, value)| match value {
            Some(value) => rows::save(&name, &value),
            None => rows::delete(&name),
        }));
        Ok(statements)
    }

    /// Every relay that is named must be there, or come into being now.
    fn check_identifier(&self, has_legacy: bool) -> Result<(), ManageError> {
        if !self.values.contains_key(IDENTIFIER) {
            return Ok(());
        }
        let exists = |name: &str| {
            self.settings.relays.iter().any(|relay| relay.name == name) || (has_legacy && name == legacy::NAME)
        };
        match self.names().iter().find(|name| !exists(name)) {
            None => Ok(()),
            Some(missing) => {
                let there: Vec<_> = self.settings.relays.iter().map(|relay| relay.name.as_str()).collect();
                let allowed = format!("names under /smtpserver/ are allowed (there are: {})", there.join(", "));
                Err(refused(IDENTIFIER, &allowed, missing))
            }
        }
    }

    /// The relays that are named once this draft is in force.
    fn names(&self) -> Vec<String> {
        let stored = self.settings.values.get(IDENTIFIER).map(String::as_str);
        let value = self.values.get(IDENTIFIER).map_or(stored, |value| value.as_deref()).unwrap_or_default();
        value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn seal(&self, key: &str, value: &str) -> Result<String, ManageError> {
        let place = format!("setting/{key}");
        let sealed = self.app.keys.seal(&place, &Secret::new(value), &*self.app.random)?;
        Ok(format!("{SEALED}{}", STANDARD.encode(sealed)))
    }
}

const IDENTIFIER: &str = "email.identifier";
const MOST_DETAIL_CHARS: usize = 1000;
