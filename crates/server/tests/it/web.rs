//! The pages of the person signing in, through the real router, as a browser without JavaScript.

pub(crate) mod browser;
mod console;
mod decoys;
mod enroll;
mod gate;
mod habits;
mod hardening;
mod languages;
mod themes;
mod tickets;
mod timing;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use domain::criteria::{Access, Criteria, Group, Matching, PrincipalEntry};
use domain::provider::FirstFactor;

use crate::app::{Reply, TestApp, form_request};

/// A browser: it keeps cookies and follows nothing by itself.
pub(crate) struct Visitor<'a> {
    test: &'a TestApp,
    cookies: Vec<(String, String)>,
    from: SocketAddr,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(test: &'a TestApp) -> Self {
        Self { test, cookies: Vec::new(), from: "127.0.0.1:40000".parse().unwrap() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path).header("host", "localhost").body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(form_request(path, fields)).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Reply {
        request.headers_mut().insert("cookie", self.jar().parse().unwrap());
        let reply = self.test.send_from(self.from, request).await;
        for line in reply.headers.get_all("set-cookie") {
            let (pair, _) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    /// All its cookies, as a request has them.
    pub(crate) fn jar(&self) -> String {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        jar.join("; ")
    }

    /// The first step; answers the address of the code page.
    pub(crate) async fn begin(&mut self, name: &str, password: &str) -> String {
        let reply = self.post("/signin", &[("name", name), ("password", password)]).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        location(&reply.headers)
    }

    fn cookie(&mut self) -> &mut String {
        &mut self.cookies.iter_mut().find(|(name, _)| name.ends_with("otpost-signin")).unwrap().1
    }
}

pub(crate) fn location(headers: &HeaderMap) -> String {
    headers["location"].to_str().unwrap().to_owned()
}

pub(crate) fn id_in(path: &str) -> String {
    path.rsplit('/').next().unwrap().chars().take_while(char::is_ascii_digit).collect()
}

const WRONG: &str = "The code is incorrect or has expired.";
const ENDED: &str = "This sign-in has ended";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_without_javascript() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let start = alice.get("/").await.text();
    assert!(start.contains("<label for=\"name\">") && start.contains("autocomplete=\"current-password\""), "{start}");

    let path = alice.begin("alice", "1234").await;
    let page = alice.get(&path).await.text();
    assert!(page.contains("autocomplete=\"one-time-code\"") && page.contains("inputmode=\"numeric\""), "{page}");
    assert!(
        page.contains("The code works until <time datetime=\"2026-11-21T01:23:08.64Z\">01:23:08 UTC</time>"),
        "{page}"
    );

    let code = test.code_to("alice@example.org").await;
    let pasted = format!(" {} {} ", &code[..3], &code[3..]);
    let answer = [("id", &*id_in(&path)), ("code", &*pasted)];
    let accepted = alice.post("/signin/code", &answer).await;
    assert_eq!((accepted.status.as_u16(), location(&accepted.headers)), (303, "/signin/done".to_owned()));
    for _ in 0..2 {
        let done = alice.get("/signin/done").await.text();
        assert!(done.contains("You are signed in") && done.contains("alice"), "{done}");
    }
    assert!(alice.post("/signin/code", &answer).await.text().contains(ENDED), "nothing is left to answer");
    assert!(alice.get(&path).await.text().contains(ENDED));
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_the_code_page_sends_nothing_and_the_button_sends_the_same_code() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let id = id_in(&path);
    let code = test.code_to("alice@example.org").await;
    let early = alice.post("/signin/resend", &[("id", &id)]).await;
    assert!(alice.get(&location(&early.headers)).await.text().contains("Not sent again yet."));

    test.clock.advance(Duration::from_secs(31));
    for method in ["GET", "HEAD", "GET"] {
        for path in [&*path, "/signin/resend", "/signin/code", "/signin"] {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            assert!(alice.send(request).await.status.as_u16() < 400, "{method} {path}");
        }
    }
    let again = alice.post("/signin/resend", &[("id", &id)]).await;
    assert!(alice.get(&location(&again.headers)).await.text().contains("once more"));
    let mails = test.mails_to("alice@example.org", 2).await;
    assert_eq!(mails.len(), 2, "one for the first step, one for the button");
    assert!(mails.iter().all(|mail| mail.text.contains(&code)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_told_and_too_many_end_the_sign_in() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let code = test.code_to("alice@example.org").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for attempt in 1..=5 {
        let reply = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", wrong)]).await;
        assert_eq!(location(&reply.headers), format!("{path}?said=wrong"));
        for _ in 0..2 {
            let page = alice.get(&format!("{path}?said=wrong")).await.text();
            assert!(page.contains(WRONG) && page.contains("role=\"alert\""), "{page}");
            assert_eq!(page.contains(ENDED), attempt == 5, "a reload tries nothing: attempt {attempt}");
        }
    }
    let late = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    assert!(location(&late.headers).ends_with("?said=wrong"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_code_looks_like_a_wrong_one() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let code = test.code_to("alice@example.org").await;
    test.clock.advance(Duration::from_mins(2));
    let late = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    let page = alice.get(&location(&late.headers)).await.text();
    assert!(page.contains(WRONG) && page.contains(ENDED), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_excepted_by_a_rule_is_let_in_after_the_password() {
    let test = TestApp::start().await;
    test.set_provider(|provider| provider.first_factor = FirstFactor::UserStore).await;
    test.add_user("erin", "secret").await;
    test.set_provider(|provider| {
        let erin = PrincipalEntry::parse(Some("TEST\\Erin"), None).unwrap();
        let principals = Group::enabled(Matching::IsOneOf, vec![erin]);
        provider.criteria = Criteria { access: Access::Deny, principals, ..Criteria::default() };
        provider.inherits_criteria = false;
    })
    .await;
    let mut erin = Visitor::new(&test);
    assert_eq!(erin.begin("erin", "secret").await, "/signin/done");
    assert!(erin.get("/signin/done").await.text().contains("excepts you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_known_entrances_open() {
    let test = TestApp::start().await;
    let mut visitor = Visitor::new(&test);
    assert_eq!(visitor.get("/signin/default").await.body, visitor.get("/").await.body);
    assert_eq!(visitor.get("/signin/nowhere").await.status, 404);
}
