//! Getting in, staying in, getting out; and everybody else, who stays outside.

use std::time::Duration;

use super::*;
use crate::app::by;

const PAGES: [&str; 15] = [
    "/console",
    "/console/audit",
    "/console/people",
    "/console/person/user-alice",
    "/console/provider/1",
    "/console/providers",
    "/console/providers/new",
    "/console/relay/sink",
    "/console/relays",
    "/console/relays/new",
    "/console/settings",
    "/console/theme/1",
    "/console/themes",
    "/console/themes/new",
    "/console/nowhere",
];

const ACTS: [&str; 15] = [
    "/console/enrollment/PIEM_alice/revoke",
    "/console/person/user-alice",
    "/console/provider/1",
    "/console/provider/1/delete",
    "/console/provider/1/duplicate",
    "/console/providers/new",
    "/console/relay/sink",
    "/console/relay/sink/delete",
    "/console/relays/new",
    "/console/relays/test",
    "/console/signout",
    "/console/theme/1",
    "/console/theme/1/delete",
    "/console/theme/1/duplicate",
    "/console/themes/new",
];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_every_page_leads_to_the_sign_in_and_says_nothing() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    for page in PAGES {
        let reply = test.send(get(page)).await;
        assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, "/console/signin".to_owned()), "{page}");
        assert!(reply.body.is_empty(), "{page} leaks: {}", reply.text());
    }
    let lines = test.app.store.count_audit().await.unwrap();
    for act in ACTS {
        let reply = test.form(act, &[("proof", "x"), ("relay", "sink"), ("recipient", "a@example.org")]).await;
        assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, "/console/signin".to_owned()), "{act}");
        assert!(reply.body.is_empty());
    }
    assert_eq!(test.app.store.count_audit().await.unwrap(), lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_opens_a_new_session_that_scripts_and_other_sites_cannot_reach() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.get("/console/signin").await;
    let fields = [("name", "admin"), ("password", ADMIN_PASSWORD)];
    let reply = admin.post("/console/signin", &fields).await;
    let line = reply.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(line.starts_with("otpost-console="), "{line}");
    assert!(line.ends_with("; Path=/; Max-Age=900; HttpOnly; SameSite=Strict"), "{line}");
    assert!(admin.get("/console").await.text().contains("Signed in as"));
    assert!(is_on_record(&test, "sign-in of an administrator", "ok").await);
    let csp = reply.headers["content-security-policy"].to_str().unwrap();
    assert!(csp.starts_with("default-src 'none'; script-src 'self'") && reply.headers["cache-control"] == "no-store");
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_this_machine_the_cookie_insists_on_https_and_this_host() {
    let test = TestApp::start_with(|config| config.http.listen = "192.0.2.1:8080".parse().unwrap()).await;
    let reply = test.form("/console/signin", &[("name", "admin"), ("password", ADMIN_PASSWORD)]).await;
    let line = reply.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(line.starts_with("__Host-otpost-console="), "{line}");
    assert!(line.ends_with("; Path=/; Max-Age=900; HttpOnly; SameSite=Strict; Secure"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_unknown_and_locked_look_alike_and_open_nothing() {
    let test = TestApp::start().await;
    let mut bodies = Vec::new();
    for (name, password) in [("admin", "wrong"), ("nobody", "wrong"), ("admin*", "x"), ("", "")] {
        let reply = test.form("/console/signin", &[("name", name), ("password", password)]).await;
        assert_eq!(reply.status, 422);
        assert!(!reply.headers.get("set-cookie").unwrap().to_str().unwrap().contains(COOKIE));
        bodies.push(reply.text());
    }
    for _ in 0..20 {
        test.form("/console/signin", &[("name", "admin"), ("password", "guess")]).await;
    }
    let locked = test.form("/console/signin", &[("name", "admin"), ("password", ADMIN_PASSWORD)]).await;
    assert_eq!(locked.status, 422, "guesses are limited, as at /auth");
    bodies.push(locked.text());
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert!(is_on_record(&test, "sign-in of an administrator", "fail").await);
    let lines = test.app.store.list_audit(None, 1_000).await.unwrap();
    let tries: Vec<_> = lines.iter().filter(|line| line.action == "sign-in of an administrator").collect();
    assert_eq!(tries.len(), 24, "a line for every name that can be one and for every try");
    assert!(tries.iter().all(|line| ["admin", ""].contains(&&*line.actor)), "no stranger's name is kept");
    let at_auth = test.form("/auth", &[("username", "admin"), ("password", ADMIN_PASSWORD)]).await;
    assert_eq!(at_auth.status, 401, "one limit for both doors");
    test.clock.advance(Duration::from_hours(4));
    Visitor::new(&test).administer().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_planted_or_made_up_is_never_adopted() {
    let test = TestApp::start().await;
    let mut thief = Visitor::new(&test);
    thief.administer().await;
    let planted = thief.session().unwrap().to_owned();
    let mut victim = Visitor::new(&test);
    victim.cookies.push((COOKIE.to_owned(), planted.clone()));
    victim.administer().await;
    assert_ne!(victim.session().unwrap(), planted);
    assert_eq!(thief.get("/console").await.status, 303, "the planted session ended when somebody signed in over it");
    for made_up in ["", "x", "AAAA.BBBB", &planted.replace('.', "")] {
        let mut stranger = Visitor::new(&test);
        stranger.cookies.push((COOKIE.to_owned(), made_up.to_owned()));
        assert_eq!(stranger.get("/console").await.status, 303, "{made_up}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_signing_out_the_cookie_is_worth_nothing() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let kept = admin.session().unwrap().to_owned();
    let reply = admin.act("/console", "/console/signout", &[]).await;
    assert_eq!((reply.status.as_u16(), location(&reply.headers)), (303, "/console/signin".to_owned()));
    assert_eq!(admin.session(), None, "the browser forgets it");
    admin.cookies.push((COOKIE.to_owned(), kept));
    assert_eq!(admin.get("/console").await.status, 303, "and so does the server");
    assert!(is_on_record(&test, "POST /console/signout", "ok").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_lies_idle_and_after_eight_hours_in_any_case() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    test.clock.advance(Duration::from_mins(15));
    assert_eq!(admin.get("/console").await.status, 303, "idle for a quarter of an hour");
    admin.administer().await;
    for _ in 0..48 {
        assert_eq!(admin.get("/console").await.status, 200);
        test.clock.advance(Duration::from_mins(10));
    }
    assert_eq!(admin.get("/console").await.status, 303, "eight hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_sessions_and_the_sixth_ends_the_first() {
    let test = TestApp::start().await;
    let mut all: Vec<_> = (0..6).map(|_| Visitor::new(&test)).collect();
    for admin in &mut all {
        admin.administer().await;
        test.clock.advance(Duration::from_secs(1));
    }
    let mut statuses = Vec::new();
    for admin in &mut all {
        statuses.push(admin.get("/console").await.status.as_u16());
    }
    assert_eq!(statuses, [303, 200, 200, 200, 200, 200]);
    let fresh = domain::secret::Secret::new("a new long password");
    otpost::manage::admins::reset(&test.app, &by(), "ADMIN", &fresh).await.unwrap();
    for admin in &mut all {
        assert_eq!(admin.get("/console").await.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_and_other_sessions_change_nothing() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let (mut admin, mut other) = (Visitor::new(&test), Visitor::new(&test));
    let (page, foreign) = (admin.administer().await.text(), other.administer().await.text());
    let lines = test.app.store.count_audit().await.unwrap();
    let act = "/console/enrollment/PIEM_alice/revoke";
    for shown in ["", "x", &proof(&foreign)] {
        assert_eq!(admin.post(act, &[("proof", shown)]).await.status, 403);
    }
    assert_eq!(admin.post(act, &[]).await.status, 403, "no proof at all");
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let mut request = form_request(act, &[("proof", &proof(&page))]);
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(admin.send(request).await.status, 403, "{name}");
        let mut request = form_request("/console/signin", &[("name", "admin"), ("password", ADMIN_PASSWORD)]);
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(test.send(request).await.status, 403, "{name}");
    }
    assert_eq!(test.app.store.count_audit().await.unwrap(), lines);
    let in_query = format!("{act}?proof={}", proof(&page));
    assert_eq!(admin.get(&in_query).await.status, 405, "nothing is done by opening an address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_interface_is_no_session_and_the_other_way_round() {
    let test = TestApp::start().await;
    let mut admin = Visitor::new(&test);
    admin.administer().await;
    let session = admin.session().unwrap().to_owned();
    let mut request = get("/user/");
    request.headers_mut().insert("authorization", session.parse().unwrap());
    assert_eq!(test.send(request).await.status, 401);
    let mut stranger = Visitor::new(&test);
    stranger.cookies.push((COOKIE.to_owned(), test.admin_token().await));
    assert_eq!(stranger.get("/console").await.status, 303);
}
