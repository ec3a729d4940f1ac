//! Rules as this dialect writes them, odd spellings and all.

use domain::criteria::{AccountName, AddressRange, Criteria, Group, Label, PrincipalEntry};
use serde_json::{Map, Value, json};

use super::{OSES, number_of};

/// The whole rule.
pub(super) fn whole(rule: &Criteria) -> Value {
    json!({
        "securityPrincipals": group(&rule.principals, "members", &principals(rule)),
        "gateways": group(&rule.gateways, "members", &gateways(rule)),
        "oSs": group(&rule.oses, "allowedOSes", &oses(rule)),
        "iPs": group(&rule.addresses, "allowedIPs", &addresses(rule)),
        "hardwareIDs": group(&rule.hardware_ids, "members", &hardware_ids(rule)),
        "devices": group(&rule.devices, "members", &devices(rule)),
        "access": number_of(rule.access),
    })
}

/// Users and groups. The directory here knows users alone, so all are of type 1 (User).
pub(super) fn principals(rule: &Criteria) -> Value {
    let shown = |entry: &PrincipalEntry| {
        let account = entry.account().map(AccountName::as_str);
        json!({ "account": account, "type": USER, "sid": entry.sid().map(Label::as_str) })
    };
    rule.principals.members.iter().map(shown).collect()
}

pub(super) fn gateways(rule: &Criteria) -> Value {
    rule.gateways.members.iter().map(|gateway| json!({ "gatewayIP": gateway.to_string() })).collect()
}

pub(super) fn oses(rule: &Criteria) -> Value {
    let flag = |(os, name): (_, &str)| (name.to_owned(), rule.oses.members.contains(&os).into());
    Value::Object(Map::from_iter(OSES.map(flag)))
}

pub(super) fn addresses(rule: &Criteria) -> Value {
    let of = |is_wanted: fn(&AddressRange) -> bool| -> Value {
        let ranges = rule.addresses.members.iter().filter(|range| is_wanted(range));
        ranges.map(|range| json!({ "from": range.from().to_string(), "to": range.to().to_string() })).collect()
    };
    json!({ "iPv4s": of(|range| range.from().is_ipv4()), "iPv6s": of(|range| range.from().is_ipv6()) })
}

pub(super) fn hardware_ids(rule: &Criteria) -> Value {
    rule.hardware_ids.members.iter().map(|id| json!({ "hardwareID": id.as_str() })).collect()
}

pub(super) fn devices(rule: &Criteria) -> Value {
    rule.devices.members.iter().map(|name| json!({ "client": name.as_str() })).collect()
}

fn group<T>(group: &Group<T>, list: &str, members: &Value) -> Value {
    json!({ "enabled": group.is_enabled, "matchingMode": number_of(group.matching), list: members })
}

/// `UserType` 1.
const USER: i64 = 1;
