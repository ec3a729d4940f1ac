//! What directories said a moment ago, for questions from which nobody is let in. Who is not there is remembered
//! like who is.

use std::collections::{HashMap, VecDeque};
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
        if freshness == Freshness::Now {
            return None;
        }
        let said = self.people.find(asked, now)?;
        let is_proven = || said.id().is_some_and(|id| self.proofs.find(id, now).is_some());
        (freshness == Freshness::Recent || is_proven()).then_some(said)
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
        self.people.lock().by_name.retain(|_, (_, said)| said.id() != Some(id));
    }
}

/// Answers with the time of each, and in which order they came.
struct Kept<T>(Mutex<Answers<T>>);

struct Answers<T> {
    by_name: HashMap<String, (Timestamp, T)>,
    /// Names in the order in which they were kept; one that was kept again or forgotten since is in it as before.
    order: VecDeque<(Timestamp, String)>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Answers { by_name: HashMap::new(), order: VecDeque::new() }))
    }
}

impl<T: Clone> Kept<T> {
    fn find(&self, name: &str, now: Timestamp) -> Option<T> {
        self.lock().by_name.get(name).filter(|(at, _)| is_recent(*at, now)).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, name: &str, answer: T, now: Timestamp) {
        let mut answers = self.lock();
        answers.by_name.insert(name.to_owned(), (now, answer));
        answers.order.push_back((now, name.to_owned()));
        answers.let_go(now);
    }

    fn lock(&self) -> MutexGuard<'_, Answers<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Answers<T> {
    /// Lets the oldest ones go, as far as they are too old or too many: each is looked at once, whoever comes.
    fn let_go(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.order.front() {
            if is_recent(*at, now) && self.order.len() <= MOST {
                return;
            }
            let Some((at, name)) = self.order.pop_front() else { return };
            // What was kept again has a later place of its own.
            if self.by_name.get(&name).is_some_and(|(kept, _)| *kept == at) {
                self.by_name.remove(&name);
            }
        }
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
    fn a_flood_of_names_pushes_the_oldest_out_and_does_not_make_it_grow() {
        let (cache, at) = (Cache::default(), Timestamp::from_millis(1_000_000));
        let find = |number: usize, now| cache.find(&number.to_string(), Freshness::Recent, now);
        for number in 0..MOST + 10 {
            cache.keep(&number.to_string(), &Said::Nobody, at);
        }
        assert_eq!(cache.people.lock().by_name.len(), MOST);
        assert_eq!((find(9, at), find(10, at)), (None, Some(Said::Nobody)));
        assert_eq!(find(MOST + 9, at), Some(Said::Nobody), "the newest is kept");
        cache.keep("later", &Said::Nobody, at + LIFE);
        let answers = cache.people.lock();
        assert_eq!((answers.by_name.len(), answers.order.len()), (1, 1));
    }

    #[test]
    fn what_was_asked_again_lives_from_then_on() {
        let (cache, at) = (Cache::default(), Timestamp::from_millis(1_000_000));
        let later = at + Duration::from_secs(20);
        cache.keep("bob", &Said::Nobody, at);
        cache.keep("bob", &Said::Nobody, later);
        cache.keep("eve", &Said::Nobody, at + LIFE);
        assert_eq!(cache.find("bob", Freshness::Recent, later + Duration::from_secs(29)), Some(Said::Nobody));
    }
}
