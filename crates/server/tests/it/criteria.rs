//! Who is asked for a code, through the doors: rules, and what may be believed about a device.

use domain::criteria::{Access, AddressRange, Criteria, Group, Label, Matching, Os};
use domain::provider::FirstFactor;
use otpost::manage::api_keys::{self, NewKey};
use otpost::manage::criteria::{self, Owner};

use crate::app::{Reply, TestApp, by, form_request};

/// alice has the password `right`; the site excepts those who match.
async fn alice(except: Criteria) -> TestApp {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::UserStore).await;
    let account = test.add_user("alice", "right").await;
    test.enroll_again(&account, "PIEM_alice", "").await;
    let except = Criteria { access: Access::Deny, ..except };
    criteria::replace(&test.app, &by(), Owner::Site(1), &except).await.unwrap();
    test
}

async fn key(test: &TestApp, scopes: &[&str]) -> String {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = NewKey { name: "gateway".to_owned(), scopes, ..NewKey::default() };
    api_keys::add(&test.app, &by(), new).await.unwrap().expose().to_owned()
}

async fn check(test: &TestApp, key: &str, facts: &[(&str, &str)]) -> Reply {
    let fields: Vec<_> = [("user", "alice"), ("pass", "right")].iter().chain(facts).copied().collect();
    let mut request = form_request("/validate/check", &fields);
    if !key.is_empty() {
        request.headers_mut().insert("x-api-key", key.parse().unwrap());
    }
    test.send(request).await
}

fn here() -> Group<AddressRange> {
    let ranges = [("127.0.0.0", "127.255.255.255"), ("10.0.0.0", "10.0.255.255")];
    let range = |(from, to)| AddressRange::parse(from, Some(to)).unwrap();
    Group::enabled(Matching::IsOneOf, ranges.map(range).to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_counts_from_those_alone_who_may_assert_it() {
    let test = alice(Criteria { addresses: here(), ..Criteria::default() }).await;
    let (plain, asserting) =
        (key(&test, &["validate:check"]).await, key(&test, &["validate:check", "assert-client"]).await);
    for (who, client, verdict) in [
        (&asserting, "10.0.3.4", "ACCEPT"),
        (&asserting, "::ffff:10.0.3.4", "ACCEPT"),
        (&asserting, "203.0.113.9", "CHALLENGE"),
        (&asserting, "nonsense", "CHALLENGE"),
        (&asserting, "", "CHALLENGE"),
        (&plain, "10.0.3.4", "CHALLENGE"),
        (&String::new(), "10.0.3.4", "CHALLENGE"),
    ] {
        let reply = check(&test, who, &[("client", client)]).await;
        assert_eq!(reply.authentication(), verdict, "{client:?} {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_program_is_not_that_of_the_person() {
    let test = alice(Criteria { addresses: here(), ..Criteria::default() }).await;
    assert_eq!(check(&test, "", &[]).await.authentication(), "CHALLENGE", "the program is at 127.0.0.1");
    let page = test.form("/signin", &[("name", "alice"), ("password", "right")]).await;
    assert_eq!(page.headers["location"], "/signin/done", "on our own pages the person is");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_is_said_to_be_feeds_the_rule() {
    let label = |text| Label::parse(text).unwrap();
    let test = alice(Criteria {
        oses: Group::enabled(Matching::IsOneOf, vec![Os::Ios]),
        devices: Group::enabled(Matching::IsOneOf, vec![label("Kiosk 1")]),
        hardware_ids: Group::enabled(Matching::IsNotOneOf, vec![label("H1")]),
        gateways: Group::enabled(Matching::IsOneOf, vec!["192.0.2.1".parse().unwrap()]),
        ..Criteria::default()
    })
    .await;
    let asserting = key(&test, &["validate:check", "assert-client"]).await;
    let all = [("os", "iOS"), ("device", "KIOSK 1"), ("hardware_id", "H2"), ("gateway", "192.0.2.1")];
    assert_eq!(check(&test, &asserting, &all).await.authentication(), "ACCEPT");
    for missing in 0..all.len() {
        let facts: Vec<_> = (0..all.len()).filter(|at| *at != missing).map(|at| all[at]).collect();
        assert_eq!(check(&test, &asserting, &facts).await.authentication(), "CHALLENGE", "without {missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_switched_off_asks_nobody_and_still_wants_the_password() {
    let test = alice(Criteria::default()).await;
    test.set_provider(|provider| provider.is_enabled = false).await;
    assert_eq!(check(&test, "", &[]).await.authentication(), "ACCEPT");
    let wrong = test.check(&[("user", "alice"), ("pass", "wrong")]).await;
    assert_eq!(wrong.authentication(), "REJECT");
    let told = test.form("/signin", &[("name", "alice"), ("password", "wrong")]).await;
    assert_eq!(told.status, 422, "nobody is asked for a code here, so nothing is hidden by asking");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_criteria_of_the_site_are_nobodys_setting() {
    let test = alice(Criteria { addresses: here(), ..Criteria::default() }).await;
    let listed = test.admin("GET", "/system/", &[]).await.text();
    assert!(!listed.contains("criteria"), "{listed}");
    let set = test.admin("POST", "/system/setConfig", &[("site criteria", "{}")]).await;
    assert!(!set.status.is_success(), "{}", set.text());
    assert!(test.app.settings().site_criteria[&1].addresses.is_enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_excepted_still_needs_an_enrollment_that_is_usable() {
    let test = alice(Criteria::default()).await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::TokenPin;
        provider.is_enabled = false;
    })
    .await;
    let bob = test.add_user("bob", "right").await;
    test.enroll_again(&bob, "PIEM_bob", "1234").await;
    let pin = [("user", "bob"), ("pass", "1234")];
    assert_eq!(test.check(&pin).await.authentication(), "ACCEPT");
    for (off, on) in [("disable", "enable"), ("revoke", "enable")] {
        assert!(test.admin("POST", &format!("/token/{off}/PIEM_bob"), &[]).await.status.is_success());
        let page = test.form("/signin", &[("name", "bob"), ("password", "1234")]).await;
        assert_eq!((test.check(&pin).await.authentication().as_str(), page.status.as_u16()), ("REJECT", 422), "{off}");
        test.admin("POST", &format!("/token/{on}/PIEM_bob"), &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_excepted_is_locked_out_all_the_same() {
    let test = alice(Criteria::default()).await;
    test.set_provider(|provider| provider.is_enabled = false).await;
    test.admin("POST", "/system/setConfig", &[("failcounter_clear_timeout", "0")]).await;
    for _ in 0..10 {
        assert_eq!(test.check(&[("user", "alice"), ("pass", "wrong")]).await.authentication(), "REJECT");
    }
    test.clock.advance(std::time::Duration::from_hours(4));
    assert_eq!(check(&test, "", &[]).await.authentication(), "REJECT", "ten in a row lock for good here");
    test.admin("POST", "/token/reset", &[("user", "alice")]).await;
    assert_eq!(check(&test, "", &[]).await.authentication(), "ACCEPT");
}
