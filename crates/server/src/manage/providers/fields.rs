//! The settings of a provider as texts under the names of the interface, for the audit.

use domain::decide::ExternalAddress;
use domain::provider::{AttributeName, Provider};
use domain::time::Timestamp;

use crate::manage::difference::Texts;

/// Each setting, the same in the same place. Criteria have lines of their own.
pub(super) fn of(provider: &Provider) -> Texts {
    vec![
        ("name", provider.name.to_string()),
        ("description", provider.description.as_str().to_owned()),
        ("displayName", provider.display_name.as_str().to_owned()),
        ("enabled", provider.is_enabled.to_string()),
        ("inheritDefaultCriteriaSettings", provider.inherits_criteria.to_string()),
        ("userEnrollment", provider.user_enrollment.as_str().to_owned()),
        ("untilDateTime", provider.until().map(date).unwrap_or_default()),
        ("showInformationForUnenrolledUsers", provider.show_information.as_str().to_owned()),
        ("otpLength", provider.code_length.digits().to_string()),
        ("otpLifespanSec", provider.lifetime.seconds().to_string()),
        ("userMessagePrompt", provider.prompt.as_str().to_owned()),
        ("emailSubject", provider.subject.as_str().to_owned()),
        ("emailContent", provider.content.as_str().to_owned()),
        ("allowEnrollExternalEmail", (provider.external_address == ExternalAddress::Allowed).to_string()),
        ("externalEmailStorage", provider.external_storage.as_str().to_owned()),
        ("adCustomAttribute", provider.custom_attribute.map_or("", AttributeName::as_str).to_owned()),
        ("concurrentChallenges", provider.concurrent_challenges.to_string()),
        ("firstFactor", provider.first_factor.as_str().to_owned()),
    ]
}

fn date(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map(|at| at.to_string()).unwrap_or_default()
}
