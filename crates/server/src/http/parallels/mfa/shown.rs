//! A provider as this dialect writes it.

use axum::response::Response;
use domain::decide::ExternalAddress;
use domain::provider::{AttributeName, Provider};
use serde_json::{Value, json};

use super::choices::MfaType;
use super::criteria;
use crate::http::parallels::fields::number_of;
use crate::http::parallels::reply;
use crate::manage::providers::StoredProvider;

/// The whole object. An end of enrollment that is not set is left out: it must not be null.
pub(super) fn provider(stored: &StoredProvider) -> Value {
    let StoredProvider { provider, trace } = stored;
    let mut shown = json!({
        "id": provider.id,
        "adminCreate": trace.created_by,
        "adminLastMod": trace.changed_by,
        "timeCreate": reply::instant(trace.created_at),
        "timeLastMod": reply::instant(trace.changed_at),
        "name": provider.name.as_str(),
        "siteId": provider.site_id,
        "description": provider.description.as_str(),
        "enabled": provider.is_enabled,
        "type": number_of(MfaType::EmailOtp),
        "inheritDefaultCriteriaSettings": provider.inherits_criteria,
        "criteria": criteria::shown(&provider.criteria),
    });
    let until = provider.until().map(|until| json!({ "untilDateTime": reply::instant(until) }));
    for part in [Some(settings(provider)), until].into_iter().flatten() {
        if let (Some(shown), Value::Object(part)) = (shown.as_object_mut(), part) {
            shown.extend(part);
        }
    }
    shown
}

/// 201 with a new provider.
pub(super) fn created(stored: &StoredProvider) -> Response {
    reply::created(&format!("/api/MFA/{}", stored.provider.id), &provider(stored))
}

fn settings(provider: &Provider) -> Value {
    json!({
        "displayName": provider.display_name.as_str(),
        "userEnrollment": number_of(provider.user_enrollment.mode()),
        "showInformationForUnenrolledUsers": number_of(provider.show_information),
        "otpLength": provider.code_length.digits(),
        "otpLifespanSec": provider.lifetime.seconds(),
        "userMessagePrompt": provider.prompt.as_str(),
        "emailSubject": provider.subject.as_str(),
        "emailContent": provider.content.as_str(),
        "allowEnrollExternalEmail": provider.external_address == ExternalAddress::Allowed,
        "externalEmailStorage": number_of(provider.external_storage),
        "adCustomAttribute": provider.custom_attribute.map(AttributeName::as_str),
    })
}
