//! Changing a rule: its switches as a whole, its members one by one.

use std::net::IpAddr;

use super::{Access, AddressRange, Criteria, Group, Kind, Label, Matching, Os, PrincipalEntry};

/// Members of one group at most.
pub const MAX_MEMBERS: usize = 1000;

/// One member of one group. Operating systems are switched, not added: see [`Draft`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A range of client addresses.
    Address(AddressRange),
    /// A device name.
    Device(Label),
    /// A gateway.
    Gateway(IpAddr),
    /// A hardware id.
    HardwareId(Label),
    /// A user or a group of users.
    Principal(PrincipalEntry),
}

/// Why a member was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdded {
    /// It is there.
    #[error("it is in the list already")]
    Present,
    /// The group is full.
    #[error("a list has at most {MAX_MEMBERS} members")]
    TooMany,
}

/// Wanted switches of a rule. What is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// What the rule does with those who match.
    pub access: Option<Access>,
    /// Switches of single groups.
    pub groups: Vec<(Kind, GroupDraft)>,
    /// Operating systems that are to be listed, or no longer.
    pub oses: Vec<(Os, bool)>,
}

/// Wanted switches of a group. What is absent stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupDraft {
    /// Whether it takes part.
    pub is_enabled: Option<bool>,
    /// How it compares.
    pub matching: Option<Matching>,
}

impl Criteria {
    /// The rule with other switches.
    #[must_use]
    pub fn switched(mut self, draft: &Draft) -> Self {
        self.access = draft.access.unwrap_or(self.access);
        for (kind, wanted) in &draft.groups {
            let (is_enabled, matching) = self.switches(*kind);
            *is_enabled = wanted.is_enabled.unwrap_or(*is_enabled);
            *matching = wanted.matching.unwrap_or(*matching);
        }
        for (os, is_listed) in &draft.oses {
            self.oses.members.retain(|listed| listed != os);
            if *is_listed {
                self.oses.members.push(*os);
            }
        }
        self.oses.members.sort_unstable();
        self
    }

    /// The rule with one member more.
    pub fn with(mut self, member: &Member) -> Result<Self, NotAdded> {
        match member {
            Member::Address(range) => self.addresses.add(*range, |own| own == range),
            Member::Device(name) => self.devices.add(name.clone(), |own| own == name),
            Member::Gateway(gateway) => self.gateways.add(*gateway, |own| own == gateway),
            Member::HardwareId(id) => self.hardware_ids.add(id.clone(), |own| own == id),
            Member::Principal(entry) => self.principals.add(entry.clone(), |own| own.is_same(entry)),
        }?;
        Ok(self)
    }

    /// The rule with one member less; nothing if there is no such member.
    pub fn without(mut self, member: &Member) -> Option<Self> {
        let was_there = match member {
            Member::Address(range) => self.addresses.remove(|own| own == range),
            Member::Device(name) => self.devices.remove(|own| own == name),
            Member::Gateway(gateway) => self.gateways.remove(|own| own == gateway),
            Member::HardwareId(id) => self.hardware_ids.remove(|own| own == id),
            Member::Principal(entry) => self.principals.remove(|own| own.is_same(entry)),
        };
        was_there.then_some(self)
    }

    fn switches(&mut self, kind: Kind) -> (&mut bool, &mut Matching) {
        match kind {
            Kind::Addresses => self.addresses.switches(),
            Kind::Devices => self.devices.switches(),
            Kind::Gateways => self.gateways.switches(),
            Kind::HardwareIds => self.hardware_ids.switches(),
            Kind::Oses => self.oses.switches(),
            Kind::Principals => self.principals.switches(),
        }
    }
}

impl<T> Group<T> {
    fn switches(&mut self) -> (&mut bool, &mut Matching) {
        (&mut self.is_enabled, &mut self.matching)
    }

    fn add(&mut self, member: T, is_same: impl Fn(&T) -> bool) -> Result<(), NotAdded> {
        match () {
            () if self.members.iter().any(is_same) => Err(NotAdded::Present),
            () if self.members.len() >= MAX_MEMBERS => Err(NotAdded::TooMany),
            () => {
                self.members.push(member);
                Ok(())
            }
        }
    }

    fn remove(&mut self, is_same: impl Fn(&T) -> bool) -> bool {
        let before = self.members.len();
        self.members.retain(|member| !is_same(member));
        self.members.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(text: &str) -> Member {
        Member::Device(Label::parse(text).expect("a label"))
    }

    fn principal(account: Option<&str>, sid: Option<&str>) -> Member {
        Member::Principal(PrincipalEntry::parse(account, sid).expect("an entry"))
    }

    #[test]
    fn a_member_is_added_once_and_removed_once_whatever_its_letter_case() {
        let one = Criteria::default().with(&device("Kiosk")).expect("added");
        assert_eq!(one.clone().with(&device("KIOSK")), Err(NotAdded::Present));
        assert_eq!(one.clone().without(&device("other")), None);
        assert_eq!(one.without(&device("kiosk")), Some(Criteria::default()));
    }

    #[test]
    fn every_kind_of_member_goes_into_its_own_list() {
        let range = AddressRange::parse("10.0.0.1", None).expect("a range");
        let gateway = Member::Gateway(range.from());
        let id = Member::HardwareId(Label::parse("H1").expect("a label"));
        let members = [Member::Address(range), device("k"), gateway, id, principal(Some("ann"), None)];
        let full = members.iter().fold(Criteria::default(), |rule, member| rule.with(member).expect("added"));
        let Criteria { addresses, devices, gateways, hardware_ids, principals, .. } = &full;
        let counts = [addresses.members.len(), devices.members.len(), gateways.members.len()];
        assert_eq!((counts, hardware_ids.members.len(), principals.members.len()), ([1; 3], 1, 1));
        let empty = members.iter().fold(full, |rule, member| rule.without(member).expect("was there"));
        assert_eq!(empty, Criteria::default());
    }

    #[test]
    fn people_are_told_apart_by_identifier_and_else_by_account() {
        let both = principal(Some("corp\\ann"), Some("S-1-5-21-1"));
        let rule = Criteria::default().with(&both).expect("added");
        assert_eq!(rule.clone().with(&principal(Some("CORP\\Ann"), None)), Err(NotAdded::Present));
        assert_eq!(rule.clone().with(&principal(None, Some("s-1-5-21-1"))), Err(NotAdded::Present));
        assert!(rule.clone().with(&principal(Some("corp\\ann"), Some("S-1-5-21-2"))).is_ok(), "a namesake");
        assert!(rule.clone().with(&principal(Some("ann"), None)).is_ok(), "a name in every domain");
        assert_eq!(rule.without(&principal(Some("ann@corp"), None)), Some(Criteria::default()));
    }

    #[test]
    fn a_list_has_an_end() {
        let add = |rule: Criteria, number: usize| rule.with(&device(&number.to_string()));
        let full = (0..MAX_MEMBERS).try_fold(Criteria::default(), add).expect("fits");
        assert_eq!(add(full.clone(), MAX_MEMBERS), Err(NotAdded::TooMany));
        assert_eq!(add(full, 7), Err(NotAdded::Present));
    }

    #[test]
    fn switches_that_are_absent_stay() {
        let before = Criteria {
            access: Access::Deny,
            devices: Group::enabled(Matching::IsNotOneOf, Vec::new()),
            oses: Group::enabled(Matching::IsOneOf, vec![Os::Mac]),
            ..Criteria::default()
        };
        assert_eq!(before.clone().switched(&Draft::default()), before);
        let off = GroupDraft { is_enabled: Some(false), matching: None };
        let draft = Draft {
            access: Some(Access::Allow),
            groups: vec![(Kind::Devices, off)],
            oses: vec![(Os::Mac, false), (Os::Windows, true), (Os::Linux, true)],
        };
        let after = before.switched(&draft);
        assert_eq!(
            (after.access, after.devices.is_enabled, after.devices.matching),
            (Access::Allow, false, Matching::IsNotOneOf)
        );
        assert_eq!(after.oses.members, [Os::Linux, Os::Windows]);
    }
}
