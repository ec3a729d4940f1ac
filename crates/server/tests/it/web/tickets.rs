//! The ticket: what an application gets of somebody who signed in on the pages.

use std::time::Duration;

use axum::http::Request;
use domain::theme::{ReturnPrefix, Theme, encoded};
use otpost::manage::themes;
use otpost::store::{accounts, enrollments};

use super::{Visitor, id_in, location};
use crate::app::{Reply, TestApp, by, code_in};

const HOME: &str = "https://app.example.org/in?keep=1";

/// alice is enrolled; the default theme returns people to the application.
async fn stage() -> TestApp {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    list(&test, &["https://app.example.org/in"]).await;
    test
}

async fn list(test: &TestApp, prefixes: &[&str]) {
    let theme = test.app.settings().theme("default").unwrap().clone();
    let return_to = prefixes.iter().map(|prefix| ReturnPrefix::parse(prefix).unwrap()).collect();
    themes::update(&test.app, &by(), Theme { return_to, ..theme }).await.unwrap();
}

/// Signs alice in and answers the address that she is sent on to.
async fn sign_in(test: &TestApp) -> String {
    let mut alice = Visitor::new(test);
    let asked = format!("/signin/default?return_to={}&state={}", encoded(HOME), encoded("a&b=c"));
    let start = alice.get(&asked).await;
    assert_eq!(start.status, 200);
    let before = test.sink.mails().len();
    let begun = alice.post(&asked, &[("name", "alice"), ("password", "1234")]).await;
    let path = location(&begun.headers);
    let code = code_in(&test.mails_to("alice@example.org", before + 1).await[0]);
    let done = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    assert_eq!(location(&done.headers), "/signin/done");
    let page = alice.get("/signin/done").await.text();
    assert!(page.contains("You are being sent on to <strong>app.example.org</strong>."), "{page}");
    assert_eq!(alice.get("/signin/done").await.status, 410, "it is handed over once");
    let (_, rest) = page.split_once("http-equiv=\"refresh\" content=\"0;url=").unwrap();
    rest.split_once('"').unwrap().0.replace("&#38;", "&").replace("&amp;", "&")
}

fn ticket_in(address: &str) -> String {
    let (before, ticket) = address.split_once("&ticket=").unwrap();
    assert_eq!(before, HOME);
    ticket.strip_suffix("&state=a%26b%3Dc").unwrap().to_owned()
}

async fn redeem(test: &TestApp, ticket: &str, theme: &str, return_to: &str) -> Reply {
    test.form("/ticket/check", &[("ticket", ticket), ("theme", theme), ("return_to", return_to)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_learns_who_signed_in_once() {
    let test = stage().await;
    let ticket = ticket_in(&sign_in(&test).await);
    let reply = redeem(&test, &ticket, "DEFAULT", HOME).await;
    let told = reply.json();
    assert_eq!(told["user"], "alice");
    assert_eq!(
        (&told["realm"], &told["theme"], &told["provider"]),
        (&"test".into(), &"Default".into(), &"E-mail".into())
    );
    assert_eq!(told["at"], "2026-11-21T01:21:08.64Z");
    let again = redeem(&test, &ticket, "default", HOME).await;
    assert_eq!(again.status, 403, "{}", again.text());
    assert!(!again.text().contains(&ticket));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_redeem_it_at_once_one_has_it() {
    let test = stage().await;
    let ticket = ticket_in(&sign_in(&test).await);
    let tries = (0..20).map(|_| redeem(&test, &ticket, "default", HOME));
    let replies = futures_util::future::join_all(tries).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_for_its_theme_its_address_and_its_minute_alone() {
    let test = stage().await;
    let other = Theme { provider_id: Some(1), ..Theme::new(0, domain::theme::ThemeName::parse("vpn").unwrap()) };
    themes::add(&test.app, &by(), other).await.unwrap();
    let ticket = ticket_in(&sign_in(&test).await);
    let mut damaged = ticket.clone().into_bytes();
    damaged[20] = if damaged[20] == b'A' { b'B' } else { b'A' };
    let damaged = String::from_utf8(damaged).unwrap();
    for (ticket, theme, return_to) in [
        (&*ticket, "vpn", HOME),
        (&ticket, "nowhere", HOME),
        (&ticket, "default", "https://app.example.org/in"),
        (&ticket, "default", "https://evil.example/"),
        (&damaged, "default", HOME),
        ("", "default", HOME),
        ("otpt_", "default", HOME),
    ] {
        let status = redeem(&test, ticket, theme, return_to).await.status;
        assert_eq!(status, if ticket.is_empty() { 400 } else { 403 }, "{theme} {return_to}");
    }
    test.clock.advance(Duration::from_millis(59_999));
    let late = ticket_in(&sign_in(&test).await);
    assert_eq!(redeem(&test, &ticket, "default", HOME).await.status, 200, "at the last moment");
    test.clock.advance(Duration::from_mins(1));
    assert_eq!(redeem(&test, &late, "default", HOME).await.status, 403, "one minute is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_as_long_as_what_it_rests_on() {
    let test = stage().await;
    let serial = domain::enrollment::Serial::parse("PIEM_alice").unwrap();
    let ticket = ticket_in(&sign_in(&test).await);
    test.apply(vec![enrollments::set_active(&serial, false)]).await;
    assert_eq!(redeem(&test, &ticket, "default", HOME).await.status, 403, "switched off");
    test.apply(vec![enrollments::set_active(&serial, true)]).await;
    let other = test.app.hasher.hash(&domain::secret::Secret::new("other"), "user-alice").await.unwrap();
    test.apply(vec![accounts::set_password("user-alice", &other)]).await;
    assert_eq!(redeem(&test, &ticket, "default", HOME).await.status, 403, "another password");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_a_place_that_is_not_listed() {
    let test = stage().await;
    for place in
        ["https://evil.example/", "https://app.example.org/", "javascript:alert(1)", "//evil.example", "", "/in"]
    {
        let asked = format!("/signin/default?return_to={}", encoded(place));
        for reply in [
            Visitor::new(&test).get(&asked).await,
            Visitor::new(&test).post(&asked, &[("name", "alice"), ("password", "1234")]).await,
        ] {
            assert_eq!(reply.status, 400, "{place}");
            assert!(reply.text().contains("This application is not registered"), "{place}");
            assert!(place.is_empty() || !reply.text().contains(place), "{place}");
            assert!(reply.headers.get("location").is_none());
        }
    }
    let long = format!("/signin/default?return_to={}&state={}", encoded(HOME), "x".repeat(257));
    assert_eq!(Visitor::new(&test).get(&long).await.status, 400);
    assert!(test.sink.mails().is_empty(), "nothing was looked at");
    list(&test, &[]).await;
    let asked = format!("/signin/default?return_to={}", encoded(HOME));
    assert_eq!(Visitor::new(&test).get(&asked).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_check_redeems() {
    let test = stage().await;
    let ticket = ticket_in(&sign_in(&test).await);
    let form = [("ticket", &*ticket), ("theme", "default"), ("return_to", HOME)];
    let stranger =
        test.send_from("192.0.2.1:1".parse().unwrap(), crate::app::form_request("/ticket/check", &form)).await;
    assert_eq!(stranger.status, 403);
    let by_get = Request::get("/ticket/check?ticket=x").body(axum::body::Body::empty()).unwrap();
    assert_eq!(test.send(by_get).await.status, 405);
    assert_eq!(redeem(&test, &ticket, "default", HOME).await.status, 200, "nothing was used up");
}
