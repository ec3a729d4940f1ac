//! The gate that proxies ask, through the real router: who may pass, and where everybody else is sent.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::criteria::{Access, AddressRange, Criteria, Group, Matching};
use domain::enrollment::Serial;
use domain::provider::FirstFactor;
use domain::secret::Secret;
use domain::theme::{ReturnPrefix, Theme};
use otpost::config::{Config, ForwardedHeader, Source};
use otpost::manage::themes;
use otpost::store::{accounts, enrollments};

use super::{Visitor, id_in, location};
use crate::app::{Reply, TestApp, by, code_in};

const PROXY: &str = "10.0.0.1:5000";

/// Passwords are `right`; alice is enrolled, and erin signs in from 192.0.2.0/24 without a code.
async fn stage() -> TestApp {
    let test = TestApp::start_with(|config| {
        let url = [("OTPOST_HTTP__PUBLIC_URL".to_owned(), "https://otp.example.org".to_owned())];
        config.http.public_url = Config::load(Source::Nowhere, url.into_iter()).unwrap().http.public_url;
        config.http.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        config.http.forwarded_header = ForwardedHeader::XForwardedFor;
    })
    .await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::UserStore;
        let office = AddressRange::parse("192.0.2.0", Some("192.0.2.255")).unwrap();
        let addresses = Group::enabled(Matching::IsOneOf, vec![office]);
        provider.criteria = Criteria { access: Access::Deny, addresses, ..Criteria::default() };
        provider.inherits_criteria = false;
    })
    .await;
    for name in ["alice", "erin"] {
        let account = test.add_user(name, "right").await;
        test.enroll_again(&account, &format!("PIEM_{name}"), "").await;
    }
    let theme = test.app.settings().theme("default").unwrap().clone();
    let return_to = vec![ReturnPrefix::parse("https://app.example.org/").unwrap()];
    themes::update(&test.app, &by(), Theme { return_to, ..theme }).await.unwrap();
    test
}

/// What the proxy asks for a browser with these cookies, that is at this address.
async fn asked(test: &TestApp, uri: &str, cookies: &str, from: &str) -> Reply {
    let request = Request::get("/gate/default")
        .header("host", "otp.example.org")
        .header("x-forwarded-for", from)
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "app.example.org")
        .header("x-forwarded-uri", uri)
        .header("cookie", cookies);
    test.send_from(PROXY.parse().unwrap(), request.body(Body::empty()).unwrap()).await
}

fn cookie(reply: &Reply) -> String {
    reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// Signs in by the way that the gate shows; answers the address with the ticket, and the browser's cookie.
async fn come_back(test: &TestApp, name: &str, from: &str) -> (String, String) {
    let sent = asked(test, "/page?x=1", "", from).await;
    assert_eq!(sent.status, 401);
    let to = location(&sent.headers);
    let path = to.strip_prefix("https://otp.example.org").expect("the sign-in pages");
    assert!(
        path.starts_with("/signin/Default?return_to=https%3A%2F%2Fapp.example.org%2Fpage%3Fx%3D1&state="),
        "{path}"
    );
    let mut visitor = Visitor::new(test);
    let address = format!("{name}@example.org");
    let before = test.sink.mails().iter().filter(|mail| mail.to == address).count();
    visitor.from = format!("{from}:1").parse().unwrap();
    let begun = visitor.post(path, &[("name", name), ("password", "right")]).await;
    if location(&begun.headers) != "/signin/done" {
        let id = id_in(&location(&begun.headers));
        let code = code_in(&test.mails_to(&address, before + 1).await[0]);
        visitor.post("/signin/code", &[("id", &id), ("code", &code)]).await;
    }
    let page = visitor.get("/signin/done").await.text();
    let (_, rest) = page.split_once("content=\"0;url=https://app.example.org").unwrap_or_else(|| panic!("{page}"));
    (rest.split_once('"').unwrap().0.replace("&#38;", "&"), cookie(&sent))
}

/// A whole sign-in; answers the cookie of the session.
async fn session(test: &TestApp, name: &str, from: &str) -> String {
    let (uri, way) = come_back(test, name, from).await;
    let opened = asked(test, &uri, &way, from).await;
    assert_eq!((opened.status.as_u16(), &*location(&opened.headers)), (401, "https://app.example.org/page?x=1"));
    let line = opened.headers["set-cookie"].to_str().unwrap();
    assert!(
        line.starts_with("__Host-otpost-gate-1=") && line.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{line}"
    );
    cookie(&opened)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_passes_with_their_name() {
    let test = stage().await;
    let session = session(&test, "alice", "203.0.113.9").await;
    let passed = asked(&test, "/page", &format!("other=1; {session}"), "203.0.113.9").await;
    assert_eq!(passed.status, 200);
    assert_eq!(
        (&passed.headers["remote-user"], &passed.headers["remote-realm"]),
        (&"alice".parse().unwrap(), &"test".parse().unwrap())
    );
    assert!(passed.body.is_empty() && passed.headers.get("set-cookie").is_none());
    let bent = session.replace("otpost-gate-1", "otpost-gate-2");
    for cookies in ["", &bent, "__Host-otpost-gate-1=", "__Host-otpost-gate-1=rubbish", "otpost-gate-1=x"] {
        let refused = asked(&test, "/page", cookies, "203.0.113.9").await;
        assert_eq!(refused.status, 401, "{cookies}");
        assert!(refused.headers.get("remote-user").is_none());
    }
    let out = asked(&test, "/.otpost/signout", &session, "203.0.113.9").await;
    assert_eq!(out.status, 401);
    assert_eq!(asked(&test, "/page", &session, "203.0.113.9").await.status, 401, "signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_session_for_the_browser_that_was_sent() {
    let test = stage().await;
    let (uri, way) = come_back(&test, "alice", "203.0.113.9").await;
    for cookies in ["", "__Host-otpost-way-1=AAAAAAAAAAAAAAAAAAAAAA"] {
        let stolen = asked(&test, &uri, cookies, "203.0.113.9").await;
        assert!(location(&stolen.headers).starts_with("https://otp.example.org/signin/"), "somebody else's browser");
        assert!(!location(&stolen.headers).contains("otpt_"), "the ticket goes no further");
    }
    let elsewhere = uri.replace("/page?x=1", "/page?x=2");
    assert!(
        location(&asked(&test, &elsewhere, &way, "203.0.113.9").await.headers).contains("/signin/"),
        "another address"
    );
    assert!(cookie(&asked(&test, &uri, &way, "203.0.113.9").await).starts_with("__Host-otpost-gate-1="));
    assert!(location(&asked(&test, &uri, &way, "203.0.113.9").await.headers).contains("/signin/"), "it is used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_what_it_rests_on() {
    let test = stage().await;
    let from = "203.0.113.9";
    let passes = async |session: &str| asked(&test, "/page", session, from).await.status == 200;
    let serial = Serial::parse("PIEM_alice").unwrap();
    let first = session(&test, "alice", from).await;
    test.apply(vec![enrollments::set_active(&serial, false)]).await;
    assert!(!passes(&first).await, "switched off");
    test.apply(vec![enrollments::set_active(&serial, true)]).await;
    assert!(passes(&first).await);
    for minutes in [59, 59, 59] {
        test.clock.advance(Duration::from_mins(minutes));
        assert!(passes(&first).await, "it is in use");
    }
    test.clock.advance(Duration::from_mins(60));
    assert!(!passes(&first).await, "it lay idle");
    let second = session(&test, "alice", from).await;
    for _ in 0..13 {
        test.clock.advance(Duration::from_mins(55));
        assert!(passes(&second).await);
    }
    test.clock.advance(Duration::from_mins(5));
    assert!(!passes(&second).await, "twelve hours are over");
    let third = session(&test, "alice", from).await;
    let other = test.app.hasher.hash(&Secret::new("other"), "user-alice").await.unwrap();
    test.apply(vec![accounts::set_password("user-alice", &other)]).await;
    assert!(!passes(&third).await, "another password");
    let fourth = session(&test, "erin", from).await;
    assert!(passes(&fourth).await);
    test.apply(vec![enrollments::delete(&Serial::parse("PIEM_erin").unwrap())]).await;
    assert!(!passes(&fourth).await, "reset");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_holds_where_its_rule_does() {
    let test = stage().await;
    let session = session(&test, "erin", "192.0.2.7").await;
    assert!(test.sink.mails().is_empty(), "no code was asked for");
    assert_eq!(asked(&test, "/page", &session, "192.0.2.8").await.status, 200);
    assert_eq!(asked(&test, "/page", &session, "203.0.113.9").await.status, 401, "outside a code is due");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_trusted_proxies_and_listed_addresses_are_answered() {
    let test = stage().await;
    let base = || {
        Request::get("/gate/default")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "app.example.org")
            .header("x-forwarded-uri", "/")
    };
    let send = async |peer: &str, request: Request<Body>| test.send_from(peer.parse().unwrap(), request).await;
    let request = |host: &str, path: &str| {
        let request = Request::get(path).header("x-forwarded-proto", "https").header("x-forwarded-host", host);
        request.header("x-forwarded-uri", "/").body(Body::empty()).unwrap()
    };
    assert_eq!(send(PROXY, base().body(Body::empty()).unwrap()).await.status, 401);
    let stranger = send("203.0.113.9:1", base().body(Body::empty()).unwrap()).await;
    assert_eq!((stranger.status.as_u16(), stranger.headers.get("location")), (403, None));
    for (host, path) in [
        ("evil.example", "/gate/default"),
        ("app.example.org:8443", "/gate/default"),
        ("app.example.org@evil.example", "/gate/default"),
        ("app.example.org", "/gate/nowhere"),
    ] {
        let refused = send(PROXY, request(host, path)).await;
        assert_eq!((refused.status.as_u16(), refused.headers.get("location")), (403, None), "{host} {path}");
    }
    let twice = base().header("x-forwarded-host", "evil.example").body(Body::empty()).unwrap();
    assert_eq!(send(PROXY, twice).await.status, 403);
    assert_eq!(send(PROXY, Request::get("/gate/default").body(Body::empty()).unwrap()).await.status, 403);
    let redirected = send(PROXY, request("app.example.org", "/gate/default/redirect")).await;
    assert_eq!(redirected.status, 302);
    assert!(location(&redirected.headers).starts_with("https://otp.example.org/signin/Default?"));
}
