//! What directories said a moment ago, for questions from which nobody is let in. Who is not there is remembered
//! like who is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;

use super::Freshness;
use super::groups::Group;
use super::listed::Listed;

/// Answers of one directory.
#[derive(Default)]
pub(super) struct Cache {
    /// By what was asked.
    people: Kept<Said>,
    /// By person.
    groups: Kept<Vec<Group>>,
    /// When the directory last took somebody's password, by person.
    proofs: Kept<()>,
}

/// What a directory says of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// No entry has it.
    Nobody,
    /// This person has it.
    Somebody(Box<Listed>),
    /// It is taken, and nobody can say by whom: of several entries, or of one without an identifier.
    Unclear,
}

impl Said {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Nobody | Self::Unclear => None,
            Self::Somebody(listed) => Some(&listed.id),
        }
    }

    /// The person.
    pub fn listed(self) -> Option<Listed> {
        match self {
            Self::Nobody | Self::Unclear => None,
            Self::Somebody(listed) => Some(*listed),
        }
    }
}

impl Cache {
    /// What was said, if the answer is as fresh as it must be.
    pub(super) fn find(&self, asked: &str, freshness: Freshness, now: Timestamp) -> Option<Said> {
        let said = self.people.find(asked, now)?;
        let is_proven = || said.id().is_some_and(|id| self.proofs.find(id, now).is_some());
        match freshness {
            Freshness::Now => None,
            Freshness::Proven => is_proven().then_some(said),
            Freshness::Recent => Some(said),
        }
    }

    /// Keeps what was said.
    pub(super) fn keep(&self, asked: &str, said: &Said, now: Timestamp) {
        self.people.keep(asked, said.clone(), now);
    }

    /// The groups that somebody was said to be in, if the answer is as fresh as it must be.
    pub(super) fn find_groups(&self, id: &str, freshness: Freshness, now: Timestamp) -> Option<Vec<Group>> {
        match freshness {
            Freshness::Now => None,
            Freshness::Proven | Freshness::Recent => self.groups.find(id, now),
        }
    }

    /// Keeps them.
    pub(super) fn keep_groups(&self, id: &str, groups: &[Group], now: Timestamp) {
        self.groups.keep(id, groups.to_vec(), now);
    }

    /// The directory has taken a password.
    pub(super) fn note_proof(&self, id: &str, now: Timestamp) {
        self.proofs.keep(id, (), now);
    }

    /// Forgets somebody whose entry was just changed by us.
    pub(super) fn forget(&self, id: &str) {
        self.people.lock().retain(|_, (_, said)| said.id() != Some(id));
    }
}

/// Answers with the time of each.
struct Kept<T>(Mutex<HashMap<String, (Timestamp, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Kept<T> {
    fn find(&self, name: &str, now: Timestamp) -> Option<T> {
        self.lock().get(name).filter(|(at, _)| is_recent(*at, now)).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, name: &str, answer: T, now: Timestamp) {
        let mut answers = self.lock();
        if answers.len() >= MOST {
            answers.retain(|_, (at, _)| is_recent(*at, now));
        }
        if answers.len() < MOST {
            answers.insert(name.to_owned(), (now, answer));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now < at + LIFE
}

/// From an answer to the first instant at which it is asked for again.
pub(super) const LIFE: Duration = Duration::from_secs(30);
/// Answers kept at once.
const MOST: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_live_for_half_a_minute_and_absence_too() {
        let (cache, at) = (Cache::default(), Timestamp::from_millis(1_000_000));
        assert_eq!(cache.find("bob", Freshness::Recent, at), None);
        cache.keep("bob", &Said::Nobody, at);
        assert_eq!(cache.find("bob", Freshness::Recent, at + LIFE - Duration::from_millis(1)), Some(Said::Nobody));
        assert_eq!(cache.find("bob", Freshness::Recent, at + LIFE), None);
        for freshness in [Freshness::Now, Freshness::Proven] {
            assert_eq!(cache.find("bob", freshness, at), None, "{freshness:?}");
        }
    }

    #[test]
    fn a_flood_of_names_does_not_make_it_grow() {
        let (cache, at) = (Cache::default(), Timestamp::from_millis(1_000_000));
        for number in 0..MOST + 10 {
            cache.keep(&number.to_string(), &Said::Nobody, at);
        }
        assert_eq!(cache.people.lock().len(), MOST);
        cache.keep("later", &Said::Nobody, at + LIFE);
        assert_eq!(cache.people.lock().len(), 1);
    }
}
