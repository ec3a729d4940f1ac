//! Signing in as somebody of a Windows domain.
//!
//! Only the superuser may have its ports; for everybody else these tests say that they were not run.

use domain::criteria::{Access, Criteria, Group, Matching, PrincipalEntry};
use otpost::manage::criteria::{self, Owner};
use private_directory::entry::replacement;
use private_directory::samba::{PASSWORD, Samba, may_start};

use super::{Resolver, begin, connected, enroll, sign_in};
use crate::app::by;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_domain_signs_in_by_each_of_her_names() {
    let Some(samba) = samba() else { return };
    let test = connected(&Resolver::of_samba(&samba)).await;
    enroll(&test, "alice").await;
    for name in ["alice", "ALICE", "alice@ad.example.org", "EXAMPLE\\alice"] {
        sign_in(&test, name, PASSWORD, "alice@example.org").await;
    }
    assert_eq!(begin(&test, "alice", "wrong").await.authentication(), "REJECT");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_sign_in_to_the_domain_is_refused_like_a_stranger() {
    let Some(samba) = samba() else { return };
    let test = connected(&Resolver::of_samba(&samba)).await;
    samba.lock_out("lou").unwrap();
    let stranger = begin(&test, "nobody", PASSWORD).await;
    assert_eq!(stranger.authentication(), "REJECT");
    for user in ["dora", "ed", "mia", "lou"] {
        let fields = [("type", "email"), ("user", user), ("realm", "corp"), ("dynamic_email", "1")];
        drop(test.admin("POST", "/token/init", &fields).await);
        let reply = begin(&test, user, PASSWORD).await;
        assert_eq!(reply.authentication(), "REJECT", "{user}: {}", reply.text());
        assert_eq!(reply.json()["detail"]["message"], stranger.json()["detail"]["message"], "{user}");
    }
    assert!(test.sink.mails().is_empty());
}

/// Who is in `vpn`, however deep, is excepted: alice is in `staff`, which is in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_in_a_group_counts_by_its_identifier_and_by_its_name() {
    let Some(samba) = samba() else { return };
    let test = connected(&Resolver::of_samba(&samba)).await;
    for user in ["alice", "bob"] {
        enroll(&test, user).await;
    }
    let (vpn, guests) = (samba.sid("vpn").unwrap(), samba.sid("guests of the house").unwrap());
    let users = samba.sid("Domain Users").unwrap();
    let by_sid = |sid: &str| PrincipalEntry::parse(None, Some(sid)).unwrap();
    let by_name = |name: &str| PrincipalEntry::parse(Some(name), None).unwrap();
    for (principal, excepted) in [
        (by_sid(&vpn), true),
        (by_name("EXAMPLE\\vpn"), true),
        (by_name("EXAMPLE\\staff"), true),
        (by_name("alice@ad.example.org"), true),
        (by_sid(&users), true),
        (by_sid(&guests), false),
        (by_name("OTHER\\vpn"), false),
    ] {
        let principals = Group::enabled(Matching::IsOneOf, vec![principal.clone()]);
        let rule = Criteria { access: Access::Deny, principals, ..Criteria::default() };
        criteria::replace(&test.app, &by(), Owner::Site(1), &rule).await.unwrap();
        let reply = begin(&test, "alice", PASSWORD).await;
        let wanted = if excepted { "ACCEPT" } else { "CHALLENGE" };
        assert_eq!(reply.authentication(), wanted, "{principal:?}: {}", reply.text());
    }
    // The group leaves the other one while people sign in.
    let rule = Group::enabled(Matching::IsOneOf, vec![by_sid(&vpn)]);
    let rule = Criteria { access: Access::Deny, principals: rule, ..Criteria::default() };
    criteria::replace(&test.app, &by(), Owner::Site(1), &rule).await.unwrap();
    let staff = samba.account("staff").unwrap().dn;
    samba.administrator().modify(&replacement(&staff, "member", &[])).unwrap();
    // What was said a moment ago excepts nobody; the next try asks for a code.
    assert_ne!(begin(&test, "alice", PASSWORD).await.authentication(), "ACCEPT", "she is in no group any more");
    assert_eq!(begin(&test, "alice", PASSWORD).await.authentication(), "CHALLENGE");
}

fn samba() -> Option<Samba> {
    if !may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return None;
    }
    Some(Samba::start().unwrap())
}
