//! The ways in which people sign in at different gear.

use domain::criteria::{Access, Criteria, Group, Matching, PrincipalEntry};
use domain::theme::ThemeName;
use otpost::config::{RadiusFirstFactor, RadiusMode, RadiusProfile};

use super::wire::{ACCEPT, CHALLENGE, REJECT};
use super::{Desk, OTHER, OTHER_SECRET};

const ALICE: &str = "alice@example.org";

/// The code is the password; people begin by a call, such as that of a portal.
pub(super) fn code_alone() -> RadiusProfile {
    RadiusProfile { mode: RadiusMode::Code, client_group: Some("validate".to_owned()), ..RadiusProfile::default() }
}

fn not(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn checked() -> RadiusProfile {
    RadiusProfile { first_factor: RadiusFirstFactor::None, ..RadiusProfile::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn gear_that_cannot_ask_takes_password_and_code_in_one_field() {
    let desk = Desk::start_as(RadiusProfile { mode: RadiusMode::PasswordAndCode, ..RadiusProfile::default() }).await;
    let vpn = desk.vpn().await;
    let wrong = vpn.ask(&vpn.access(1).user("alice").password("4321")).await;
    assert_eq!((wrong.code, wrong.message().as_str()), (REJECT, "Authentication failed."));
    let first = vpn.ask(&vpn.alice(2)).await;
    assert_eq!((first.code, first.find(24)), (REJECT, None));
    assert!(first.message().contains("password and the code behind it"), "{}", first.message());
    let code = desk.test.code_to(ALICE).await;
    let both = |id| vpn.access(id).user("alice").password(format!("1234{code}"));
    assert_eq!(vpn.ask(&both(3)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&both(4)).await.code, REJECT, "the second time");
    assert_eq!(desk.test.sink.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_the_password_where_people_begin_elsewhere() {
    let desk = Desk::start_as(code_alone()).await;
    let vpn = desk.vpn().await;
    let ask = |id, typed: &str| vpn.access(id).user("alice").password(typed);
    assert_eq!(vpn.ask(&ask(1, "1234")).await.code, REJECT, "a PIN is no code");
    assert_eq!(vpn.ask(&ask(2, "000000")).await.code, REJECT, "nothing is open");
    assert!(desk.test.sink.mails().is_empty());
    let begun = desk.test.check(&[("user", "alice"), ("pass", "1234")]).await;
    assert_eq!(begun.authentication(), "CHALLENGE");
    let code = desk.test.code_to(ALICE).await;
    let other = desk.gear(OTHER, OTHER_SECRET).await;
    assert_eq!(vpn.ask(&ask(3, not(&code))).await.code, REJECT);
    let elsewhere = other.access(4).user("alice").password(format!("1234{code}"));
    assert_eq!(other.ask(&elsewhere).await.code, REJECT, "another group");
    assert_eq!(vpn.ask(&ask(5, &code)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&ask(6, &code)).await.code, REJECT, "the second time");
    assert_eq!(vpn.ask(&vpn.access(7).user("alice")).await.code, REJECT, "nothing typed, and no pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_alone_burn_the_challenge_like_any_others() {
    let desk = Desk::start_as(code_alone()).await;
    let vpn = desk.vpn().await;
    desk.test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let code = desk.test.code_to(ALICE).await;
    for id in 1..=5 {
        assert_eq!(vpn.ask(&vpn.access(id).user("alice").password(not(&code))).await.code, REJECT);
    }
    assert_eq!(vpn.ask(&vpn.access(6).user("alice").password(&code)).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn gear_that_has_checked_the_password_asks_for_the_code_alone() {
    let desk = Desk::start_as(checked()).await;
    let vpn = desk.vpn().await;
    let first = vpn.ask(&vpn.access(1).user("alice").password("the directory's own")).await;
    assert_eq!(first.code, CHALLENGE);
    for (id, request) in [(2, vpn.access(2)), (3, vpn.access(3).chap("unknown to us"))] {
        let again = vpn.ask(&request.user("alice")).await;
        assert_eq!((again.code, again.state()), (CHALLENGE, first.state()), "{id}");
    }
    assert_eq!(vpn.ask(&vpn.access(4).user("nobody").password("x")).await.code, REJECT);
    let code = desk.test.code_to(ALICE).await;
    let answer = |id| vpn.access(id).user("alice").password(&code).with(24, first.state());
    assert_eq!(vpn.ask(&answer(5)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&answer(6)).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_excepts_whom_gear_has_checked_and_nobody_we_do_not_know() {
    let desk = Desk::start_as(checked()).await;
    desk.test.enroll("bob", "").await;
    desk.test
        .set_provider(|provider| {
            let alice = PrincipalEntry::parse(Some("TEST\\alice"), None).unwrap();
            let principals = Group::enabled(Matching::IsOneOf, vec![alice]);
            provider.criteria = Criteria { access: Access::Deny, principals, ..Criteria::default() };
            provider.inherits_criteria = false;
        })
        .await;
    let vpn = desk.vpn().await;
    let ask = async |id, name: &str| vpn.ask(&vpn.access(id).user(name).password("x")).await.code;
    assert_eq!([ask(1, "alice").await, ask(2, "bob").await, ask(3, "zoe").await], [ACCEPT, CHALLENGE, REJECT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_as_the_gear_wants_them() {
    let prompt = Some("Bitte den Code für das Büro eingeben".to_owned());
    let desk = Desk::start_as(RadiusProfile { prompt, max_reply_length: Some(26), ..RadiusProfile::default() }).await;
    let vpn = desk.vpn().await;
    // The 26th octet is the first half of a letter.
    assert_eq!(vpn.ask(&vpn.alice(1)).await.message(), "Bitte den Code für das B");
    let refused = vpn.ask(&vpn.access(2).user("alice").password("1").with(24, "x")).await;
    assert_eq!(refused.message(), "Code wrong or login expire");
}

#[tokio::test(flavor = "multi_thread")]
async fn gear_lets_in_whom_its_theme_lets_in() {
    let theme = Some(ThemeName::parse("nowhere").unwrap());
    let desk = Desk::start_as(RadiusProfile { theme, ..RadiusProfile::default() }).await;
    let vpn = desk.vpn().await;
    assert_eq!(vpn.ask(&vpn.alice(1)).await.code, REJECT);
    let theme = Some(ThemeName::parse("default").unwrap());
    let desk = Desk::start_as(RadiusProfile { theme, ..RadiusProfile::default() }).await;
    let vpn = desk.vpn().await;
    assert_eq!(vpn.ask(&vpn.alice(1)).await.code, CHALLENGE);
}
