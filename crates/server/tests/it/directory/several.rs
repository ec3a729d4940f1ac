//! More than one place to look: resolvers of a realm, servers of a directory.

use private_directory::slapd::{PASSWORD, Slapd};

use super::{Resolver, begin, connected, enroll, sign_in, value};

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
    test.clock.advance(std::time::Duration::from_secs(60));
    // Each server made its own identifiers: whoever is found at the other one is somebody new.
    let found = value(&test.admin("GET", "/user/?realm=corp&username=alice", &[]).await);
    assert_eq!(found[0]["email"], "alice@example.org", "{found}");
    assert!(second.log().contains("alice"), "the second server was asked");
}
