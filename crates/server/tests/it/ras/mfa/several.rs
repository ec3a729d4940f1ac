//! People who are enrolled at several providers: none of them is a way around another.

use domain::name::RealmName;
use domain::provider::FirstFactor;
use otpost::store::realms::{self, Realm, Resolver};
use serde_json::json;

use super::super::Ras;
use super::created;
use crate::app::{Reply, TestApp};

/// Everybody is enrolled at both providers. Which of their serials comes first is chance, so they are six.
const PEOPLE: [&str; 6] = ["anna", "bea", "cleo", "dora", "ella", "fay"];

async fn enrolled_at_both(test: &TestApp) -> (Ras<'_>, i64, i64) {
    let ras = Ras::root(test).await;
    let old = created(&ras, "Old", json!({"enabled": true})).await;
    let new = created(&ras, "New", json!({"enabled": true})).await;
    for name in PEOPLE {
        test.add_user(name, "right").await;
        for (id, place) in [(old, "old"), (new, "new")] {
            enroll(&ras, name, id, &format!("{name}@{place}.example")).await;
        }
    }
    (ras, old, new)
}

async fn enroll(ras: &Ras<'_>, user: &str, id: i64, address: &str) -> String {
    let reply = ras.post("/api/MFA/Users", json!({"user": user, "mfaId": id, "email": address})).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["serial"].as_str().expect("a serial").to_owned()
}

async fn enter(test: &TestApp, user: &str, pass: &str) -> Reply {
    test.check(&[("user", user), ("pass", pass)]).await
}

/// How many enrollments a challenge asks.
fn asked(challenge: &Reply) -> usize {
    assert_eq!(challenge.authentication(), "CHALLENGE", "{}", challenge.text());
    challenge.json()["detail"]["multi_challenge"].as_array().map_or(0, Vec::len)
}

/// Holds everybody to be asked for the code at their new address, and for no other.
async fn assert_asked_at_the_new_address(test: &TestApp) {
    for name in PEOPLE {
        let challenge = enter(test, name, "right").await;
        assert_eq!(asked(&challenge), 1, "{name}");
        let code = test.code_to(&format!("{name}@new.example")).await;
        let answer = test.check(&[("user", name), ("pass", &code), ("transaction_id", &challenge.transaction())]).await;
        assert_eq!(answer.authentication(), "ACCEPT", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_switched_off_spares_nobody_the_code_of_another() {
    let test = TestApp::start().await;
    let (ras, old, _) = enrolled_at_both(&test).await;
    assert_eq!(ras.put(&format!("/api/MFA/EmailOTP/{old}"), json!({"enabled": false})).await.status, 204);
    assert_asked_at_the_new_address(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_asks_for_no_code_spares_nobody_the_code_of_another_provider() {
    let test = TestApp::start().await;
    let (ras, old, new) = enrolled_at_both(&test).await;
    except_everybody(&ras, old).await;
    assert_asked_at_the_new_address(&test).await;
    except_everybody(&ras, new).await;
    assert_eq!(enter(&test, "anna", "right").await.authentication(), "ACCEPT");
    assert_eq!(enter(&test, "anna", "wrong").await.authentication(), "REJECT");
}

/// A rule that asks none of these people for a code.
async fn except_everybody(ras: &Ras<'_>, id: i64) {
    let own = json!({"inheritDefaultCriteriaSettings": false});
    assert_eq!(ras.put(&format!("/api/MFA/EmailOTP/{id}"), own).await.status, 204);
    let rule = json!({"access": 0, "securityPrincipalsEnabled": true, "securityPrincipalsMatchingMode": 1});
    assert_eq!(ras.put(&format!("/api/MFA/{id}/Criteria"), rule).await.status, 204);
    for name in PEOPLE {
        let member = json!({"account": format!("test\\{name}")});
        assert_eq!(ras.post(&format!("/api/MFA/{id}/Criteria/SecurityPrincipals"), member).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_enrollment_is_shut_where_a_code_is_asked_for_does_not_come_in_where_none_is() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let (old, new) = (created(&ras, "Old", json!({})).await, created(&ras, "New", json!({"enabled": true})).await);
    for name in PEOPLE {
        test.add_user(name, "right").await;
        enroll(&ras, name, old, &format!("{name}@old.example")).await;
        let serial = enroll(&ras, name, new, &format!("{name}@new.example")).await;
        assert_eq!(test.admin("POST", "/token/disable", &[("serial", &serial)]).await.status, 200);
        assert_eq!(enter(&test, name, "right").await.authentication(), "REJECT", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrollment_that_is_named_is_no_way_around_another() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let (old, new) = (created(&ras, "Old", json!({})).await, created(&ras, "New", json!({"enabled": true})).await);
    test.add_user("anna", "right").await;
    let spared = enroll(&ras, "anna", old, "anna@old.example").await;
    let guarded = enroll(&ras, "anna", new, "anna@new.example").await;
    for fields in [vec![("serial", &*spared)], vec![("user", "anna"), ("serial", &*spared)]] {
        let fields = [fields, vec![("pass", "right")]].concat();
        assert_eq!(test.check(&fields).await.authentication(), "REJECT", "{fields:?}");
    }
    for fields in [vec![("serial", &*guarded)], vec![("user", "anna"), ("serial", &*guarded)]] {
        let fields = [fields, vec![("pass", "right")]].concat();
        assert_eq!(asked(&test.check(&fields).await), 1, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_first_factors_the_strictest_counts() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let post = created(&ras, "Post", json!({"enabled": true})).await;
    for (name, serial) in [("anna", "AAAA0001"), ("bea", "ZZZZ0001")] {
        let account = test.add_user(name, "right").await;
        enroll(&ras, name, post, &format!("{name}@home.example")).await;
        test.enroll_again(&account, serial, "1234").await;
        for (pass, outcome) in [("", "REJECT"), ("1234", "REJECT"), ("right", "CHALLENGE")] {
            assert_eq!(enter(&test, name, pass).await.authentication(), outcome, "{name} {pass}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_that_somebody_names_takes_nothing_from_what_theirs_asks_for() {
    let test = TestApp::start().await;
    let realm = |name: &str, is_default, first_factor| Realm {
        name: RealmName::parse(name).unwrap(),
        is_default,
        first_factor,
        resolvers: vec!["local".to_owned()],
    };
    test.apply(realms::save_realm(&realm("test", true, Some(FirstFactor::UserStore)))).await;
    test.apply(realms::save_realm(&realm("staff", false, None))).await;
    test.apply(realms::save_realm(&realm("open", false, Some(FirstFactor::None)))).await;
    let account = test.add_user("anna", "right").await;
    test.enroll_again(&account, "PIEM00000001", "").await;
    for user in ["anna", "anna@staff", "anna@open"] {
        assert_eq!(enter(&test, user, "").await.authentication(), "REJECT", "{user}");
        assert_eq!(asked(&enter(&test, user, "right").await), 1, "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_site_enrolls_counts_at_no_door_without_a_theme() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let site = ras.post("/api/Site", json!({"name": "Two"})).await.json()["id"].clone();
    let theirs = created(&ras, "Theirs", json!({"enabled": true, "siteId": site})).await;
    let ours = created(&ras, "Ours", json!({"enabled": true})).await;
    for name in PEOPLE {
        test.add_user(name, "right").await;
        enroll(&ras, name, theirs, "somebody@else.example").await;
        assert_eq!(enter(&test, name, "right").await.authentication(), "REJECT", "{name}");
        enroll(&ras, name, ours, &format!("{name}@ours.example")).await;
        assert_eq!(asked(&enter(&test, name, "right").await), 1, "{name}");
        test.mail_to(&format!("{name}@ours.example")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_means_the_same_person_by_whichever_realm_they_come() {
    let test = TestApp::start().await;
    let ras = Ras::root(&test).await;
    let realm = |name: &str, is_default, resolvers: &[&str]| Realm {
        name: RealmName::parse(name).unwrap(),
        is_default,
        first_factor: Some(FirstFactor::UserStore),
        resolvers: resolvers.iter().map(|name| (*name).to_owned()).collect(),
    };
    test.apply(realms::save_realm(&realm("test", true, &["local"]))).await;
    test.apply(realms::save_realm(&realm("staff", false, &["local"]))).await;
    test.apply(vec![realms::save_resolver(&Resolver { name: "other".to_owned(), kind: "local".to_owned() })]).await;
    test.apply(realms::save_realm(&realm("mixed", false, &["other", "local"]))).await;
    let account = test.add_user("anna", "right").await;
    test.enroll_again(&account, "PIEM00000001", "").await;
    // Those whom it names are asked; then: those whom it names are not.
    for (access, named, outcomes) in [
        (1, "test\\anna", ["CHALLENGE"; 3]),
        (0, "test\\anna", ["ACCEPT"; 3]),
        // In this realm the name may be that of somebody else, who comes first.
        (1, "mixed\\anna", ["CHALLENGE"; 3]),
        (0, "mixed\\anna", ["CHALLENGE", "CHALLENGE", "ACCEPT"]),
    ] {
        let place = "/api/MFADefaultSettings/Criteria";
        let rule = json!({"access": access, "securityPrincipalsEnabled": true, "securityPrincipalsMatchingMode": 1});
        assert_eq!(ras.put(place, rule).await.status, 204);
        let member = json!({"account": named});
        assert_eq!(ras.post(&format!("{place}/SecurityPrincipals"), member.clone()).await.status, 201);
        for (user, outcome) in ["anna", "anna@staff", "anna@mixed"].into_iter().zip(outcomes) {
            assert_eq!(enter(&test, user, "right").await.authentication(), outcome, "{access} {named} {user}");
        }
        assert_eq!(ras.take_out(&format!("{place}/SecurityPrincipals"), member).await.status, 204);
    }
}
