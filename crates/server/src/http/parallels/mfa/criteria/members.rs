//! The lists of a rule, one member at a time. A member is named in the body, also where it is removed.

use std::ops::RangeInclusive;

use axum::response::Response;
use domain::criteria::{AddressRange, Criteria, Label, Member, PrincipalEntry};
use serde_json::Value;

use super::groups;
use crate::app::App;
use crate::http::parallels::body::Body;
use crate::http::parallels::fault::Code;
use crate::http::parallels::fields::Fields;
use crate::http::parallels::mfa::choices::IpType;
use crate::http::parallels::mfa::rule::Rule;
use crate::http::parallels::problem::Problem;
use crate::http::parallels::reply;
use crate::manage::criteria;

/// A list of a rule.
#[derive(Debug, Clone, Copy)]
pub(super) enum Listed {
    Devices,
    GatewayIps,
    HardwareIds,
    Ips,
    SecurityPrincipals,
}

impl Listed {
    pub(super) const ALL: [Self; 5] =
        [Self::Devices, Self::GatewayIps, Self::HardwareIds, Self::Ips, Self::SecurityPrincipals];

    /// As it is spelled in paths.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Devices => "Devices",
            Self::GatewayIps => "GatewayIPs",
            Self::HardwareIds => "HardwareIDs",
            Self::Ips => "IPs",
            Self::SecurityPrincipals => "SecurityPrincipals",
        }
    }

    fn shown(self, rule: &Criteria) -> Value {
        match self {
            Self::Devices => groups::devices(rule),
            Self::GatewayIps => groups::gateways(rule),
            Self::HardwareIds => groups::hardware_ids(rule),
            Self::Ips => groups::addresses(rule),
            Self::SecurityPrincipals => groups::principals(rule),
        }
    }

    fn read(self, fields: &mut Fields<'_>) -> Option<Member> {
        match self {
            Self::Devices => label(fields, "clientDeviceName").map(Member::Device),
            Self::GatewayIps => gateway(fields),
            Self::HardwareIds => label(fields, "hardwareID").map(Member::HardwareId),
            Self::Ips => range(fields).map(Member::Address),
            Self::SecurityPrincipals => principal(fields).map(Member::Principal),
        }
    }
}

pub(super) async fn list(app: &App, rule: &Rule, group: Listed) -> Result<Response, Problem> {
    Ok(reply::ok(&group.shown(&criteria::find(app, rule.owner).await?)))
}

/// 201 with the new member.
pub(super) async fn add(app: &App, rule: &Rule, body: Body, group: Listed) -> Result<Response, Problem> {
    let Some(member) = body.read(|fields| group.read(fields))? else { return Err(Problem::busy()) };
    criteria::add(app, &by(rule, group), rule.owner, &member).await?;
    let alone = Criteria::default().with(&member).unwrap_or_default();
    let shown = group.shown(&alone);
    Ok(reply::created(&rule.path(&part(group)), shown.get(0).unwrap_or(&shown)))
}

pub(super) async fn remove(app: &App, rule: &Rule, body: Body, group: Listed) -> Result<Response, Problem> {
    if let Some(member) = body.read(|fields| group.read(fields))? {
        criteria::remove(app, &by(rule, group), rule.owner, &member).await?;
    }
    Ok(reply::done())
}

fn by(rule: &Rule, group: Listed) -> crate::manage::By {
    rule.by(&part(group))
}

fn part(group: Listed) -> String {
    format!("/{}", group.as_str())
}

/// A member that is missing has its fault, so that nothing comes of the call.
fn needed<T>(fields: &mut Fields<'_>, name: &'static str, value: Option<T>) -> Option<T> {
    fields.required(name, value.as_ref().map(|_| ()));
    value
}

fn label(fields: &mut Fields<'_>, name: &'static str) -> Option<Label> {
    let label = fields.parsed(name, NAMES, Label::parse);
    needed(fields, name, label)
}

/// A gateway is known here by its address alone.
fn gateway(fields: &mut Fields<'_>) -> Option<Member> {
    let single = |text: &str| AddressRange::parse(text, None).map(|range| range.from());
    let gateway = fields.parsed("gatewayIP", ADDRESSES, single);
    if fields.id("gatewayId").is_some() {
        fields.blame("gatewayId", Code::Value, "gateways have no numbers here: give gatewayIP".to_owned());
    }
    needed(fields, "gatewayIP", gateway).map(Member::Gateway)
}

fn range(fields: &mut Fields<'_>) -> Option<AddressRange> {
    let range = fields.parsed("ip", ADDRESSES, AddressRange::parse_span);
    let range = needed(fields, "ip", range);
    let kind = fields.choice::<IpType>("ipType");
    let kind = needed(fields, "ipType", kind);
    let (range, kind) = (range?, kind?);
    if range.from().is_ipv4() != (kind == IpType::Version4) {
        let message = format!("is of the other kind than ipType says: {range}");
        fields.blame("ip", Code::Value, message);
    }
    Some(range)
}

fn principal(fields: &mut Fields<'_>) -> Option<PrincipalEntry> {
    let account = fields.line("account", NAMES);
    let sid = fields.line("sid", NAMES);
    match PrincipalEntry::parse(account.as_deref(), sid.as_deref()) {
        Ok(entry) => Some(entry),
        Err(error) => {
            let place = if sid.is_some() { "sid" } else { "account" };
            fields.blame(place, Code::Format, error.to_string());
            None
        }
    }
}

const NAMES: RangeInclusive<usize> = 1..=255;
/// Two of the longest addresses, with a hyphen and blanks.
const ADDRESSES: RangeInclusive<usize> = 1..=100;
