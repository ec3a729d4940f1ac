//! Enrolling oneself on the pages, as a browser without JavaScript.

mod kept;
mod refused;

use std::time::Duration;

use domain::decide::ExternalAddress;
use domain::provider::{EnrollmentMode, FirstFactor, Provider, ProviderDraft, UserEnrollment};
use otpost::manage::{enrollments, providers, users};
use otpost::store::accounts::Account;
use otpost::store::enrollments::StoredEnrollment;

use super::{ENDED, Visitor, WRONG, id_in, location};
use crate::app::{TestApp, by};

const CLOSED: &str = "Enrollment is disabled. Contact your system administrator.";
const NO_ADDRESS: &str = "No e-mail address is available for your account. Contact your administrator.";
const SEND_LISTED: &[(&str, &str)] = &[("choice", "listed")];

/// bob has the password `right`, an address in the directory, and may enroll.
async fn bob(change: impl FnOnce(&mut Provider)) -> (TestApp, Account) {
    let test = TestApp::start().await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::UserStore;
        provider.user_enrollment = UserEnrollment::Allow;
        change(provider);
    })
    .await;
    let account = test.add_user("bob", "right").await;
    (test, account)
}

async fn enrolled(test: &TestApp) -> Vec<StoredEnrollment> {
    test.app.store.list_enrollments("", 9).await.unwrap()
}

impl Visitor<'_> {
    /// Password and address; answers the address of the page that asks for the code.
    async fn ask(&mut self, fields: &[(&str, &str)]) -> String {
        assert_eq!(self.begin("bob", "right").await, "/enroll");
        let reply = self.post("/enroll", fields).await;
        assert_eq!(reply.status, 303, "{}", reply.text());
        location(&reply.headers)
    }

    async fn hand_in(&mut self, path: &str, code: &str) -> String {
        let reply = self.post("/enroll/code", &[("id", &id_in(path)), ("code", code)]).await;
        if reply.status == 303 { location(&reply.headers) } else { reply.text() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_enrolls_the_address_of_the_directory_and_then_signs_in() {
    let (test, _) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    assert_eq!(visitor.begin("bob", "right").await, "/enroll");
    for _ in 0..2 {
        let page = visitor.get("/enroll").await.text();
        assert!(page.contains("b•••@example.org") && !page.contains("bob@example.org"), "{page}");
        assert!(!page.contains("type=\"email\""), "no other address is allowed");
    }
    assert!(test.sink.mails().is_empty(), "looking sends nothing");
    let sent = visitor.post("/enroll", SEND_LISTED).await;
    let path = location(&sent.headers);
    let code = test.code_to("bob@example.org").await;
    let page = visitor.get(&path).await.text();
    assert!(page.contains("The code works until") && visitor.get(&path).await.status == 200);
    assert_eq!(test.sink.mails().len(), 1, "a reload sends nothing");
    assert!(enrolled(&test).await.is_empty(), "nothing is stored before the code is back");

    assert_eq!(visitor.hand_in(&path, &code).await, "/signin/done");
    let done = visitor.get("/signin/done").await.text();
    assert!(done.contains("You are signed in") && done.contains("it is enrolled now"), "{done}");
    let [stored] = &enrolled(&test).await[..] else { panic!("not one") };
    assert!(stored.enrollment.is_address_dynamic && stored.enrollment.address.is_none());

    let mut again = Visitor::new(&test);
    let path = again.begin("bob", "right").await;
    assert!(path.starts_with("/signin/code/"), "{path}");
    let code = crate::app::code_in(&test.mails_to("bob@example.org", 2).await[0]);
    let reply = again.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    assert_eq!(location(&reply.headers), "/signin/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_the_directory_is_read_at_each_sign_in() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    assert_eq!(visitor.hand_in(&path, &code).await, "/signin/done");
    let change = users::UserChange { email: Some("new@example.net".to_owned()), ..users::UserChange::default() };
    users::update(&test.app, &by(), &account.resolver, "bob", change).await.unwrap();
    visitor.begin("bob", "right").await;
    test.mail_to("new@example.net").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_changed_meanwhile_is_not_proven() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    let change = users::UserChange { email: Some("new@example.net".to_owned()), ..users::UserChange::default() };
    users::update(&test.app, &by(), &account.resolver, "bob", change).await.unwrap();
    assert!(visitor.hand_in(&path, &code).await.ends_with("?said=wrong"));
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_the_old_one_began() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    let change = users::UserChange {
        password: Some(domain::secret::Secret::new("another one")),
        ..users::UserChange::default()
    };
    users::update(&test.app, &by(), &account.resolver, "bob", change).await.unwrap();
    assert!(visitor.hand_in(&path, &code).await.contains(ENDED));
    assert!(visitor.get("/enroll").await.text().contains(ENDED));
    assert!(visitor.post("/enroll", SEND_LISTED).await.text().contains(ENDED));
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_takes_ten_minutes_at_most() {
    let (test, _) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    assert_eq!(visitor.begin("bob", "right").await, "/enroll");
    test.clock.advance(Duration::from_secs(599));
    let path = location(&visitor.post("/enroll", SEND_LISTED).await.headers);
    let code = test.code_to("bob@example.org").await;
    test.clock.advance(Duration::from_secs(1));
    assert!(visitor.hand_in(&path, &code).await.contains(ENDED));
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_enrolled_where_that_is_allowed() {
    let (test, _) = bob(|provider| provider.external_address = ExternalAddress::Allowed).await;
    let mut visitor = Visitor::new(&test);
    visitor.begin("bob", "right").await;
    let page = visitor.get("/enroll").await.text();
    assert!(page.contains("b•••@example.org") && page.contains("type=\"email\""), "{page}");
    let path = visitor.ask(&[("choice", "other"), ("address", " bob@home.example ")]).await;
    assert!(visitor.get(&path).await.text().contains("b•••@home.example"));
    let code = test.code_to("bob@home.example").await;
    assert_eq!(visitor.hand_in(&path, &code).await, "/signin/done");
    let [stored] = &enrolled(&test).await[..] else { panic!("not one") };
    assert_eq!(stored.enrollment.address.as_ref().unwrap().as_str(), "bob@home.example");
    assert!(!stored.enrollment.is_address_dynamic);
    test.set_provider(|provider| provider.external_address = ExternalAddress::Forbidden).await;
    assert!(visitor.begin("bob", "right").await.starts_with("/signin/code/"), "allowed or not: it is enrolled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_proves_no_other_address_than_the_one_it_went_to() {
    let (test, _) = bob(|provider| provider.external_address = ExternalAddress::Allowed).await;
    let mut visitor = Visitor::new(&test);
    let mine = visitor.ask(&[("choice", "other"), ("address", "mine@evil.example")]).await;
    let code = test.code_to("mine@evil.example").await;
    let mine_cookie = visitor.cookies.clone();
    let theirs = visitor.ask(&[("choice", "other"), ("address", "victim@example.org")]).await;
    assert_ne!(mine, theirs, "another address is another challenge");
    assert!(visitor.hand_in(&theirs, &code).await.ends_with("?said=wrong"));
    assert!(visitor.hand_in(&mine, &code).await.contains(ENDED), "this browser waits for the other code");
    visitor.cookies = mine_cookie;
    assert!(visitor.hand_in(&mine, &code).await.ends_with("?said=wrong"), "the newer one took its place");
    assert!(enrolled(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_address_again_is_the_same_code() {
    let (test, _) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    test.clock.advance(Duration::from_secs(31));
    let again = visitor.post("/enroll", SEND_LISTED).await;
    assert_eq!(location(&again.headers), path);
    let mails = test.mails_to("bob@example.org", 2).await;
    assert!(mails.iter().all(|mail| mail.text.contains(&code)));
    assert_eq!(visitor.hand_in(&path, &code).await, "/signin/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_one_address_is_refused_and_nothing_is_mailed() {
    let (test, _) = bob(|provider| provider.external_address = ExternalAddress::Allowed).await;
    let mut visitor = Visitor::new(&test);
    visitor.begin("bob", "right").await;
    let long = format!("{}@{}.example", "a".repeat(60), "b".repeat(190));
    for hostile in [
        "",
        "bob",
        "a@x.example,b@evil.example",
        "a@x.example b@evil.example",
        "a@x.example\r\nBcc: c@evil.example",
        "\"a\r\n\"@x.example",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        "<a@x.example>",
        "a@x.example\0",
        "\u{202e}a@x.example",
        "\"><script>alert(1)</script>",
        &long,
        &"x".repeat(10_000),
    ] {
        let reply = visitor.post("/enroll", &[("choice", "other"), ("address", hostile)]).await;
        let page = reply.text();
        assert_eq!(reply.status, 422, "{hostile:?}");
        assert!(page.contains("That is not a valid address.") && !page.contains("<script>alert"), "{page}");
    }
    assert!(test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_codes_of_the_two_steps_do_not_stand_for_one_another() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let enrolling = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    let id = id_in(&enrolling);
    let dialect = [("user", "bob"), ("transaction_id", &*id), ("pass", &*code)];
    assert_eq!(test.check(&dialect).await.authentication(), "REJECT");
    let reply = visitor.post("/signin/code", &[("id", &id), ("code", &code)]).await;
    assert!(reply.text().contains(ENDED), "the browser is not between the steps of a sign-in");

    // Enrolled meanwhile by an administrator; the browser keeps what it had for the enrollment.
    test.enroll_again(&account, "PIEM_bob", "").await;
    let signing_in = visitor.begin("bob", "right").await;
    let fresh = test.mails_to("bob@example.org", 2).await;
    let sign_in_code = crate::app::code_in(&fresh[0]);
    let crossed = visitor.post("/enroll/code", &[("id", &id_in(&signing_in)), ("code", &sign_in_code)]).await;
    assert!(crossed.text().contains(ENDED));
    let done = visitor.post("/signin/code", &[("id", &id_in(&signing_in)), ("code", &sign_in_code)]).await;
    assert_eq!(location(&done.headers), "/signin/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enrolls_over_an_enrollment() {
    let (test, account) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    test.enroll_again(&account, "PIEM_first", "").await;
    assert!(visitor.hand_in(&path, &code).await.contains("You are enrolled already"));
    let [stored] = &enrolled(&test).await[..] else { panic!("not one") };
    assert_eq!(stored.enrollment.serial.as_str(), "PIEM_first");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_answers_at_once_enroll_once() {
    let (test, _) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    let mut copies: Vec<_> =
        (0..8).map(|_| Visitor { cookies: visitor.cookies.clone(), ..Visitor::new(&test) }).collect();
    let answers = copies.iter_mut().map(|copy| copy.hand_in(&path, &code));
    let ends = futures_of(answers).await;
    assert_eq!(ends.iter().filter(|end| *end == "/signin/done").count(), 1, "{ends:?}");
    assert_eq!(enrolled(&test).await.len(), 1);
}

/// Runs them side by side on this task.
async fn futures_of(futures: impl Iterator<Item = impl Future<Output = String>>) -> Vec<String> {
    let mut running: Vec<_> = futures.map(|future| Some(Box::pin(future))).collect();
    let mut done = vec![String::new(); running.len()];
    std::future::poll_fn(|context| {
        for (slot, end) in running.iter_mut().zip(&mut done) {
            if let Some(future) = slot
                && let std::task::Poll::Ready(text) = future.as_mut().poll(context)
            {
                *end = text;
                *slot = None;
            }
        }
        if running.iter().all(Option::is_none) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_codes_burn_the_challenge_and_store_nothing() {
    let (test, _) = bob(|_| {}).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for attempt in 1..=5 {
        let said = visitor.hand_in(&path, wrong).await;
        let page = visitor.get(&said).await.text();
        assert!(page.contains(WRONG) && page.contains(ENDED) == (attempt == 5), "{page}");
    }
    assert!(visitor.hand_in(&path, &code).await.ends_with("?said=wrong"));
    assert!(enrolled(&test).await.is_empty());
    assert_eq!(visitor.begin("bob", "right").await, "/enroll", "still not enrolled, and free to try again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_open_only_for_whom_they_were_offered_to() {
    let (test, account) = bob(|_| {}).await;
    let mut stranger = Visitor::new(&test);
    assert!(stranger.get("/enroll").await.text().contains(ENDED));
    assert!(stranger.post("/enroll", SEND_LISTED).await.text().contains(ENDED));
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(SEND_LISTED).await;
    let code = test.code_to("bob@example.org").await;
    assert!(stranger.hand_in(&path, &code).await.contains(ENDED), "the code alone is not enough");
    let mut crossed = crate::app::form_request("/enroll", SEND_LISTED);
    crossed.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(visitor.send(crossed).await.status, 403);

    // Another account of the same name is another person.
    users::remove(&test.app, &by(), &account.resolver, "bob").await.unwrap();
    let new = users::NewUser { resolver: "local".to_owned(), name: "bob".to_owned(), ..users::NewUser::default() };
    users::add(&test.app, &by(), new).await.unwrap();
    assert!(visitor.hand_in(&path, &code).await.contains("said=wrong") || enrolled(&test).await.is_empty());
    assert!(enrolled(&test).await.is_empty());
    test.clock.advance(Duration::from_mins(10));
    assert!(visitor.get("/enroll").await.text().contains(ENDED), "the password was too long ago");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_tells_each_step_and_no_address() {
    let (test, _) = bob(|provider| provider.external_address = ExternalAddress::Allowed).await;
    let mut visitor = Visitor::new(&test);
    let path = visitor.ask(&[("choice", "other"), ("address", "bob@home.example")]).await;
    let code = test.code_to("bob@home.example").await;
    visitor.hand_in(&path, &code).await;
    let lines = test.admin("GET", "/audit/?page_size=50&user=bob", &[]).await.text();
    for reason in ["enroll-offered", "enroll-code", "address-proven", "enrolled"] {
        assert!(lines.contains(reason), "{reason}: {lines}");
    }
    assert!(!lines.contains("home.example") && !lines.contains(&code), "{lines}");
    assert!(!lines.contains("ACCEPT"), "nobody was in before the address was stored: {lines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dialect_refuses_whoever_is_not_enrolled_as_before() {
    let (test, account) = bob(|_| {}).await;
    let unenrolled = test.check(&[("user", "bob"), ("pass", "right")]).await;
    let wrong = test.check(&[("user", "bob"), ("pass", "wrong")]).await;
    let timeless = |reply: &crate::app::Reply| reply.json()["detail"]["message"].clone();
    assert_eq!((unenrolled.authentication(), timeless(&unenrolled)), (wrong.authentication(), timeless(&wrong)));
    assert_eq!(unenrolled.authentication(), "REJECT");
    let new = enrollments::NewEnrollment {
        owner: Some((account, "test".to_owned())),
        is_address_dynamic: true,
        ..enrollments::NewEnrollment::default()
    };
    enrollments::enroll(&test.app, &by(), new).await.unwrap();
    assert_eq!(test.check(&[("user", "bob"), ("pass", "right")]).await.authentication(), "CHALLENGE");
}
