//! Owns the values while they are gathered: defaults, files, environment, each layer over the last.

use std::collections::BTreeMap;

use domain::secret::Secret;

use super::keys::KEYS;
use super::origin::Origin;
use super::problem::Problem;
use super::{schema, toml_value};

/// A value as written, and where.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// A value as written. Text counts as secret until the key says otherwise.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Bool(bool),
    List(Vec<Entry>),
    /// Something no key wants.
    Other,
    Text(Secret),
    Whole(i64),
}

/// All values by path, such as `radius.client[0].name`, and what is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Layers {
    entries: BTreeMap<String, Entry>,
    rows: Vec<Origin>,
    pub(super) problems: Vec<Problem>,
    /// Whether a file could not be read at all, so that values are missing which somebody wrote.
    pub(super) broken: bool,
}

impl Layers {
    /// The built-in defaults.
    pub(super) fn with_defaults() -> Self {
        let mut layers = Self::default();
        for key in KEYS.iter().filter(|key| !key.section().ends_with(']')) {
            layers.set_default(key.path.to_owned(), key.default);
        }
        layers
    }

    /// Adds a row to the array of tables, with its defaults; returns its number.
    pub(super) fn add_row(&mut self, origin: Origin) -> usize {
        let row = self.rows.len();
        self.rows.push(origin);
        for key in KEYS.iter().filter(|key| key.section().ends_with(']')) {
            self.set_default(key.path.replace("[]", &format!("[{row}]")), key.default);
        }
        row
    }

    /// A later layer wins; with a secret it wins over both forms of it.
    pub(super) fn set(&mut self, path: String, entry: Entry) {
        if let Some(twin) = schema::twin(&path)
            && self.find(&twin).is_some_and(|other| !other.origin.is_beside(&entry.origin))
        {
            self.entries.remove(&twin);
        }
        self.entries.insert(path, entry);
    }

    pub(super) fn find(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Where each row of the array of tables begins.
    pub(super) fn rows(&self) -> &[Origin] {
        &self.rows
    }

    /// Where the value at a path was written.
    pub(super) fn origin(&self, path: &str) -> Origin {
        self.find(path).map_or(Origin::Default, |entry| entry.origin.clone())
    }

    fn set_default(&mut self, path: String, toml: Option<&str>) {
        if let Some(raw) = toml.and_then(toml_value::parse) {
            let origin = Origin::Default;
            self.set(path, Entry { raw, origin });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_and_example_is_toml() {
        for key in KEYS {
            assert!(key.default.is_none_or(|toml| toml_value::parse(toml).is_some()), "{}", key.path);
            assert!(toml_value::parse(key.example).is_some(), "{}", key.path);
        }
    }
}
