//! Somebody whose entry is gone: what is kept of them here lets nobody in.

use std::time::Duration;

use domain::criteria::{Access, Criteria, Group, Matching, PrincipalEntry};
use otpost::manage::criteria::{self, Owner};
use private_directory::slapd::{PEOPLE, Slapd};

use super::{Resolver, connected, mails_to, value};
use crate::app::{TestApp, by, code_in};

/// The product where a PIN comes first, with alice enrolled under a serial.
async fn with_alice(slapd: &Slapd) -> TestApp {
    let test = connected(&Resolver::of_slapd(slapd)).await;
    prove_first(&test, "tokenpin").await;
    let fields = [("type", "email"), ("user", "alice"), ("realm", "corp"), ("dynamic_email", "1")];
    let fields = [&fields[..], &[("serial", SERIAL), ("pin", "1234")]].concat();
    value(&test.admin("POST", "/token/init", &fields).await);
    test
}

/// What people of the directory prove first from now on.
async fn prove_first(test: &TestApp, first_factor: &str) {
    value(&test.admin("POST", "/realm/corp", &[("resolvers", "people"), ("first_factor", first_factor)]).await);
}

/// Her entry goes, and what was known of it is forgotten.
fn remove(slapd: &Slapd, test: &TestApp) {
    slapd.owner().modify(&format!("dn: uid=alice,{PEOPLE}\nchangetype: delete\n")).unwrap();
    test.clock.advance(Duration::from_secs(60));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_mailed_nothing_and_answers_nothing_by_serial() {
    let slapd = Slapd::start().unwrap();
    let test = with_alice(&slapd).await;
    let first = test.check(&[("serial", SERIAL), ("pass", "1234")]).await;
    assert_eq!(first.authentication(), "CHALLENGE", "{}", first.text());
    let code = code_in(&test.mail_to(ALICE).await);
    remove(&slapd, &test);
    let answer = [("serial", SERIAL), ("transaction_id", &first.transaction()), ("pass", &code)];
    assert_eq!(test.check(&answer).await.authentication(), "REJECT", "what was open stays unanswered");
    for first_factor in ["tokenpin", "none"] {
        prove_first(&test, first_factor).await;
        for typed in ["1234", &format!("1234{code}"), ""] {
            let reply = test.check(&[("serial", SERIAL), ("pass", typed)]).await;
            assert_ne!(reply.authentication(), "ACCEPT", "{first_factor} {typed}: {}", reply.text());
            // Where nothing comes first everybody is asked for a code, and nobody unknown is sent one.
            let may_ask = first_factor == "none";
            assert!(may_ask || reply.authentication() == "REJECT", "{typed}: {}", reply.text());
        }
    }
    let triggered = test.admin("POST", "/validate/triggerchallenge", &[("serial", SERIAL)]).await;
    assert_eq!(triggered.json()["result"]["value"], 0, "{}", triggered.text());
    test.clock.advance(Duration::from_secs(1));
    assert_eq!(mails_to(&test, ALICE), 1, "nothing was mailed to her since");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_excepted_by_no_rule() {
    let slapd = Slapd::start().unwrap();
    let test = with_alice(&slapd).await;
    let alice = PrincipalEntry::parse(Some("alice@corp"), None).unwrap();
    let principals = Group::enabled(Matching::IsOneOf, vec![alice]);
    let rule = Criteria { access: Access::Deny, principals, ..Criteria::default() };
    criteria::replace(&test.app, &by(), Owner::Site(1), &rule).await.unwrap();
    let by_serial = [("serial", SERIAL), ("pass", "1234")];
    assert_eq!(test.check(&by_serial).await.authentication(), "ACCEPT", "she is excepted");
    remove(&slapd, &test);
    let reply = test.check(&by_serial).await;
    assert_eq!(reply.authentication(), "REJECT", "{}", reply.text());
}

const SERIAL: &str = "PIEMALICE";
const ALICE: &str = "alice@example.org";
