//! Rights as they are stored: one JSON document beside the level, checked on its way out.

use std::collections::BTreeSet;

use domain::admin::{Allowance, Custom, Level, ObjectKind, Power, Rights, Sites};
use serde::{Deserialize, Serialize};

/// The document.
pub(super) fn to_json(rights: &Rights) -> String {
    let document = Document {
        allowed: rights.power.allowed.iter().map(|allowance| StoredAllowance::of(*allowance)).collect(),
        sites: match &rights.power.sites {
            Sites::All => None,
            Sites::Some(sites) => Some(sites.clone()),
        },
        custom: rights.custom.iter().map(StoredCustom::of).collect(),
    };
    serde_json::to_string(&document).unwrap_or_else(|_| unreachable!("no map with keys that are no text"))
}

/// Reads the document; nothing if any part of it is not valid.
pub(super) fn from_json(level: Level, text: &str) -> Option<Rights> {
    let document: Document = serde_json::from_str(text).ok()?;
    let allowed = document.allowed.into_iter().map(StoredAllowance::read).collect();
    let sites = document.sites.map_or(Sites::All, Sites::Some);
    let custom = document.custom.into_iter().map(StoredCustom::read).collect();
    Some(Rights { level, power: Power { allowed, sites }, custom })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    allowed: Vec<StoredAllowance>,
    /// None for every site.
    sites: Option<BTreeSet<i64>>,
    custom: Vec<StoredCustom>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCustom {
    site: i64,
    kind: StoredKind,
    may_modify: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredKind {
    Connection,
    Site,
}

/// One table for both directions.
macro_rules! allowances {
    ($($name:ident),+ $(,)?) => {
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum StoredAllowance { $($name),+ }

        impl StoredAllowance {
            const fn of(allowance: Allowance) -> Self {
                match allowance { $(Allowance::$name => Self::$name),+ }
            }

            const fn read(self) -> Allowance {
                match self { $(Self::$name => Allowance::$name),+ }
            }
        }
    };
}

allowances!(
    ConnectionChanges,
    DeviceManagementChanges,
    PolicyChanges,
    PublishingChanges,
    SessionManagement,
    SiteChanges,
    ViewingLicenseInfo,
    ViewingPolicyInfo,
    ViewingReportingInfo,
    ViewingSiteInfo,
);

impl StoredCustom {
    fn of(custom: &Custom) -> Self {
        let kind = match custom.kind {
            ObjectKind::Connection => StoredKind::Connection,
            ObjectKind::Site => StoredKind::Site,
        };
        Self { site: custom.site, kind, may_modify: custom.may_modify }
    }

    fn read(self) -> Custom {
        let kind = match self.kind {
            StoredKind::Connection => ObjectKind::Connection,
            StoredKind::Site => ObjectKind::Site,
        };
        Custom { site: self.site, kind, may_modify: self.may_modify }
    }
}
