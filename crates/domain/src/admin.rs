//! What an administrator may do: a level, and what it leaves open. Pure.

use std::collections::BTreeSet;

/// The rights of one administrator. What belongs to another level than the present one is kept, and
/// counts again when the level does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    /// How much the others matter.
    pub level: Level,
    /// What a power administrator may.
    pub power: Power,
    /// What a custom administrator may.
    pub custom: Vec<Custom>,
}

/// The level of an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// May what is granted kind by kind.
    Custom,
    /// May what is allowed, on the sites that are named.
    #[default]
    Power,
    /// May everything.
    Root,
}

/// What a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Administrators, their sessions, sites as such, the mailbox: root administrators alone.
    Farm,
    /// Changing providers, criteria, enrollments and themes of a site.
    Connections,
    /// Changing a site's own settings.
    Site,
    /// Reading what belongs to a site.
    View,
}

/// What a power administrator may, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Power {
    /// What is allowed.
    pub allowed: BTreeSet<Allowance>,
    /// Where.
    pub sites: Sites,
}

/// The sites of a power administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sites {
    /// Every one, also those to come.
    All,
    /// These.
    Some(BTreeSet<i64>),
}

/// One thing that a power administrator may be allowed. Those that nothing here hangs on are kept for
/// the programs that set them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Allowance {
    /// Changing providers, criteria, enrollments and themes.
    ConnectionChanges,
    /// Managing devices.
    DeviceManagementChanges,
    /// Changing policies.
    PolicyChanges,
    /// Changing what is published.
    PublishingChanges,
    /// Managing sessions of users.
    SessionManagement,
    /// Changing the settings of a site.
    SiteChanges,
    /// Reading about licences.
    ViewingLicenseInfo,
    /// Reading policies.
    ViewingPolicyInfo,
    /// Reading reports.
    ViewingReportingInfo,
    /// Reading what belongs to a site.
    ViewingSiteInfo,
}

/// One grant to a custom administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// On which site.
    pub site: i64,
    /// On what.
    pub kind: ObjectKind,
    /// Whether it may be changed, and not only read.
    pub may_modify: bool,
}

/// What a grant is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Providers, criteria, enrollments and themes.
    Connection,
    /// The site itself.
    Site,
}

impl Default for Sites {
    fn default() -> Self {
        Self::Some(BTreeSet::new())
    }
}

impl Sites {
    /// Whether the site is one of them.
    pub fn contains(&self, site: i64) -> bool {
        match self {
            Self::All => true,
            Self::Some(sites) => sites.contains(&site),
        }
    }
}

impl Rights {
    /// Everything.
    pub fn root() -> Self {
        Self { level: Level::Root, ..Self::default() }
    }

    /// Whether this is allowed on this site. Whoever may change something on a site may read there.
    pub fn may(&self, right: Right, site: i64) -> bool {
        match self.level {
            Level::Root => true,
            Level::Power => self.power.may(right, site),
            Level::Custom => self.custom.iter().any(|grant| grant.site == site && grant.may(right)),
        }
    }

    /// Whether this is allowed whatever the site.
    pub fn may_everywhere(&self, right: Right) -> bool {
        match self.level {
            Level::Root => true,
            Level::Power => self.power.sites == Sites::All && self.power.allows(right),
            Level::Custom => false,
        }
    }
}

impl Power {
    fn may(&self, right: Right, site: i64) -> bool {
        self.sites.contains(site) && self.allows(right)
    }

    fn allows(&self, right: Right) -> bool {
        let enough: &[Allowance] = match right {
            Right::Farm => &[],
            Right::Connections => &[Allowance::ConnectionChanges],
            Right::Site => &[Allowance::SiteChanges],
            Right::View => &[Allowance::ConnectionChanges, Allowance::SiteChanges, Allowance::ViewingSiteInfo],
        };
        enough.iter().any(|allowance| self.allowed.contains(allowance))
    }
}

impl Custom {
    fn may(&self, right: Right) -> bool {
        match right {
            Right::Farm => false,
            Right::Connections => self.may_modify && self.kind == ObjectKind::Connection,
            Right::Site => self.may_modify && self.kind == ObjectKind::Site,
            Right::View => true,
        }
    }
}

impl Level {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Power => "power",
            Self::Root => "root",
        }
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Custom, Self::Power, Self::Root].into_iter().find(|level| level.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Right; 4] = [Right::Farm, Right::Connections, Right::Site, Right::View];

    fn allowed(rights: &Rights, site: i64) -> Vec<Right> {
        ALL.into_iter().filter(|right| rights.may(*right, site)).collect()
    }

    #[test]
    fn a_root_administrator_may_everything_everywhere() {
        assert_eq!(allowed(&Rights::root(), 7), ALL);
        assert!(ALL.into_iter().all(|right| Rights::root().may_everywhere(right)));
    }

    #[test]
    fn a_power_administrator_may_what_is_allowed_where_it_is() {
        let power = |allowance, sites| Power { allowed: BTreeSet::from([allowance]), sites };
        let rights = |power| Rights { level: Level::Power, power, custom: Vec::new() };
        let here = rights(power(Allowance::ConnectionChanges, Sites::Some(BTreeSet::from([1]))));
        assert_eq!(allowed(&here, 1), [Right::Connections, Right::View]);
        assert_eq!(allowed(&here, 2), []);
        assert!(!here.may_everywhere(Right::Connections));
        let reader = rights(power(Allowance::ViewingSiteInfo, Sites::All));
        assert_eq!(allowed(&reader, 9), [Right::View]);
        assert!(reader.may_everywhere(Right::View) && !reader.may_everywhere(Right::Farm));
        assert_eq!(allowed(&rights(power(Allowance::ViewingReportingInfo, Sites::All)), 1), []);
        assert_eq!(allowed(&Rights::default(), 1), []);
    }

    #[test]
    fn a_custom_administrator_may_what_is_granted() {
        let grant = |kind, may_modify| Custom { site: 1, kind, may_modify };
        let rights = |custom| Rights { level: Level::Custom, custom: vec![custom], ..Rights::default() };
        assert_eq!(allowed(&rights(grant(ObjectKind::Connection, true)), 1), [Right::Connections, Right::View]);
        assert_eq!(allowed(&rights(grant(ObjectKind::Connection, false)), 1), [Right::View]);
        assert_eq!(allowed(&rights(grant(ObjectKind::Site, true)), 1), [Right::Site, Right::View]);
        assert_eq!(allowed(&rights(grant(ObjectKind::Site, true)), 2), []);
    }

    #[test]
    fn what_another_level_allows_does_not_count() {
        let power = Power { allowed: BTreeSet::from([Allowance::SiteChanges]), sites: Sites::All };
        assert_eq!(allowed(&Rights { level: Level::Custom, power, custom: Vec::new() }, 1), []);
    }
}
