//! The rights of an administrator as objects.

use domain::admin::{Allowance, Level, Sites};
use serde_json::{Map, Value, json};

use super::fields::Choice;
use crate::manage::admins::Admin;

impl Choice for Level {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "PowerAdmin", Self::Power), (1, "RootAdmin", Self::Root), (2, "CustomAdmin", Self::Custom)];
}

/// What an administrator may as a power administrator. A root administrator may everything, and is shown so.
pub(super) fn power(admin: &Admin) -> Value {
    let rights = &admin.rights;
    let is_root = rights.level == Level::Root;
    let mut shown = Map::from_iter([("adminId".to_owned(), json!(admin.id))]);
    for (name, allowance) in ALLOWANCES {
        shown.insert(name.to_owned(), (is_root || rights.power.allowed.contains(&allowance)).into());
    }
    let (all, some) = match &rights.power.sites {
        Sites::All => (true, Value::Array(Vec::new())),
        Sites::Some(sites) => (is_root, json!(sites)),
    };
    shown.insert("allowAllSites".to_owned(), all.into());
    shown.insert("allowInSiteIds".to_owned(), some);
    shown.into()
}

/// The properties of a power permission.
pub(super) const ALLOWANCES: [(&str, Allowance); 10] = [
    ("allowSiteChanges", Allowance::SiteChanges),
    ("allowConnectionChanges", Allowance::ConnectionChanges),
    ("allowSessionManagement", Allowance::SessionManagement),
    ("allowDeviceManagementChanges", Allowance::DeviceManagementChanges),
    ("allowViewingReportingInfo", Allowance::ViewingReportingInfo),
    ("allowViewingLicenseInfo", Allowance::ViewingLicenseInfo),
    ("allowViewingSiteInfo", Allowance::ViewingSiteInfo),
    ("allowPublishingChanges", Allowance::PublishingChanges),
    ("allowPolicyChanges", Allowance::PolicyChanges),
    ("allowViewingPolicyInfo", Allowance::ViewingPolicyInfo),
];
