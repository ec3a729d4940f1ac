//! States as words with a colour. The word alone says it.

use crate::manage::overview::Health;
use crate::manage::people::State;

/// A word, and how it is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Badge {
    /// The word.
    pub(super) label: &'static str,
    /// Class of the style sheet; empty for neither good nor bad.
    pub(super) tone: &'static str,
}

impl Badge {
    const fn new(label: &'static str, tone: &'static str) -> Self {
        Self { label, tone }
    }

    pub(super) const fn of_state(state: State) -> Self {
        match state {
            State::Disabled => Self::new("disabled", "warn"),
            State::Enrolled => Self::new("enrolled", "good"),
            State::Locked => Self::new("locked", "bad"),
            State::NotEnrolled => Self::new("not enrolled", ""),
            State::Revoked => Self::new("revoked", "bad"),
        }
    }

    pub(super) const fn of_health(health: Health) -> Self {
        match health {
            Health::Down => Self::new("not reachable", "bad"),
            Health::Unused => Self::new("not used yet", ""),
            Health::Up => Self::new("takes mail", "good"),
        }
    }

    pub(super) const fn of_key(is_revoked: bool, is_expired: bool) -> Self {
        match (is_revoked, is_expired) {
            (true, _) => Self::new("revoked", "bad"),
            (false, true) => Self::new("expired", "warn"),
            (false, false) => Self::new("in force", "good"),
        }
    }

    pub(super) const fn of_switch(is_on: bool) -> Self {
        if is_on { Self::new("on", "good") } else { Self::new("off", "warn") }
    }

    pub(super) const fn of_entrance(is_open: bool) -> Self {
        if is_open { Self::new("open", "good") } else { Self::new("closed", "warn") }
    }

    pub(super) const fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::new("accepted", "good"),
            Outcome::Challenge => Self::new("code sent", ""),
            Outcome::Fail => Self::new("failed", "bad"),
            Outcome::Ok => Self::new("done", "good"),
            Outcome::Refuse => Self::new("refused", "bad"),
        }
    }
}

/// What came of something, as the trail has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Somebody was let in.
    Accept,
    /// A code is on its way.
    Challenge,
    /// Something did not work.
    Fail,
    /// Something was done.
    Ok,
    /// Somebody was not let in.
    Refuse,
}

impl Outcome {
    /// From the word in the trail.
    pub(super) fn parse(word: &str) -> Option<Self> {
        OUTCOMES.into_iter().find(|(outcome, _)| *outcome == word).and_then(|(word, _)| match word {
            "accept" => Some(Self::Accept),
            "challenge" => Some(Self::Challenge),
            "fail" => Some(Self::Fail),
            "ok" => Some(Self::Ok),
            "refuse" => Some(Self::Refuse),
            _ => None,
        })
    }
}

/// Outcomes to choose from: the word in the trail, and what it means.
pub(super) const OUTCOMES: [(&str, &str); 5] =
    [("refuse", "refused"), ("accept", "accepted"), ("challenge", "code sent"), ("fail", "failed"), ("ok", "done")];

/// States to choose from, with their word in addresses and on the page.
pub(super) const STATES: [(State, &str, &str); 5] = [
    (State::Enrolled, "enrolled", "enrolled"),
    (State::NotEnrolled, "not-enrolled", "not enrolled"),
    (State::Locked, "locked", "locked"),
    (State::Disabled, "disabled", "disabled"),
    (State::Revoked, "revoked", "revoked"),
];
