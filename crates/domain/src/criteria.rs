//! Criteria: does a second factor apply to this attempt? One rule, up to six groups of criteria.
//!
//! Groups are joined by AND, members of one group by OR. A group without members and a value that
//! nobody knows never except anybody.

mod edit;
mod explain;
mod member;
mod range;

use std::net::IpAddr;

pub use edit::{Draft, GroupDraft, MAX_MEMBERS, Member, NotAdded};
pub use explain::{Explanation, GroupResult, GroupState};
pub use member::{AccountName, InvalidMember, Label, Os, Principal, PrincipalEntry};
pub use range::{AddressRange, InvalidRange};

/// What a rule does with those who match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// Asks those who match for a second factor, and nobody else.
    #[default]
    Allow,
    /// Excepts those who match, and nobody else.
    Deny,
}

/// How a group compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Matching {
    /// The value is one of the members.
    #[default]
    IsOneOf,
    /// The value is none of the members.
    IsNotOneOf,
}

/// One kind of criterion. What is switched off is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<T> {
    /// Whether it takes part.
    pub is_enabled: bool,
    /// How it compares.
    pub matching: Matching,
    /// With what.
    pub members: Vec<T>,
}

/// One rule. The default one has no group switched on and asks everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Criteria {
    /// What it does with those who match.
    pub access: Access,
    /// Users and groups of users.
    pub principals: Group<PrincipalEntry>,
    /// Gateways that the connection came through.
    pub gateways: Group<IpAddr>,
    /// Operating systems of the client.
    pub oses: Group<Os>,
    /// Addresses of the client.
    pub addresses: Group<AddressRange>,
    /// Hardware ids of the client; the client's own word.
    pub hardware_ids: Group<Label>,
    /// Device names of the client; the client's own word.
    pub devices: Group<Label>,
}

/// What is known about one attempt. Nothing stands for not known, never for "none".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The user, every group that holds them, however indirectly, and their computer.
    pub principals: Option<Vec<Principal>>,
    /// The gateway that the connection came through.
    pub gateway: Option<IpAddr>,
    /// The operating system of the client.
    pub os: Option<Os>,
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// The hardware id of the client.
    pub hardware_id: Option<Label>,
    /// The device name of the client.
    pub device: Option<Label>,
}

/// Which kind of criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Users and groups.
    Principals,
    /// Gateways.
    Gateways,
    /// Operating systems.
    Oses,
    /// Client addresses.
    Addresses,
    /// Hardware ids.
    HardwareIds,
    /// Device names.
    Devices,
}

impl<T> Default for Group<T> {
    /// Switched off and empty.
    fn default() -> Self {
        Self { is_enabled: false, matching: Matching::default(), members: Vec::new() }
    }
}

impl<T> Group<T> {
    /// A group that is switched on.
    pub fn enabled(matching: Matching, members: Vec<T>) -> Self {
        Self { is_enabled: true, matching, members }
    }

    /// Compares the value with the members; nothing for a group that is switched off.
    fn state<V>(&self, value: Option<V>, fits: impl Fn(&T, &V) -> bool) -> Option<GroupState> {
        if !self.is_enabled {
            return None;
        }
        Some(match value {
            _ if self.members.is_empty() => GroupState::Empty,
            None => GroupState::Unknown,
            Some(value) => GroupState::Compared { is_listed: self.members.iter().any(|member| fits(member, &value)) },
        })
    }
}

impl Criteria {
    /// Whether those facts call for a second factor, and why.
    pub fn explain(&self, facts: &Facts) -> Explanation {
        let results: Vec<GroupResult> = self.groups(facts).into_iter().flatten().collect();
        if results.is_empty() {
            return Explanation::NoRule;
        }
        Explanation::Rule { access: self.access, groups: results }
    }

    fn groups(&self, facts: &Facts) -> [Option<GroupResult>; 6] {
        let canonical = |address: &IpAddr| address.to_canonical();
        let principals = self
            .principals
            .state(facts.principals.as_deref(), |entry, known| known.iter().any(|principal| entry.names(principal)));
        let gateways =
            self.gateways.state(facts.gateway.as_ref().map(canonical), |member, value| canonical(member) == *value);
        let oses = self.oses.state(facts.os, |member, value| member == value);
        let addresses = self.addresses.state(facts.address.as_ref(), |range, address| range.contains(**address));
        let hardware_ids = self.hardware_ids.state(facts.hardware_id.as_ref(), |member, value| member == *value);
        let devices = self.devices.state(facts.device.as_ref(), |member, value| member == *value);
        [
            self.result(Kind::Principals, self.principals.matching, principals),
            self.result(Kind::Gateways, self.gateways.matching, gateways),
            self.result(Kind::Oses, self.oses.matching, oses),
            self.result(Kind::Addresses, self.addresses.matching, addresses),
            self.result(Kind::HardwareIds, self.hardware_ids.matching, hardware_ids),
            self.result(Kind::Devices, self.devices.matching, devices),
        ]
    }

    /// What cannot be compared holds where holding asks for a second factor, and only there.
    fn result(&self, kind: Kind, matching: Matching, state: Option<GroupState>) -> Option<GroupResult> {
        let state = state?;
        let holds = match state {
            GroupState::Compared { is_listed } => is_listed == (matching == Matching::IsOneOf),
            GroupState::Empty | GroupState::Unknown => self.access == Access::Allow,
        };
        Some(GroupResult { kind, matching, state, holds })
    }
}

#[cfg(test)]
mod tests;
