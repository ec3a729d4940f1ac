//! The form of a provider: its fields, and what somebody wants by what they filled in.

use domain::decide::ExternalAddress;
use domain::provider::{
    AttributeName, EnrollmentMode, ExternalStorage, Fault, Provider, ProviderDraft, Setting, ShowInformation, TextDraft,
};
use domain::time::Timestamp;

use super::form::{self, Field, Kind, Section, choices};
use super::posted::Posted;

/// The fields with what is set.
pub(super) fn sections(provider: &Provider) -> Vec<Section> {
    vec![about(provider), codes(provider), texts(provider), enrollment(provider)]
}

fn about(provider: &Provider) -> Section {
    let fields = vec![
        Field::new("name", "Name", Kind::Line, provider.name.as_str())
            .hinting("1 to 255 characters, for administrators."),
        Field::new("display_name", "Display name", Kind::Line, provider.display_name.as_str())
            .hinting("Up to 200 characters. What people read instead of the name."),
        Field::new("description", "Note", Kind::Text, provider.description.as_str()).hinting("Up to 4,000 characters."),
        Field::tick("enabled", "Asks for codes", provider.is_enabled)
            .hinting("Switched off, a right password is enough."),
        Field::tick("inherits", "Goes by the rules of the site", provider.inherits_criteria)
            .hinting("Otherwise by rules of its own."),
    ];
    Section { title: "The provider", fields }
}

fn codes(provider: &Provider) -> Section {
    let fields = vec![
        Field::new("length", "Digits of a code", Kind::Number, provider.code_length.digits().to_string())
            .hinting("4 to 20."),
        Field::new("lifetime", "Seconds a code lives", Kind::Number, provider.lifetime.seconds().to_string())
            .hinting("30 to 240."),
    ];
    Section { title: "Codes", fields }
}

fn texts(provider: &Provider) -> Section {
    let fields = vec![
        Field::new("prompt", "What people are asked", Kind::Line, provider.prompt.as_str())
            .hinting("Up to 300 characters."),
        Field::new("subject", "Subject of the mail", Kind::Line, provider.subject.as_str())
            .hinting("1 to 300 characters."),
        Field::new("content", "Text of the mail", Kind::Text, provider.content.as_str())
            .hinting("1 to 2,048 characters. %OTP% stands for the code, %DURATION% for its life in seconds."),
    ];
    Section { title: "Texts", fields }
}

fn enrollment(provider: &Provider) -> Section {
    let is_external = provider.external_address == ExternalAddress::Allowed;
    let attribute = provider.custom_attribute.map_or("", AttributeName::as_str);
    let fields = vec![
        Field::new("enrollment", "People may enroll themselves", choices(MODES), provider.user_enrollment.as_str()),
        Field::new("until", "Until (UTC)", Kind::Moment, provider.until().map(shown_moment).unwrap_or_default())
            .hinting("Counts where enrollment is open until then."),
        Field::new("show", "A wrong password is told", choices(SHOWN), provider.show_information.as_str())
            .hinting("To people who are not enrolled."),
        Field::tick("external", "Another address than the one on record may be enrolled", is_external),
        Field::new("storage", "Where such an address is kept", choices(STORAGES), provider.external_storage.as_str()),
        Field::new("attribute", "Attribute", Kind::Line, attribute).hinting("For a custom attribute: its name."),
    ];
    Section { title: "Enrollment", fields }
}

/// What was filled in, and which fields hold what cannot be read at all. A moment that stands there as it
/// was shown is left alone: it is more exact than it looks.
pub(super) fn read(posted: &Posted, shown: &Provider) -> (ProviderDraft, Vec<(&'static str, &'static str)>) {
    let mut unreadable = Vec::new();
    let mut number = |name| {
        let number = posted.text(name).trim().parse().ok();
        unreadable.extend(number.is_none().then_some((name, "a whole number is needed")));
        number
    };
    let (code_length, lifetime) = (number("length"), number("lifetime"));
    let text = |name| Some(posted.text(name).to_owned());
    let lines = |name| Some(form::lines(posted, name));
    let wanted = |text| TextDraft { text, is_standard: false };
    let until = Some(posted.text("until"))
        .filter(|until| !until.is_empty() && shown.until().map(shown_moment).is_none_or(|shown| shown != *until));
    let moment = until.and_then(read_moment);
    unreadable.extend((until.is_some() && moment.is_none()).then_some(("until", "a date and a time are needed")));
    let is_external = form::is_ticked(posted, "external");
    let draft = ProviderDraft {
        name: text("name"),
        description: lines("description"),
        display_name: text("display_name"),
        is_enabled: Some(form::is_ticked(posted, "enabled")),
        inherits_criteria: Some(form::is_ticked(posted, "inherits")),
        user_enrollment: mode(posted.text("enrollment")),
        until: moment,
        show_information: ShowInformation::parse(posted.text("show")),
        code_length,
        lifetime,
        prompt: wanted(text("prompt")),
        subject: wanted(text("subject")),
        content: wanted(lines("content")),
        external_address: Some(if is_external { ExternalAddress::Allowed } else { ExternalAddress::Forbidden }),
        external_storage: ExternalStorage::parse(posted.text("storage")),
        custom_attribute: text("attribute").filter(|name| !name.is_empty()),
    };
    (draft, unreadable)
}

/// Says at each field what the rules say.
pub(super) fn blame(sections: &mut [Section], faults: Vec<Fault>) {
    for Fault { setting, reason } in faults {
        form::blame(sections, name_of(setting), reason.to_string());
    }
}

const fn name_of(setting: Setting) -> &'static str {
    match setting {
        Setting::CodeLength => "length",
        Setting::Content => "content",
        Setting::CustomAttribute => "attribute",
        Setting::Description => "description",
        Setting::DisplayName => "display_name",
        Setting::ExternalStorage => "storage",
        Setting::Lifetime => "lifetime",
        Setting::Name => "name",
        Setting::Prompt => "prompt",
        Setting::Subject => "subject",
        Setting::Until => "until",
        Setting::UserEnrollment => "enrollment",
    }
}

fn mode(word: &str) -> Option<EnrollmentMode> {
    let modes = [EnrollmentMode::Allow, EnrollmentMode::AllowUntil, EnrollmentMode::DoNotAllow];
    MODES.into_iter().zip(modes).find_map(|((known, _), mode)| (known == word).then_some(mode))
}

fn shown_moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// As browsers send it: without seconds where they are zero, and without a zone.
fn read_moment(text: &str) -> Option<Timestamp> {
    let at: jiff::civil::DateTime = text.parse().ok()?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(at.timestamp().as_millisecond()))
}

const MODES: [(&str, &str); 3] =
    [("allow", "at any time"), ("allow-until", "until the instant below"), ("do-not-allow", "never")];
const SHOWN: [(&str, &str); 3] = [
    ("always", "always"),
    ("if-enrollment-is-allowed", "while enrollment is open"),
    ("never", "never: it looks like a right one"),
];
const STORAGES: [(&str, &str); 3] = [
    ("database", "in the database of Otpost"),
    ("directory-mail", "in the mail attribute of the directory"),
    ("custom-attribute", "in a custom attribute of the directory"),
];
