//! Both sides of every limit, dependent settings, and all faults at once.

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn new() -> ProviderDraft {
    ProviderDraft { name: Some("Post".to_owned()), display_name: Some(String::new()), ..ProviderDraft::default() }
}

fn text(text: &str) -> TextDraft {
    TextDraft { text: Some(text.to_owned()), is_standard: false }
}

fn standard() -> TextDraft {
    TextDraft { text: None, is_standard: true }
}

fn blamed(outcome: Result<Provider, Vec<Fault>>) -> Vec<Setting> {
    outcome.expect_err("refused").into_iter().map(|fault| fault.setting).collect()
}

#[test]
fn a_new_provider_has_the_published_defaults() {
    let made = new().create(3, NOW).expect("valid");
    let name = ProviderName::parse("Post").expect("a name");
    assert_eq!(made, Provider { name, ..Provider::blank(3) });
    assert!(!made.is_enabled && made.inherits_criteria && made.custom_attribute.is_none());
    assert_eq!((made.code_length, made.lifetime.seconds()), (CodeLength::STANDARD, 120));
    assert_eq!((made.user_enrollment, made.show_information), (UserEnrollment::Allow, ShowInformation::Never));
    assert_eq!((made.external_address, made.until()), (ExternalAddress::Forbidden, None));
}

#[test]
fn what_is_needed_is_asked_for_at_once() {
    assert_eq!(blamed(ProviderDraft::default().create(1, NOW)), [Setting::Name, Setting::DisplayName]);
}

/// Changes one setting of a draft.
type Change = fn(&mut ProviderDraft);

fn long(units: usize) -> String {
    "x".repeat(units)
}

fn content(units: usize) -> TextDraft {
    text(&format!("%OTP%{}", "x".repeat(units - 5)))
}

/// What is taken, and what is not.
const LIMITS: [(Setting, Change, Change); 16] = [
    (Setting::Name, |draft| draft.name = Some(long(255)), |draft| draft.name = Some(long(256))),
    (Setting::Name, |draft| draft.name = Some(long(1)), |draft| draft.name = Some("  ".to_owned())),
    (Setting::DisplayName, |draft| draft.display_name = Some(long(200)), |draft| draft.display_name = Some(long(201))),
    (Setting::Description, |draft| draft.description = Some(long(4000)), |draft| draft.description = Some(long(4001))),
    (Setting::CodeLength, |draft| draft.code_length = Some(4), |draft| draft.code_length = Some(3)),
    (Setting::CodeLength, |draft| draft.code_length = Some(20), |draft| draft.code_length = Some(21)),
    (Setting::Lifetime, |draft| draft.lifetime = Some(30), |draft| draft.lifetime = Some(29)),
    (Setting::Lifetime, |draft| draft.lifetime = Some(240), |draft| draft.lifetime = Some(241)),
    (Setting::Prompt, |draft| draft.prompt = text(""), |draft| draft.prompt = text("a\nb")),
    (Setting::Prompt, |draft| draft.prompt.text = Some(long(300)), |draft| draft.prompt.text = Some(long(301))),
    (Setting::Subject, |draft| draft.subject = text("x"), |draft| draft.subject = text("")),
    (Setting::Subject, |draft| draft.subject.text = Some(long(300)), |draft| draft.subject.text = Some(long(301))),
    (Setting::Content, |draft| draft.content = text("%OTP%"), |draft| draft.content = text("")),
    (Setting::Content, |draft| draft.content = content(2048), |draft| draft.content = content(2049)),
    (
        Setting::CustomAttribute,
        |draft| draft.custom_attribute = Some("mail".to_owned()),
        |draft| draft.custom_attribute = Some("userPassword".to_owned()),
    ),
    (
        Setting::Until,
        |draft| draft.until = Some(Timestamp::from_millis(NOW.millis() + 1)),
        |draft| draft.until = Some(NOW),
    ),
];

#[test]
fn every_limit_has_two_sides() {
    for (setting, good, bad) in LIMITS {
        let with = |change: Change| {
            let mut draft = new();
            change(&mut draft);
            draft.create(1, NOW)
        };
        assert!(with(good).is_ok(), "{setting:?}");
        assert_eq!(blamed(with(bad)), [setting]);
    }
}

#[test]
fn all_faults_come_at_once() {
    use Setting::{CodeLength, Content, CustomAttribute, DisplayName, Lifetime, Name, Until, UserEnrollment};
    let bad = ProviderDraft {
        name: Some(" ".to_owned()),
        display_name: Some("x".repeat(201)),
        code_length: Some(3),
        lifetime: Some(241),
        custom_attribute: Some("1abc".to_owned()),
        content: text(""),
        user_enrollment: Some(EnrollmentMode::AllowUntil),
        ..ProviderDraft::default()
    };
    let expected = [Name, DisplayName, CodeLength, Lifetime, CustomAttribute, Content, UserEnrollment, Until];
    assert_eq!(blamed(bad.create(1, NOW)), expected);
}

#[test]
fn what_is_absent_stays() {
    let stored = Provider { id: 7, is_enabled: false, ..Provider::standard() };
    assert_eq!(ProviderDraft::default().update(stored.clone()), Ok(stored));
}

#[test]
fn settings_that_depend_on_each_other_are_judged_together() {
    let stored = Provider::standard();
    let custom = Some(ExternalStorage::CustomAttribute);
    let missing = ProviderDraft { external_storage: custom, ..ProviderDraft::default() };
    assert_eq!(blamed(missing.clone().update(stored.clone())), [Setting::ExternalStorage, Setting::CustomAttribute]);
    let named = Provider { custom_attribute: AttributeName::parse("mail").ok(), ..stored.clone() };
    assert!(missing.update(named).is_ok(), "the attribute was stored before");
    let draft = ProviderDraft { subject: text("%OTP%"), content: text("look above"), ..ProviderDraft::default() };
    let moved = draft.update(stored).expect("the subject carries the code");
    let back = ProviderDraft { subject: standard(), ..ProviderDraft::default() };
    assert_eq!(blamed(back.clone().update(moved.clone())), [Setting::Content], "nothing would carry the code");
    let both_back = ProviderDraft { content: standard(), ..back };
    assert_eq!(both_back.update(moved), Ok(Provider::standard()));
}

#[test]
fn a_default_and_a_new_text_exclude_each_other() {
    let both = || TextDraft { text: Some("%OTP%".to_owned()), is_standard: true };
    let draft = ProviderDraft { prompt: both(), subject: both(), content: both(), ..ProviderDraft::default() };
    let faults = draft.update(Provider::standard()).expect_err("refused");
    assert_eq!(faults.len(), 3);
    assert!(faults.iter().all(|fault| fault.reason == InvalidProvider::TwoTexts));
}

#[test]
fn an_end_of_enrollment_is_kept_while_it_does_not_count() {
    let mode = |mode| ProviderDraft { user_enrollment: Some(mode), ..ProviderDraft::default() };
    assert_eq!(
        blamed(mode(EnrollmentMode::AllowUntil).update(Provider::standard())),
        [Setting::UserEnrollment, Setting::Until]
    );
    let past = ProviderDraft { until: Some(Timestamp::from_millis(5)), ..mode(EnrollmentMode::AllowUntil) };
    let until = past.update(Provider::standard()).expect("an end that has passed means closed");
    assert_eq!(until.user_enrollment, UserEnrollment::AllowUntil(Timestamp::from_millis(5)));
    let closed = mode(EnrollmentMode::DoNotAllow).update(until.clone()).expect("valid");
    assert_eq!((closed.user_enrollment, closed.until()), (UserEnrollment::DoNotAllow, until.until()));
    assert_eq!(mode(EnrollmentMode::AllowUntil).update(closed), Ok(until));
}
