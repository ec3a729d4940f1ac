//! Addresses that people name, kept in their directory by a second account.

use domain::decide::ExternalAddress;
use domain::provider::{AttributeName, ExternalStorage, UserEnrollment};
use private_directory::entry::replacement;
use private_directory::samba::{self, Samba};
use private_directory::scripted::{Lie, Scripted};
use private_directory::slapd::{PASSWORD, PEOPLE, READER, READER_PASSWORD, Slapd, WRITER, WRITER_PASSWORD};

use super::super::{Visitor, location};
use super::enrolled;
use crate::app::TestApp;
use crate::directory::{Resolver, connected, sign_in};
use crate::ras::{Ras, problem};

/// People enroll themselves, and where their addresses go.
async fn storing(resolver: &Resolver, storage: ExternalStorage) -> TestApp {
    let test = connected(resolver).await;
    test.set_provider(|provider| {
        provider.user_enrollment = UserEnrollment::Allow;
        provider.external_address = ExternalAddress::Allowed;
        provider.external_storage = storage;
        provider.custom_attribute = AttributeName::parse("extensionAttribute5").ok();
    })
    .await;
    test
}

fn writing(slapd: &Slapd) -> Resolver {
    Resolver::of_slapd(slapd).with("WRITEDN", WRITER).with("WRITEPW", WRITER_PASSWORD)
}

/// Somebody enrolls an address; answers where that ends.
async fn enroll(test: &TestApp, name: &str, password: &str, address: &str) -> String {
    let mut visitor = Visitor::new(test);
    assert_eq!(visitor.begin(name, password).await, "/enroll");
    let reply = visitor.post("/enroll", &[("choice", "other"), ("address", address)]).await;
    if reply.status != 303 {
        return reply.text();
    }
    let (path, code) = (location(&reply.headers), test.code_to(address).await);
    visitor.hand_in(&path, &code).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_written_where_the_provider_says_and_is_used_from_then_on() {
    let slapd = Slapd::start().unwrap();
    for (storage, attribute, name) in [
        (ExternalStorage::DirectoryMail, "mail", "bob"),
        // Two addresses in `mail` are none; the one that was named comes first.
        (ExternalStorage::CustomAttribute, "extensionAttribute5", "carol"),
    ] {
        let (test, address) = (storing(&writing(&slapd), storage).await, format!("{name}@home.example"));
        assert_eq!(enroll(&test, name, PASSWORD, &address).await, "/signin/done");
        assert_eq!(slapd.person(name).unwrap().text(attribute), Some(address.as_str()));
        sign_in(&test, name, PASSWORD, &address).await;
        assert_eq!(enrolled(&test).await[0].enrollment.address, None, "it is kept in one place only");
    }
    let modified = slapd.person("carol").unwrap();
    assert_eq!(modified.text("modifiersName"), Some(WRITER));
    assert_eq!(modified.texts("mail").len(), 2, "everything else is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_in_mail_is_never_written_over() {
    let slapd = Slapd::start().unwrap();
    let test = storing(&writing(&slapd), ExternalStorage::DirectoryMail).await;
    let end = enroll(&test, "alice", PASSWORD, "alice@home.example").await;
    assert_ne!(end, "/signin/done");
    assert_eq!(slapd.person("alice").unwrap().text("mail"), Some("alice@example.org"));
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_taken_keeps_what_it_has_and_the_person_is_told() {
    let slapd = Slapd::start().unwrap();
    let test = storing(&writing(&slapd), ExternalStorage::CustomAttribute).await;
    test.set_provider(|provider| provider.custom_attribute = AttributeName::parse("otherMailbox").ok()).await;
    let taken = ["one@example.net", "two@example.net"];
    slapd.owner().modify(&replacement(&format!("uid=carol,{PEOPLE}"), "otherMailbox", &taken)).unwrap();
    let end = enroll(&test, "carol", PASSWORD, "carol@home.example").await;
    assert!(end.contains("Another address is on file for your account, and it stays."), "{end}");
    assert_eq!(slapd.person("carol").unwrap().texts("otherMailbox"), taken);
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_enrolls_nobody_and_the_check_says_so_beforehand() {
    let slapd = Slapd::start().unwrap();
    let reading = Resolver::of_slapd(&slapd).with("WRITEDN", READER).with("WRITEPW", READER_PASSWORD);
    let test = storing(&reading, ExternalStorage::CustomAttribute).await;
    let end = enroll(&test, "bob", PASSWORD, "bob@home.example").await;
    assert_ne!(end, "/signin/done");
    assert_eq!(slapd.person("bob").unwrap().text("extensionAttribute5"), None);
    assert!(enrolled(&test).await.is_empty());

    let check = "/api/MFA/ValidateADAccess?siteId=1&adCustomAttribute=extensionAttribute5";
    let told = problem(&Ras::root(&test).await.get(check).await, 409).0;
    assert!(told.contains("extensionAttribute5") && told.contains(READER), "{told}");
    let test = storing(&writing(&slapd), ExternalStorage::CustomAttribute).await;
    let before = slapd.operations().unwrap();
    let granted = Ras::root(&test).await.get(check).await;
    assert!(granted.status.is_success(), "{}", granted.text());
    assert_eq!(slapd.operations().unwrap().since(&before).modify, 1, "the right is proven, not guessed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_keeps_addresses_too() {
    if !samba::may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return;
    }
    let samba = Samba::start().unwrap();
    let resolver = Resolver::of_samba(&samba).with("WRITEDN", samba::WRITER).with("WRITEPW", samba::PASSWORD);
    for (storage, attribute, name) in [
        (ExternalStorage::DirectoryMail, "mail", "bob"),
        (ExternalStorage::CustomAttribute, "extensionAttribute5", "carol"),
    ] {
        let (test, address) = (storing(&resolver, storage).await, format!("{name}@home.example"));
        assert_eq!(enroll(&test, name, samba::PASSWORD, &address).await, "/signin/done");
        assert_eq!(samba.account(name).unwrap().text(attribute), Some(address.as_str()));
        sign_in(&test, name, samba::PASSWORD, &address).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_finds_the_entry_of_an_account_that_signs_in_by_another_name() {
    if !samba::may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return;
    }
    let samba = Samba::start().unwrap();
    let check = "/api/MFA/ValidateADAccess?siteId=1&adCustomAttribute=extensionAttribute5";
    for name in [samba::WRITER, "EXAMPLE\\svc-write", "CN=svc-write,OU=Services,DC=ad,DC=example,DC=org"] {
        let resolver = Resolver::of_samba(&samba).with("WRITEDN", name).with("WRITEPW", samba::PASSWORD);
        let test = storing(&resolver, ExternalStorage::CustomAttribute).await;
        let ras = Ras::root(&test).await;
        // It may write what belongs to people, and it is none of them.
        let told = problem(&ras.get(check).await, 409).0;
        assert!(told.contains("CN=svc-write,OU=Services") && told.contains("insufficient access rights"), "{told}");
        assert!(told.contains("name a user"), "{name}: {told}");
        let granted = ras.get(&format!("{check}&user=bob")).await;
        assert!(granted.status.is_success(), "{name}: {}", granted.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_signs_in_and_has_no_entry_is_told_of_in_words() {
    // It lets everybody in and has nobody.
    let liar = Scripted::start(Lie::Nobody).unwrap();
    let resolver = Resolver::reading(&liar.url(), "/dev/null".as_ref());
    for name in ["writer@example.org", "EXAMPLE\\writer", "writer"] {
        let resolver = resolver.clone().with("WRITEDN", name).with("WRITEPW", "anything");
        let test = storing(&resolver, ExternalStorage::CustomAttribute).await;
        let check = "/api/MFA/ValidateADAccess?siteId=1&adCustomAttribute=extensionAttribute5";
        let told = problem(&Ras::root(&test).await.get(check).await, 409).0;
        assert!(told.contains(&format!("WRITEDN '{name}'")) && told.contains("name a user"), "{told}");
    }
}
