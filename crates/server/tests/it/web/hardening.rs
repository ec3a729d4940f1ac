//! What the pages do for those who do not mean well.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::enrollment::{MAX_FAILURES, Serial};
use domain::provider::{FirstFactor, ShowInformation};
use otpost::store::enrollments;

use super::{ENDED, Visitor, id_in, location};
use crate::app::{Reply, TestApp, form_request};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_the_first_step_is_the_same_to_the_byte() {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.show_information = ShowInformation::Always).await;
    test.add_user("bob", "pw").await;
    test.enroll("dave", "1234").await;
    let dave = Serial::parse("PIEM_dave").unwrap();
    test.apply(vec![enrollments::set_failures(&dave, MAX_FAILURES, test.app.now())]).await;
    let mut seen: Vec<Reply> = Vec::new();
    let long = "x".repeat(300);
    let names = ["nobody", "bob", "dave", "*)(uid=*", "<script>alert(1)</script>", "a\0b", &long, "alice@nowhere", ""];
    for (name, password) in names.into_iter().map(|name| (name, "9999")).chain([("dave", "1234")]) {
        let mut reply = test.form("/signin", &[("name", name), ("password", password)]).await;
        reply.headers.remove("x-request-id");
        assert_eq!(reply.status, 422, "{name}");
        assert!(reply.text().contains("The user name or password is incorrect."));
        seen.push(reply);
    }
    let (first, others) = seen.split_first().unwrap();
    for other in others {
        assert_eq!((&first.body, &first.headers), (&other.body, &other.headers));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_the_same_second_step() {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::None).await;
    test.enroll("alice", "").await;
    let mut pages = Vec::new();
    for name in ["alice", "zelda"] {
        let mut visitor = Visitor::new(&test);
        let path = visitor.begin(name, "").await;
        let id = id_in(&path);
        let mask = |reply: &Reply| reply.text().replace(&id, "ID").replace(name, "NAME");
        let mut seen = vec![mask(&visitor.get("/").await), mask(&visitor.get(&path).await)];
        let wrong = visitor.post("/signin/code", &[("id", &id), ("code", "12")]).await;
        seen.push(mask(&visitor.get(&location(&wrong.headers)).await));
        let again = visitor.post("/signin/resend", &[("id", &id)]).await;
        seen.push(mask(&visitor.get(&location(&again.headers)).await));
        test.clock.advance(Duration::from_secs(35));
        let again = visitor.post("/signin/resend", &[("id", &id)]).await;
        seen.push(mask(&visitor.get(&location(&again.headers)).await));
        pages.push(without_times(&seen));
    }
    assert_eq!(pages[0], pages[1]);
}

/// Pages without the one instant they show.
pub(super) fn without_times(pages: &[String]) -> Vec<String> {
    let without = |page: &String| match (page.find("<time"), page.find("</time>")) {
        (Some(from), Some(to)) => format!("{}{}", &page[..from], &page[to..]),
        _ => page.clone(),
    };
    pages.iter().map(without).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_damaged_foreign_or_old_cookie_ends_the_sign_in_alike() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    test.enroll("bob", "1234").await;
    let (mut alice, mut bob) = (Visitor::new(&test), Visitor::new(&test));
    let path = alice.begin("alice", "1234").await;
    let bobs_path = bob.begin("bob", "1234").await;
    let ended = Visitor::new(&test).get(&path).await;
    assert_eq!(ended.status, 410);
    assert!(ended.text().contains(ENDED));

    let good = alice.cookie().clone();
    for at in 0..good.len() {
        let mut damaged = good.clone().into_bytes();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        *alice.cookie() = String::from_utf8(damaged).unwrap();
        assert_eq!(alice.get(&path).await.body, ended.body, "byte {at}");
    }
    alice.cookie().clone_from(&good);
    assert_eq!(alice.get(&bobs_path).await.body, ended.body, "somebody else's challenge");
    let code = test.code_to("bob@example.org").await;
    let stolen = alice.post("/signin/code", &[("id", &id_in(&bobs_path)), ("code", &code)]).await;
    assert_eq!(stolen.body, ended.body);
    assert_eq!(alice.post("/signin/resend", &[("id", &id_in(&bobs_path))]).await.body, ended.body);
    assert_eq!(alice.get(&path).await.status, 200, "the right one still works");

    alice.cookies.push(("otpost-done".to_owned(), good));
    assert_eq!(alice.get("/signin/done").await.body, ended.body, "one cookie is not another");
    test.clock.advance(Duration::from_mins(10));
    assert_eq!(alice.get(&path).await.body, ended.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_are_refused_before_they_are_read() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let fields = [("id", &*id_in(&path)), ("code", "000000"), ("name", "alice"), ("password", "1234")];
    for target in ["/signin", "/signin/code", "/signin/resend"] {
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "http://localhost.evil.example"),
        ] {
            let mut request = form_request(target, &fields);
            request.headers_mut().insert(header, value.parse().unwrap());
            let reply = alice.send(request).await;
            assert_eq!(reply.status, 403, "{target} {header}: {value}");
            assert!(reply.headers.get("set-cookie").is_none());
        }
        let mut unseen = form_request(target, &fields);
        unseen.headers_mut().insert("origin", "null".parse().unwrap());
        assert_eq!(test.send(unseen).await.status, 403, "{target}, no cookie of ours");
    }
    let mut ours = form_request("/signin", &fields);
    ours.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
    ours.headers_mut().insert("origin", "null".parse().unwrap());
    assert_eq!(alice.send(ours).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_carries_the_headers_and_nothing_inline() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let mut replies = Vec::new();
    for path in ["/", "/signin/default", "/signin/nowhere", &path, "/signin/code/123", "/signin/done", "/signin"] {
        replies.push(alice.get(path).await);
    }
    replies.push(alice.post("/signin", &[("name", "x"), ("password", "y")]).await);
    replies.push(alice.post("/signin", &[("nonsense", "x")]).await);
    for reply in &replies {
        let header = |name: &str| reply.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert_eq!(header("content-security-policy"), CSP);
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
        assert_eq!(header("cache-control"), "no-store");
        let page = reply.text();
        assert!(page.is_empty() || page.contains("<html lang=\"en\">"), "{page}");
        for inline in ["<style", " style=", " onclick", "<script>", "http://", "https://"] {
            assert!(!page.contains(inline), "{inline} in {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_are_shown_as_text() {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::None).await;
    for name in ["<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "{{name}}", "a&lt;b"] {
        let mut visitor = Visitor::new(&test);
        let path = visitor.begin(name, "").await;
        let page = visitor.get(&path).await.text();
        assert!(!page.contains("<img src=x") && !page.contains("<script>"), "{page}");
        assert!(page.contains("<strong class=\"name\">"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_strict_and_bound_to_the_host_over_https() {
    let test = TestApp::start_with(|config| {
        let url = [("OTPOST_HTTP__PUBLIC_URL".to_owned(), "https://otp.example.org".to_owned())];
        config.http.public_url =
            otpost::config::Config::load(otpost::config::Source::Nowhere, url.into_iter()).unwrap().http.public_url;
    })
    .await;
    test.enroll("alice", "1234").await;
    let reply = test.form("/signin", &[("name", "alice"), ("password", "1234")]).await;
    let line = reply.headers["set-cookie"].to_str().unwrap();
    assert!(line.starts_with("__Host-otpost-signin="), "{line}");
    assert!(line.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Strict; Secure"), "{line}");
    assert!(!line.contains("alice"), "{line}");
    let mut ours = form_request("/signin", &[("name", "alice"), ("password", "1234")]);
    ours.headers_mut().insert("origin", "https://otp.example.org".parse().unwrap());
    assert_eq!(test.send(ours).await.status, 303, "the public address is ours, whatever the proxy calls us");
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_kept_for_ever_under_names_of_their_content() {
    let test = TestApp::start().await;
    let mut visitor = Visitor::new(&test);
    let page = visitor.get("/").await.text();
    let names: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(names.len() >= 3, "{page}");
    for name in names {
        let reply = visitor.get(name).await;
        assert_eq!((reply.status.as_u16(), reply.body.is_empty()), (200, false), "{name}");
        assert_eq!(reply.headers["cache-control"], "public, max-age=31536000, immutable");
    }
    assert_eq!(visitor.get("/assets/app.0000000000000000.css").await.status, 404);
    assert_eq!(visitor.get("/assets/..%2f..%2fCargo.toml").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_ours_is_answered_named_and_counted() {
    let test = TestApp::start_with(|config| config.http.allowed_hosts = vec!["otp.example.org".to_owned()]).await;
    let request = Request::get("/").header("host", "rebound.example").body(Body::empty()).unwrap();
    let reply = test.send(request).await;
    assert_eq!((reply.status.as_u16(), reply.headers["x-request-id"].len()), (421, 16));
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    assert!(test.app.metrics.render().contains("otpost_http_requests_total{status=\"421\"} 1"));
}
