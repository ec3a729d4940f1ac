//! The enumerations of providers and criteria, as they are numbered and named on the wire.

use domain::criteria::{Access, Matching};
use domain::provider::{EnrollmentMode, ExternalStorage, ShowInformation};

use crate::http::parallels::fields::Choice;

/// The kind of a provider. Others exist in the interface, and are not offered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MfaType {
    EmailOtp,
}

/// The family of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IpType {
    Version4,
    Version6,
}

impl Choice for MfaType {
    const ALL: &'static [(i64, &'static str, Self)] = &[(11, "EmailOTP", Self::EmailOtp)];
}

impl Choice for IpType {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "Version4", Self::Version4), (1, "Version6", Self::Version6)];
}

impl Choice for EnrollmentMode {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "Allow", Self::Allow), (1, "AllowUntil", Self::AllowUntil), (2, "DoNotAllow", Self::DoNotAllow)];
}

impl Choice for ShowInformation {
    const ALL: &'static [(i64, &'static str, Self)] = &[
        (0, "Always", Self::Always),
        (1, "IfEnrollmentIsAllowed", Self::IfEnrollmentIsAllowed),
        (2, "Never", Self::Never),
    ];
}

impl Choice for ExternalStorage {
    const ALL: &'static [(i64, &'static str, Self)] = &[
        (0, "RASDatabase", Self::Database),
        (1, "ADMail", Self::DirectoryMail),
        (2, "ADCustom", Self::CustomAttribute),
    ];
}

impl Choice for Access {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "DenyCriteriaWhen", Self::Deny), (1, "AllowCriteriaWhen", Self::Allow)];
}

impl Choice for Matching {
    const ALL: &'static [(i64, &'static str, Self)] =
        &[(0, "IsNotOneOfTheFollowing", Self::IsNotOneOf), (1, "IsOneOfTheFollowing", Self::IsOneOf)];
}
