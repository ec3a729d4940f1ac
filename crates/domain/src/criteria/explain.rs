//! Why somebody was asked for a second factor, or not, in plain words.

use std::fmt;

use super::{Access, Kind, Matching};

/// What a rule came to, and by which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// The provider is switched off: nobody is asked.
    ProviderOff,
    /// No group is switched on: everybody is asked.
    NoRule,
    /// A rule was applied.
    Rule {
        /// What it does with those who match.
        access: Access,
        /// Its groups that are switched on.
        groups: Vec<GroupResult>,
    },
}

/// What one group came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupResult {
    /// Which.
    pub kind: Kind,
    /// How it compares.
    pub matching: Matching,
    /// What there was to compare.
    pub state: GroupState,
    /// Whether it counts as matched.
    pub holds: bool,
}

/// What there was to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    /// The value and the members were compared.
    Compared {
        /// Whether the value is one of them.
        is_listed: bool,
    },
    /// The group has no members.
    Empty,
    /// Nobody knows the value.
    Unknown,
}

impl Explanation {
    /// Whether a second factor is asked for.
    pub fn is_required(&self) -> bool {
        match self {
            Self::ProviderOff => false,
            Self::NoRule => true,
            Self::Rule { access, groups } => groups.iter().all(|group| group.holds) == (*access == Access::Allow),
        }
    }
}

impl fmt::Display for Explanation {
    /// One line for the outcome, then one for each group.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked = if self.is_required() { "A code is asked for" } else { "No code is asked for" };
        match self {
            Self::ProviderOff => write!(f, "{asked}: the provider is switched off."),
            Self::NoRule => write!(f, "{asked}: no criterion is switched on, so everybody is asked."),
            Self::Rule { access, groups } => {
                let rule = match access {
                    Access::Allow => "the rule asks those who meet all its criteria",
                    Access::Deny => "the rule excepts those who meet all its criteria",
                };
                let met = groups.iter().filter(|group| group.holds).count();
                write!(f, "{asked}: {rule}; {met} of {} are met.", groups.len())?;
                groups.iter().try_for_each(|group| write!(f, "\n{group}"))
            }
        }
    }
}

impl fmt::Display for GroupResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = match self.matching {
            Matching::IsOneOf => "is one of the list",
            Matching::IsNotOneOf => "is not one of the list",
        };
        let found = match self.state {
            GroupState::Compared { is_listed: true } => "it is",
            GroupState::Compared { is_listed: false } => "it is not",
            GroupState::Empty => "the list is empty, which excepts nobody",
            GroupState::Unknown => "it is not known, which excepts nobody",
        };
        let holds = if self.holds { "met" } else { "not met" };
        write!(f, "{} {wanted}: {found}, so this is {holds}.", self.kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Principals => "The user, or a group of theirs,",
            Self::Gateways => "The gateway",
            Self::Oses => "The operating system",
            Self::Addresses => "The address of the client",
            Self::HardwareIds => "The hardware id",
            Self::Devices => "The device name",
        })
    }
}
