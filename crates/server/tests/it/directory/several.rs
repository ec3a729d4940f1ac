//! More than one place to look: resolvers of a realm, servers of a directory.

use std::time::Duration;

use private_directory::entry::{Entry, replacement};
use private_directory::slapd::{PASSWORD, PEOPLE, Slapd};
use tokio::time::Instant;

use super::{Resolver, begin, connected, enroll, sign_in, value};
use crate::app::TestApp;

/// Two directories of other people in one realm, in this order. Each has an alice; there, she has another password.
async fn two() -> (Slapd, Slapd, TestApp) {
    let (here, there) = (Slapd::start().unwrap(), Slapd::start().unwrap());
    let hers = replacement(&format!("uid=alice,{PEOPLE}"), "userPassword", &[THERE]);
    there.owner().modify(&hers).unwrap();
    let zoe = Entry::new(format!("uid=zoe,{PEOPLE}")).with("objectClass", "inetOrgPerson").with("uid", "zoe");
    let zoe = zoe.with("cn", "Zoe").with("sn", "Zoe").with("mail", "zoe@example.org").with("userPassword", PASSWORD);
    there.owner().modify(&zoe.to_ldif()).unwrap();
    let test = connected(&Resolver::of_slapd(&here)).await;
    value(&test.admin("POST", "/resolver/others", &Resolver::of_slapd(&there).fields()).await);
    in_order(&test, "people,others").await;
    (here, there, test)
}

async fn in_order(test: &TestApp, resolvers: &str) {
    let realm = [("resolvers", resolvers), ("first_factor", "userstore")];
    value(&test.admin("POST", "/realm/corp", &realm).await);
}

/// What she proves herself with at the other directory.
const THERE: &str = "hers there"; // tidy: not a secret, because it opens made-up data

#[tokio::test(flavor = "multi_thread")]
async fn resolvers_of_a_realm_are_asked_in_their_order() {
    let slapd = Slapd::start().unwrap();
    let test = connected(&Resolver::of_slapd(&slapd)).await;
    // One of each name here, and one alice there too.
    test.add_user("alice", "kept here").await;
    test.add_user("zoe", "kept here").await;
    let realm = |resolvers| [("resolvers", resolvers), ("first_factor", "userstore")];
    value(&test.admin("POST", "/realm/corp", &realm("people,local")).await);
    for user in ["alice", "zoe"] {
        enroll(&test, user).await;
    }
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    sign_in(&test, "zoe", "kept here", "zoe@example.org").await;
    assert_eq!(begin(&test, "alice", "kept here").await.authentication(), "REJECT", "she is found there first");
    value(&test.admin("POST", "/realm/corp", &realm("local,people")).await);
    assert_eq!(begin(&test, "alice", PASSWORD).await.authentication(), "REJECT", "now she is found here");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_takes_the_place_of_one_that_is_gone() {
    let (mut first, second) = (Slapd::start().unwrap(), Slapd::start().unwrap());
    let both = format!("{}, {}", first.url(), second.url());
    let test = connected(&Resolver::of_slapd(&first).with("LDAPURI", &both)).await;
    enroll(&test, "alice").await;
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    first.stop().unwrap();
    test.clock.advance(Duration::from_secs(60));
    // Each server made its own identifiers: whoever is found at the other one is somebody new.
    let found = value(&test.admin("GET", "/user/?realm=corp&username=alice", &[]).await);
    assert_eq!(found[0]["email"], "alice@example.org", "{found}");
    assert!(second.log().contains("alice"), "the second server was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_directories_the_first_one_that_knows_a_name_has_its_owner() {
    let (_here, _there, test) = two().await;
    for user in ["alice", "zoe"] {
        enroll(&test, user).await;
    }
    sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    assert_eq!(begin(&test, "alice", THERE).await.authentication(), "REJECT", "she is found here first");
    sign_in(&test, "zoe", PASSWORD, "zoe@example.org").await;

    in_order(&test, "others,people").await;
    for password in [PASSWORD, THERE] {
        let reply = begin(&test, "alice", password).await;
        assert_eq!(reply.authentication(), "REJECT", "the one who is found there first is not enrolled");
    }
    enroll(&test, "alice").await;
    sign_in(&test, "alice", THERE, "alice@example.org").await;
    assert_eq!(begin(&test, "alice", PASSWORD).await.authentication(), "REJECT", "she is found there first");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_first_directory_is_down_nobody_of_the_second_takes_a_place() {
    let (mut here, _there, test) = two().await;
    in_order(&test, "others,people").await;
    for user in ["alice", "zoe"] {
        enroll(&test, user).await;
    }
    in_order(&test, "people,others").await;
    enroll(&test, "alice").await;
    here.stop().unwrap();
    test.clock.advance(Duration::from_secs(60));
    // Whether the first has a zoe too, nobody can say.
    for (user, password) in [("alice", THERE), ("alice", PASSWORD), ("zoe", PASSWORD), ("nobody", PASSWORD)] {
        let reply = begin(&test, user, password).await;
        assert_eq!(reply.status, 503, "{user}: {}", reply.text());
    }
    assert!(test.sink.mails().is_empty());
    in_order(&test, "others,people").await;
    for (user, password) in [("alice", THERE), ("zoe", PASSWORD)] {
        sign_in(&test, user, password, &format!("{user}@example.org")).await;
    }
    here.start_again().unwrap();
    in_order(&test, "people,others").await;
    test.clock.advance(Duration::from_secs(300));
    let began = Instant::now();
    while begin(&test, "alice", PASSWORD).await.authentication() != "CHALLENGE" {
        assert!(began.elapsed() < Duration::from_secs(5), "the first one is asked again");
        test.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_have_in_the_first_directory_is_nobodys_in_the_second_either() {
    let (here, there, test) = two().await;
    in_order(&test, "others,people").await;
    let zed = |above: &str| {
        let zed = Entry::new(format!("uid=zed,{above}")).with("objectClass", "inetOrgPerson").with("uid", "zed");
        zed.with("cn", "Zed").with("sn", "Zed").with("mail", "zed@example.org").with("userPassword", PASSWORD).to_ldif()
    };
    there.owner().modify(&zed(PEOPLE)).unwrap();
    enroll(&test, "zed").await;
    in_order(&test, "people,others").await;
    sign_in(&test, "zed", PASSWORD, "zed@example.org").await;
    for above in [PEOPLE.to_owned(), format!("uid=alice,{PEOPLE}")] {
        here.owner().modify(&zed(&above)).unwrap();
    }
    test.clock.advance(Duration::from_secs(300));
    assert_eq!(begin(&test, "zed", PASSWORD).await.authentication(), "REJECT", "whose is the name?");
    let refused = test.admin("POST", "/token/init", &[("type", "email"), ("user", "zed"), ("realm", "corp")]).await;
    assert_ne!(refused.status, 200, "{}", refused.text());
}
