//! What a change changes, for the audit: each value before and after, and of secrets only that they
//! have changed.

use std::fmt::Display;

use super::wording::shown;

/// Values as texts under their names.
pub(super) type Texts = Vec<(&'static str, String)>;

/// Collects what differs.
#[derive(Debug, Default)]
pub(super) struct Difference(Vec<String>);

impl Difference {
    /// A value that anybody may read.
    pub(super) fn value<T: PartialEq + Display>(mut self, name: &str, before: &T, after: &T) -> Self {
        if before != after {
            let (before, after) = (shown(&before.to_string()), shown(&after.to_string()));
            self.0.push(format!("{name}: '{before}' -> '{after}'"));
        }
        self
    }

    /// A value of ours, whatever its length.
    pub(super) fn ours(mut self, name: &str, before: &str, after: &str) -> Self {
        if before != after {
            self.0.push(format!("{name}: {before} -> {after}"));
        }
        self
    }

    /// A value that nobody may read.
    pub(super) fn masked<T: PartialEq>(mut self, name: &str, before: &T, after: &T) -> Self {
        if before != after {
            self.0.push(format!("{name} changed"));
        }
        self
    }

    /// Values as texts under their names, the same in the same place on both sides.
    pub(super) fn between(before: &Texts, after: &Texts) -> Self {
        let pairs = before.iter().zip(after);
        pairs.fold(Self::default(), |all, ((name, before), (_, after))| all.value(name, before, after))
    }

    /// The whole of it, behind the name of the thing.
    pub(super) fn of(self, thing: &str) -> String {
        let detail = format!("{thing}: {}", self.0.join("; "));
        detail.chars().take(MOST_DETAIL_CHARS).collect()
    }
}

const MOST_DETAIL_CHARS: usize = 2000;
