//! Owns what is wrong with a configuration, all of it at once. Must not repeat any value: a value may
//! be a secret that slipped into the wrong line.

use std::fmt;

use super::origin::Origin;

/// One thing that is wrong. The texts are fit for a terminal and hold no values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// The key it is about, such as `http.listen`; empty when it is about a whole file.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What is allowed; empty when there is nothing to choose from.
    pub allowed: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// A problem at a place; the rest is added with the methods below.
    pub(super) fn new(origin: &Origin, key: &str, what: impl Into<String>) -> Self {
        Self {
            origin: origin.clone(),
            key: tame(key),
            what: what.into(),
            allowed: String::new(),
            remedy: String::new(),
        }
    }

    pub(super) fn allowed(mut self, allowed: impl Into<String>) -> Self {
        self.allowed = allowed.into();
        self
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{} ", self.key)?;
        }
        f.write_str(&self.what)?;
        if !self.allowed.is_empty() {
            write!(f, "; allowed: {}", self.allowed)?;
        }
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    /// Sorted by place, each said once.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// The problems, files by line first, then the environment.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    /// One problem per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// A key as people may see it: one line, no control characters, not endless.
fn tame(key: &str) -> String {
    let mut tame: String = key.chars().take(LONGEST_KEY).flat_map(char::escape_debug).collect();
    if key.chars().count() > LONGEST_KEY {
        tame.push('…');
    }
    tame
}

/// Characters of an unknown key that are repeated in an error.
const LONGEST_KEY: usize = 80;
