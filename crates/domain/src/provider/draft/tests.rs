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
    assert_eq!((made.user_enrollment, made.show_information), (UserEnrollment::DoNotAllow, ShowInformation::Never));
    assert_eq!((made.external_address, made.until()), (ExternalAddress::Forbidden, None));
}

#[test]
fn what_is_needed_is_asked_for_at_once() {
    assert_eq!(blamed(ProviderDraft::default().create(1, NOW)), [Setting::Name, Setting::DisplayName]);
}

#[test]
fn every_limit_has_two_sides() {
    let long = |units: usize| Some("x".repeat(units));
    let with_code = |units: usize| text(&format!("%OTP%{}", "x".repeat(units - 5)));
    let cases = [
        (Setting::Name, ProviderDraft { name: long(255), ..new() }, ProviderDraft { name: long(256), ..new() }),
        (
            Setting::Name,
            ProviderDraft { name: long(1), ..new() },
            ProviderDraft { name: Some("  ".to_owned()), ..new() },
        ),
        (
            Setting::DisplayName,
            ProviderDraft { display_name: long(200), ..new() },
            ProviderDraft { display_name: long(201), ..new() },
        ),
        (
            Setting::Description,
            ProviderDraft { description: long(4000), ..new() },
            ProviderDraft { description: long(4001), ..new() },
        ),
        (
            Setting::CodeLength,
            ProviderDraft { code_length: Some(4), ..new() },
            ProviderDraft { code_length: Some(3), ..new() },
        ),
        (
            Setting::CodeLength,
            ProviderDraft { code_length: Some(20), ..new() },
            ProviderDraft { code_length: Some(21), ..new() },
        ),
        (
            Setting::Lifetime,
            ProviderDraft { lifetime: Some(30), ..new() },
            ProviderDraft { lifetime: Some(29), ..new() },
        ),
        (
            Setting::Lifetime,
            ProviderDraft { lifetime: Some(240), ..new() },
            ProviderDraft { lifetime: Some(241), ..new() },
        ),
        (Setting::Prompt, ProviderDraft { prompt: text(""), ..new() }, ProviderDraft { prompt: text("a\nb"), ..new() }),
        (
            Setting::Prompt,
            ProviderDraft { prompt: text(&"x".repeat(300)), ..new() },
            ProviderDraft { prompt: text(&"x".repeat(301)), ..new() },
        ),
        (Setting::Subject, ProviderDraft { subject: text("x"), ..new() }, ProviderDraft { subject: text(""), ..new() }),
        (
            Setting::Subject,
            ProviderDraft { subject: text(&"x".repeat(300)), ..new() },
            ProviderDraft { subject: text(&"x".repeat(301)), ..new() },
        ),
        (
            Setting::Content,
            ProviderDraft { content: text("%OTP%"), ..new() },
            ProviderDraft { content: text(""), ..new() },
        ),
        (
            Setting::Content,
            ProviderDraft { content: with_code(2048), ..new() },
            ProviderDraft { content: with_code(2049), ..new() },
        ),
        (
            Setting::CustomAttribute,
            ProviderDraft { custom_attribute: Some("mail".to_owned()), ..new() },
            ProviderDraft { custom_attribute: Some("userPassword".to_owned()), ..new() },
        ),
        (
            Setting::Until,
            ProviderDraft { until: Some(Timestamp::from_millis(NOW.millis() + 1)), ..new() },
            ProviderDraft { until: Some(NOW), ..new() },
        ),
    ];
    for (setting, good, bad) in cases {
        assert!(good.clone().create(1, NOW).is_ok(), "{setting:?}: {good:?}");
        assert_eq!(blamed(bad.create(1, NOW)), [setting]);
    }
}

#[test]
fn all_faults_come_at_once() {
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
    use Setting::{CodeLength, Content, CustomAttribute, DisplayName, Lifetime, Name, Until, UserEnrollment};
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
    let moves = ProviderDraft { subject: text("%OTP%"), content: text("look above"), ..ProviderDraft::default() };
    let moved = moves.update(stored).expect("the subject carries the code");
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
