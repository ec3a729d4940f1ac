//! Signing in as somebody of an OpenLDAP directory.

use private_directory::entry::replacement;
use private_directory::slapd::{PASSWORD, PEOPLE, Slapd};

use super::{Resolver, begin, connected, enroll, sign_in, value};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_directory_signs_in_with_its_password_and_a_code() {
    let slapd = Slapd::start().unwrap();
    for resolver in [
        Resolver::of_slapd(&slapd),
        Resolver::of_slapd(&slapd).with("LDAPURI", &slapd.url()).with("START_TLS", "1"),
        // In clear, to this machine.
        Resolver::of_slapd(&slapd).with("LDAPURI", &slapd.url()),
    ] {
        let test = connected(&resolver).await;
        enroll(&test, "alice").await;
        sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
        assert_eq!(begin(&test, "alice", "wrong").await.authentication(), "REJECT");
        assert_eq!(begin(&test, "nobody", PASSWORD).await.authentication(), "REJECT");
    }
    assert!(slapd.log().contains("STARTTLS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_read_anew_for_every_mail_and_only_one_valid_one_counts() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    for user in ["alice", "bob", "carol", "dave"] {
        enroll(&test, user).await;
    }
    // None, two, and none that is one.
    for user in ["bob", "carol", "dave"] {
        let first = begin(&test, user, PASSWORD).await;
        assert_ne!(first.authentication(), "ACCEPT", "{user}");
    }
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    assert_eq!(test.sink.mails().len(), 1, "nobody else was mailed");
    let moved = replacement(&format!("uid=alice,{PEOPLE}"), "mail", &["alice@example.net"]);
    slapd.owner().modify(&moved).unwrap();
    // What was read before may be remembered for half a minute.
    test.clock.advance(std::time::Duration::from_secs(60));
    sign_in(&test, "alice", PASSWORD, "alice@example.net").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_one_name_are_nobody_and_the_disabled_are_not_known() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    for user in ["twin", "frank", "nobody"] {
        let fields = [("type", "email"), ("user", user), ("realm", "corp"), ("email", "x@example.org")];
        let refused = test.admin("POST", "/token/init", &fields).await;
        if user == "nobody" || user == "twin" {
            assert_ne!(refused.status, 200, "{user}: {}", refused.text());
        }
        assert_eq!(begin(&test, user, PASSWORD).await.authentication(), "REJECT", "{user}");
    }
    assert!(test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_operation_of_the_directory_for_each_step_at_most() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    enroll(&test, "alice").await;
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    let before = slapd.operations().unwrap();
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    let asked = slapd.operations().unwrap().since(&before);
    eprintln!("a whole sign-in of somebody known asked the directory for {asked:?}");
    assert_eq!((asked.bind, asked.search, asked.modify), (1, 0, 0), "her password is proved, all else is known");
    test.clock.advance(std::time::Duration::from_secs(60));
    let before = slapd.operations().unwrap();
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    let asked = slapd.operations().unwrap().since(&before);
    eprintln!("a whole sign-in of somebody forgotten asked the directory for {asked:?}");
    assert!(asked.search <= 1 && asked.bind <= 2, "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_is_tried_before_it_is_saved() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    let right = Resolver::of_slapd(&slapd);
    let tried = test.admin("POST", "/resolver/test", &right.fields()).await;
    assert_eq!(value(&tried), true, "{}", tried.text());
    for (wrong, why) in [
        (right.clone().with("BINDPW", "wrong-canary"), "password"),
        (right.clone().with("LDAPURI", "ldaps://127.0.0.1:9"), "port"),
    ] {
        let tried = test.admin("POST", "/resolver/test", &wrong.fields()).await;
        let said = tried.json();
        eprintln!("{why}: {}", said["detail"]["description"]);
        assert_ne!(said["result"]["value"], true, "{why}: {}", tried.text());
        assert!(!tried.text().contains("canary"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_shows_nobody_is_a_no_that_says_what_is_missing() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    let right = Resolver::of_slapd(&slapd);
    for (wrong, why) in [
        (right.clone().without("LDAPBASE"), "LDAPBASE: is needed"),
        (right.clone().with("LDAPBASE", ""), "LDAPBASE: is needed"),
        (right.clone().with("LDAPBASE", "ou=nowhere,dc=example,dc=org"), "LDAPBASE ou=nowhere,dc=example,dc=org"),
        (right.clone().with("LDAPBASE", "dc=example,dc=net"), "LDAPBASE dc=example,dc=net"),
        (right.clone().with("LDAPSEARCHFILTER", "(uid=nobody)"), "LDAPSEARCHFILTER"),
        (right.clone().without("LDAPURI"), "LDAPURI: is needed"),
        (right.clone().without("LOGINNAMEATTRIBUTE"), "LOGINNAMEATTRIBUTE: is needed"),
    ] {
        let tried = test.admin("POST", "/resolver/test", &wrong.fields()).await;
        assert_eq!(value(&tried), false, "{why}: {}", tried.text());
        let said = tried.json()["detail"]["description"].as_str().unwrap().to_owned();
        assert!(said.contains(why), "{why}: {said}");
    }
}
