//! `/api/MFA/EmailOTP`: adding and changing providers of e-mail codes. Limits are the domain's; all that
//! is wrong with a request is told at once.

use axum::extract::State;
use axum::response::Response;
use domain::admin::Right;
use domain::decide::ExternalAddress;
use domain::provider::{Fault, InvalidProvider, ProviderDraft, Setting, TextDraft};

use super::{rule, shown};
use crate::app::App;
use crate::http::parallels::body::Body;
use crate::http::parallels::fault::Code;
use crate::http::parallels::fields::Fields;
use crate::http::parallels::id::Id;
use crate::http::parallels::problem::Problem;
use crate::http::parallels::reply;
use crate::http::parallels::signed::Signed;
use crate::manage::providers::{self, ProviderError};

/// `POST /api/MFA/EmailOTP`
pub(super) async fn create(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    let now = app.now();
    let (site_id, draft) = body.read(|fields| {
        let site_id = fields.id("siteId");
        let draft = read(fields);
        fields.required("name", draft.name.clone());
        fields.required("displayName", draft.display_name.clone());
        blame(fields, draft.clone().create(0, now).err());
        (site_id, draft)
    })?;
    let site_id = rule::site(&app, site_id)?;
    signed.may(Right::Connections, site_id)?;
    let by = signed.by("POST /api/MFA/EmailOTP");
    Ok(shown::created(&providers::create(&app, &by, site_id, draft).await?))
}

/// `PUT /api/MFA/EmailOTP/<id>`: what is absent or null stays as it is.
pub(super) async fn update(
    State(app): State<App>,
    signed: Signed,
    Id(id): Id,
    body: Body,
) -> Result<Response, Problem> {
    let stored = super::find(&app, &signed, id, Right::Connections).await?;
    let draft = body.read(|fields| {
        let mut draft = read(fields);
        draft.inherits_criteria = fields.flag("inheritDefaultCriteriaSettings");
        draft.prompt.is_standard = fields.flag("defaultUserMessagePrompt").unwrap_or(false);
        draft.subject.is_standard = fields.flag("defaultEmailSubject").unwrap_or(false);
        draft.content.is_standard = fields.flag("defaultEmailContent").unwrap_or(false);
        blame(fields, draft.clone().update(stored.provider).err());
        draft
    })?;
    providers::update(&app, &signed.by("PUT /api/MFA/EmailOTP/<id>"), id, draft).await?;
    Ok(reply::done())
}

/// What both take.
fn read(fields: &mut Fields<'_>) -> ProviderDraft {
    let text = |text| TextDraft { text, is_standard: false };
    let external = |is_allowed| if is_allowed { ExternalAddress::Allowed } else { ExternalAddress::Forbidden };
    ProviderDraft {
        name: fields.text("name", ANY_LENGTH),
        description: fields.text("description", ANY_LENGTH),
        display_name: fields.text("displayName", ANY_LENGTH),
        is_enabled: fields.flag("enabled"),
        inherits_criteria: None,
        user_enrollment: fields.choice("userEnrollment"),
        until: fields.instant("untilDateTime"),
        show_information: fields.choice("showInformationForUnenrolledUsers"),
        code_length: fields.number("otpLength", ANY_NUMBER),
        lifetime: fields.number("otpLifespanSec", ANY_NUMBER),
        prompt: text(fields.text("userMessagePrompt", ANY_LENGTH)),
        subject: text(fields.text("emailSubject", ANY_LENGTH)),
        content: text(fields.text("emailContent", ANY_LENGTH)),
        external_address: fields.flag("allowEnrollExternalEmail").map(external),
        external_storage: fields.choice("externalEmailStorage"),
        custom_attribute: fields.text("adCustomAttribute", ANY_LENGTH),
    }
}

fn blame(fields: &mut Fields<'_>, faults: Option<Vec<Fault>>) {
    // A date that was given and cannot be read is not missing.
    let is_date_bad = fields.has_fault(property(Setting::Until));
    for Fault { setting, reason } in faults.unwrap_or_default() {
        if is_date_bad && reason == InvalidProvider::UntilMissing {
            continue;
        }
        fields.blame(property(setting), code(&reason), reason.to_string());
    }
}

const fn property(setting: Setting) -> &'static str {
    match setting {
        Setting::CodeLength => "otpLength",
        Setting::Content => "emailContent",
        Setting::CustomAttribute => "adCustomAttribute",
        Setting::Description => "description",
        Setting::DisplayName => "displayName",
        Setting::ExternalStorage => "externalEmailStorage",
        Setting::Lifetime => "otpLifespanSec",
        Setting::Name => "name",
        Setting::Prompt => "userMessagePrompt",
        Setting::Subject => "emailSubject",
        Setting::Until => "untilDateTime",
        Setting::UserEnrollment => "userEnrollment",
    }
}

const fn code(reason: &InvalidProvider) -> Code {
    match reason {
        InvalidProvider::CodeLength(_) | InvalidProvider::Lifetime(_) => Code::Range,
        InvalidProvider::ControlCharacter(_) => Code::Format,
        InvalidProvider::Missing(_) => Code::Missing,
        InvalidProvider::TextLength { .. } => Code::Length,
        InvalidProvider::AttributeMissing
        | InvalidProvider::AttributeName
        | InvalidProvider::NoCode
        | InvalidProvider::TwoTexts
        | InvalidProvider::UntilMissing
        | InvalidProvider::UntilPassed => Code::Value,
    }
}

impl From<ProviderError> for Problem {
    /// Faults were told before the use case was called; here they are those of a provider that somebody
    /// else changed in between.
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Manage(error) => error.into(),
            ProviderError::Faults(faults) => {
                let told = |fault: Fault| {
                    let pointer = format!("/{}", property(fault.setting));
                    super::Fault::new(pointer, code(&fault.reason), fault.reason.to_string())
                };
                Self::invalid(faults.into_iter().map(told).collect())
            }
        }
    }
}

/// The domain knows the limits.
const ANY_LENGTH: std::ops::RangeInclusive<usize> = 0..=usize::MAX;
const ANY_NUMBER: std::ops::RangeInclusive<i64> = i64::MIN..=i64::MAX;
