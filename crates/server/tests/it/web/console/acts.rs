//! What administrators do, and the line that each deed leaves.

use private_directory::slapd::{PASSWORD, Slapd};

use super::*;
use crate::directory::{Resolver, connected, sign_in};

const PERSON: &str = "/console/person/user-alice";

fn to(action: &str) -> String {
    format!("/console/enrollment/PIEM_alice/{action}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_deed_is_done_and_names_its_administrator_in_the_trail() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let deeds = [
        (to("disable"), "POST /console/enrollment/disable", "disabled"),
        (to("enable"), "POST /console/enrollment/enable", "enrolled"),
        (to("reset"), "POST /console/enrollment/reset", "enrolled"),
        (PERSON.to_owned(), "POST /console/person/reset", "enrolled"),
        (to("revoke"), "POST /console/enrollment/revoke", "revoked"),
    ];
    for (path, action, state) in deeds {
        let reply = admin.act(PERSON, &path, &[("person", "user-alice")]).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        let back = location(&reply.headers);
        assert!(back.starts_with(&format!("{PERSON}?said=")), "{back}");
        assert!(is_on_record(&test, action, "ok").await, "{action}");
        let page = admin.get(&back).await.text();
        assert!(page.contains(&format!("</bdi> <span class=\"tag {}\">{state}</span></h1>", tone(state))), "{page}");
        assert!(page.contains("role=\"status\""), "{page}");
    }
    let again = admin.act(PERSON, &to("enable"), &[]).await;
    assert_eq!(again.status, 422, "revoked is for good");
}

fn tone(state: &str) -> &str {
    match state {
        "disabled" => "warn",
        "enrolled" => "good",
        _ => "bad",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_not_enrolled_can_be_unlocked() {
    let test = TestApp::start().await;
    test.set_provider(|provider| {
        provider.first_factor = domain::provider::FirstFactor::UserStore;
        provider.user_enrollment = domain::provider::UserEnrollment::Allow;
    })
    .await;
    test.add_user("alice", "right").await;
    for _ in 0..12 {
        test.check(&[("user", "alice"), ("pass", "wrong")]).await;
    }
    let right = [("name", "alice"), ("password", "right")];
    assert_ne!(location(&test.form("/signin", &right).await.headers), "/enroll", "the budget is spent");
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    assert!(admin.get(PERSON).await.text().contains("Unlock everything"));
    admin.act(PERSON, PERSON, &[]).await;
    assert!(is_on_record(&test, "POST /console/person/reset", "ok").await);
    assert_eq!(location(&test.form("/signin", &right).await.headers), "/enroll");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_locked_out_can_go_on_after_the_button_and_the_page_had_said_why() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for _ in 0..12 {
        test.check(&[("user", "alice"), ("pass", "wrong")]).await;
    }
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "REJECT");
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let page = admin.get(PERSON).await.text();
    assert!(page.contains(">locked</span></h1>"), "{page}");
    assert!(page.contains("The PIN or password was wrong."), "{page}");
    admin.act(PERSON, PERSON, &[]).await;
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "CHALLENGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_goes_out_and_says_what_came_of_it() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let fields = [("relay", "sink"), ("recipient", "desk@example.org")];
    let page = admin.act("/console/relays", "/console/relays/test", &fields).await.text();
    assert!(page.contains("accepted the test mail"), "{page}");
    test.mail_to("desk@example.org").await;
    assert!(is_on_record(&test, "POST /console/relays/test", "ok").await);
    let nowhere = admin.act("/console/relays", "/console/relays/test", &[("relay", "no"), fields[1]]).await;
    assert_eq!(nowhere.status, 404);
    let nobody = admin.act("/console/relays", "/console/relays/test", &[fields[0], ("recipient", "x")]).await;
    assert_eq!(nobody.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_cannot_be_acted_on() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let lines = test.app.store.count_audit().await.unwrap();
    for path in ["/console/enrollment/NOSUCH/revoke", &to("explode"), "/console/person/nobody"] {
        assert_eq!(admin.act("/console", path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(test.app.store.count_audit().await.unwrap(), lines);
    let elsewhere = admin.act(PERSON, &to("reset"), &[("person", "//evil.example/\r\nx: y")]).await;
    let back = location(&elsewhere.headers);
    assert_eq!(back, "/console/person///evil.example/%0D%0Ax%3A%20y?said=reset", "to our own pages only");
    assert_eq!(admin.get(&back).await.status, 404);
    assert_eq!(location(&admin.act(PERSON, &to("reset"), &[]).await.headers), "/console/people");
}

/// What stands behind `name="` in a page.
fn attribute<'a>(page: &'a str, begins: &str) -> &'a str {
    let (_, rest) = page.split_once(begins).unwrap_or_else(|| panic!("no {begins} in {page}"));
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_of_a_directory_is_found_opened_and_unlocked_whatever_names_them_there() {
    let slapd = Slapd::start().unwrap();
    for names in ["entryUUID", "DN"] {
        let test = connected(&Resolver::of_slapd(&slapd).with("UIDTYPE", names)).await;
        let enrolled = [("type", "email"), ("user", "alice"), ("realm", "corp"), ("dynamic_email", "1")];
        assert_eq!(test.admin("POST", "/token/init", &enrolled).await.status, 200);
        for _ in 0..12 {
            test.check(&[("user", "alice"), ("pass", "wrong")]).await;
        }
        let right = [("user", "alice"), ("pass", PASSWORD)];
        assert_eq!(test.check(&right).await.authentication(), "REJECT", "the budget is spent");
        let mut admin = Visitor::new(&test);
        admin.administer().await;
        let people = admin.get("/console/people?text=alice").await.text();
        let link = attribute(&people, "<th scope=\"row\"><a href=\"").to_owned();
        let shown = admin.get(&link).await;
        assert_eq!(shown.status, 200, "{link}");
        let page = shown.text();
        let (_, unlock) = page.rsplit_once("<form method=\"post\" action=\"").unwrap();
        let whole = unlock.split('"').next().unwrap().to_owned();
        let one = attribute(&page, "<div class=\"acts\">\n<form method=\"post\" action=\"").to_owned();
        let person = provided::plain(attribute(&page, "name=\"person\" value=\""));
        for action in [one, whole] {
            let reply = admin.act(&link, &action, &[("person", &person)]).await;
            assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, format!("{link}?said=reset")));
            assert_eq!(admin.get(&location(&reply.headers)).await.status, 200);
        }
        assert!(is_on_record(&test, "POST /console/person/reset", "ok").await);
        sign_in(&test, "alice", PASSWORD, "alice@example.org").await;
    }
}
