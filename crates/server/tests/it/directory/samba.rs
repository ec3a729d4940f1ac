//! Signing in as somebody of a Windows domain.
//!
//! Only the superuser may have its ports; for everybody else these tests say that they were not run.

use private_directory::samba::{PASSWORD, Samba, may_start};

use super::{Resolver, begin, connected, enroll, sign_in};

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

fn samba() -> Option<Samba> {
    if !may_start().unwrap() {
        eprintln!("not run: only the superuser may have the ports of a domain controller");
        return None;
    }
    Some(Samba::start().unwrap())
}
