//! The criteria of providers and sites at the Parallels RAS interface: the same calls twice.

use super::param::{choice, limited, truth};
use super::ras_mfa::{CHANGE, PROVIDER, SITE, VIEW};
use super::{Answer, Group, Listener, Operation, Param};

/// The calls below one place, behind some of its own; `$owner` says whose criteria they are.
macro_rules! criteria_of {
    ($place:literal, $owner:expr, [$($first:expr),* $(,)?]) => {
        [
            $($first,)*
            Operation::get(concat!($place, "/Criteria"), "Show the criteria", VIEW)
                .with(&[$owner])
                .gives(Answer::Plain, "access and six groups with their members"),
            Operation::put(concat!($place, "/Criteria"), "Switch criteria", CHANGE)
                .noting("What is absent or null stays. Members are added and removed one by one.")
                .with(&[
                    $owner,
                    ACCESS,
                    truth("securityPrincipalsEnabled", ENABLED),
                    mode("securityPrincipalsMatchingMode"),
                    truth("gatewaysEnabled", ENABLED),
                    mode("gatewaysMatchingMode"),
                    truth("devicesEnabled", ENABLED),
                    mode("devicesMatchingMode"),
                    truth("oSsEnabled", ENABLED),
                    mode("oSsMatchingMode"),
                    truth("iPsEnabled", ENABLED),
                    mode("iPsMatchingMode"),
                    truth("hardwareIDsEnabled", ENABLED),
                    mode("hardwareIDsMatchingMode"),
                ])
                .gives(Answer::Done, "the criteria are switched"),
            Operation::get(concat!($place, "/Criteria/SecurityPrincipals"), "List users and groups", VIEW)
                .with(&[$owner])
                .gives(Answer::PlainList, "account, type and sid of each"),
            Operation::post(concat!($place, "/Criteria/SecurityPrincipals"), "Add a user or group", CHANGE)
                .noting(ONE_NEEDED)
                .with(&[$owner, ACCOUNT, SID])
                .gives(Answer::Created, "the new member"),
            Operation::delete(concat!($place, "/Criteria/SecurityPrincipals"), "Remove a user or group", CHANGE)
                .noting(ONE_NEEDED)
                .with(&[$owner, ACCOUNT, SID])
                .gives(Answer::Done, "it is not listed"),
            Operation::get(concat!($place, "/Criteria/GatewayIPs"), "List gateways", VIEW)
                .with(&[$owner])
                .gives(Answer::PlainList, "gatewayIP of each"),
            Operation::post(concat!($place, "/Criteria/GatewayIPs"), "Add a gateway", CHANGE)
                .with(&[$owner, GATEWAY])
                .gives(Answer::Created, "the new member"),
            Operation::delete(concat!($place, "/Criteria/GatewayIPs"), "Remove a gateway", CHANGE)
                .with(&[$owner, GATEWAY])
                .gives(Answer::Done, "it is not listed"),
            Operation::get(concat!($place, "/Criteria/Devices"), "List devices", VIEW)
                .with(&[$owner])
                .gives(Answer::PlainList, "client of each: the name"),
            Operation::post(concat!($place, "/Criteria/Devices"), "Add a device", CHANGE)
                .with(&[$owner, DEVICE])
                .gives(Answer::Created, "the new member"),
            Operation::delete(concat!($place, "/Criteria/Devices"), "Remove a device", CHANGE)
                .with(&[$owner, DEVICE])
                .gives(Answer::Done, "it is not listed"),
            Operation::get(concat!($place, "/Criteria/HardwareIDs"), "List hardware ids", VIEW)
                .with(&[$owner])
                .gives(Answer::PlainList, "hardwareID of each"),
            Operation::post(concat!($place, "/Criteria/HardwareIDs"), "Add a hardware id", CHANGE)
                .with(&[$owner, HARDWARE_ID])
                .gives(Answer::Created, "the new member"),
            Operation::delete(concat!($place, "/Criteria/HardwareIDs"), "Remove a hardware id", CHANGE)
                .with(&[$owner, HARDWARE_ID])
                .gives(Answer::Done, "it is not listed"),
            Operation::get(concat!($place, "/Criteria/IPs"), "List client addresses", VIEW)
                .with(&[$owner])
                .gives(Answer::Plain, "iPv4s and iPv6s, each with from and to"),
            Operation::post(concat!($place, "/Criteria/IPs"), "Add client addresses", CHANGE)
                .with(&[$owner, IP, IP_TYPE])
                .gives(Answer::Created, "the new member"),
            Operation::delete(concat!($place, "/Criteria/IPs"), "Remove client addresses", CHANGE)
                .with(&[$owner, IP, IP_TYPE])
                .gives(Answer::Done, "they are not listed"),
            Operation::get(concat!($place, "/Criteria/OSes"), "Show operating systems", VIEW)
                .with(&[$owner])
                .gives(Answer::Plain, "eight flags"),
            Operation::put(concat!($place, "/Criteria/OSes"), "List operating systems, or no longer", CHANGE)
                .noting("What is absent or null stays.")
                .with(&[
                    $owner,
                    truth("chrome", LISTED),
                    truth("android", LISTED),
                    truth("webClient", LISTED),
                    truth("iOS", LISTED),
                    truth("linux", LISTED),
                    truth("mac", LISTED),
                    truth("wyse", LISTED),
                    truth("windows", LISTED),
                ])
                .gives(Answer::Done, "the flags are set"),
        ]
    };
}

pub(super) const OF_PROVIDERS: Group = Group {
    title: "Parallels RAS: criteria of a provider",
    about: "Who is asked for a code. Groups that are switched on are joined by AND, members of one group by OR; an \
        empty group and a value that nobody knows except nobody. A list has at most 1,000 members.",
    listener: Listener::Public,
    operations: &criteria_of!("/api/MFA/{id}", PROVIDER, []),
};

pub(super) const OF_SITES: Group = Group {
    title: "Parallels RAS: default criteria of a site",
    about: "The same for the providers of a site that inherit its criteria.",
    listener: Listener::Public,
    operations: &criteria_of!(
        "/api/MFADefaultSettings",
        SITE,
        [Operation::get("/api/MFADefaultSettings", "Show the default settings of a site", VIEW)
            .with(&[SITE])
            .gives(Answer::Plain, "criteria and siteId"),]
    ),
};

const LISTED: &str = "whether it is listed";
const ENABLED: &str = "whether the group takes part";
const ONE_NEEDED: &str = "One of account and sid is needed; with a sid, the sid decides.";
const ACCESS: Param = choice(
    "access",
    &[(0, "DenyCriteriaWhen"), (1, "AllowCriteriaWhen")],
    "whether those who match are excepted, or are the only ones who are asked",
);
const ACCOUNT: Param = limited("account", (1, 255), "staff\\anna", "name, DOMAIN\\name or name@domain");
const SID: Param = limited("sid", (1, 255), "S-1-5-21-1004336348-1177238915-682003330-512", "security identifier");
const GATEWAY: Param = limited("gatewayIP", (1, 100), "192.0.2.1", "address of the gateway").required();
const DEVICE: Param = limited("clientDeviceName", (1, 255), "KIOSK-1", "name of the device").required();
const HARDWARE_ID: Param = limited("hardwareID", (1, 255), "4C4C4544", "the id").required();

const IP: Param = limited("ip", (1, 100), "10.0.0.0-10.0.255.255", "one address, or a range like a-b").required();
const IP_TYPE: Param =
    choice("ipType", &[(0, "Version4"), (1, "Version6")], "the family, which must be that of ip").required();

const fn mode(name: &'static str) -> Param {
    choice(name, &[(0, "IsNotOneOfTheFollowing"), (1, "IsOneOfTheFollowing")], "how the group compares")
}
