//! Those who only guess: what they see is what everybody sees.

use std::time::Duration;

use domain::criteria::PrincipalEntry;
use domain::enrollment::{MAX_FAILURES, Serial};
use domain::provider::{FirstFactor, ShowInformation, UserEnrollment};
use domain::theme::Theme;
use otpost::config::StoreUrl;
use otpost::store::{enrollments, themes};

use super::hardening::without_times;
use super::{Visitor, id_in, location};
use crate::app::{Reply, TestApp};

/// Names of one length: alice is enrolled, brian is not, clara's enrollment is switched off, david is locked out,
/// frank is enrolled and not let in; the password of all is `right`.
async fn people(show: ShowInformation, enrollment: UserEnrollment) -> TestApp {
    let test = TestApp::start().await;
    test.set_provider(|provider| {
        provider.first_factor = FirstFactor::UserStore;
        provider.show_information = show;
        provider.user_enrollment = enrollment;
    })
    .await;
    for name in ["alice", "brian", "clara", "david", "frank"] {
        let account = test.add_user(name, "right").await;
        if name != "brian" {
            test.enroll_again(&account, &format!("PIEM_{name}"), "").await;
        }
    }
    let david = Serial::parse("PIEM_david").unwrap();
    let clara = Serial::parse("PIEM_clara").unwrap();
    let let_in = ["alice", "brian", "clara", "david"];
    let entrance = Theme {
        provider_id: Some(1),
        filters_members: true,
        members: let_in.map(|name| PrincipalEntry::parse(Some(name), None).unwrap()).to_vec(),
        ..Theme::standard()
    };
    let entrance = test.app.settings().find_theme(1).unwrap().changed(entrance, "test", test.app.now());
    let locked = enrollments::set_failures(&david, MAX_FAILURES, test.app.now());
    test.apply(vec![locked, enrollments::set_active(&clara, false), themes::update(&entrance)]).await;
    test
}

/// Everything one person sees from the password on, with names, ids and times left out: the first
/// answer, the page, a mail asked for too soon and in time, five wrong codes, the same password
/// once more. `lang` stands behind every address.
async fn walk(test: &TestApp, name: &str, password: &str, lang: &str) -> Vec<String> {
    let mut visitor = Visitor::new(test);
    let to = |path: &str| format!("{path}{lang}");
    let first = visitor.post(&to("/signin"), &[("name", name), ("password", password)]).await;
    assert_eq!(first.status, 303, "{name} {password}: {}", first.text());
    let path = location(&first.headers);
    let id = id_in(&path);
    let mask = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        for (_, value) in headers.iter_mut().filter(|(name, _)| *name == "set-cookie") {
            let (cookie, line) = value.to_str().unwrap().split_once('=').unwrap();
            let (kept, rest) = line.split_once(';').unwrap();
            *value = format!("{cookie}={} letters;{rest}", kept.len()).parse().unwrap();
        }
        headers.remove("x-request-id");
        format!("{} {headers:?}\n{}", reply.status, reply.text()).replace(&id, "ID").replace(name, "NAME")
    };
    let mut seen = vec![mask(&first), mask(&visitor.get(&path).await)];
    let again = visitor.post(&to("/signin"), &[("name", name), ("password", password)]).await;
    assert_eq!(location(&again.headers), path, "{name} {password}: the same guess goes on with the same challenge");
    for wait in [0, 31] {
        test.clock.advance(Duration::from_secs(wait));
        let reply = visitor.post(&to("/signin/resend"), &[("id", &id)]).await;
        seen.push(mask(&reply));
        seen.push(mask(&visitor.get(&location(&reply.headers)).await));
    }
    for code in ["12", "111111", "222222", "333333", "444444", "555555", "666666"] {
        let reply = visitor.post(&to("/signin/code"), &[("id", &id), ("code", code)]).await;
        seen.push(mask(&reply));
        seen.push(mask(&visitor.get(&location(&reply.headers)).await));
    }
    assert!(seen.last().unwrap().contains("410 Gone"));
    without_times(&seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_followed_by_what_follows_a_right_one() {
    let test = people(ShowInformation::Never, UserEnrollment::Allow).await;
    let states = [
        ("alice", "wrong"),
        ("zelda", "right"),
        ("brian", "wrong"),
        ("clara", "right"),
        ("david", "right"),
        ("david", "wrong"),
        ("frank", "right"),
    ];
    for (before, lang) in ["", "?lang=de", "?lang=fr", "?lang=es"].into_iter().enumerate() {
        let expected = walk(&test, "alice", "right", lang).await;
        // Before the clock moves on: a mail whose code has expired is not sent any more.
        test.mails_to("alice@example.org", 2 * (before + 1)).await;
        for (name, password) in states {
            test.clock.advance(Duration::from_hours(24));
            let david = Serial::parse("PIEM_david").unwrap();
            test.apply(vec![enrollments::set_failures(&david, MAX_FAILURES, test.app.now())]).await;
            let seen = walk(&test, name, password, lang).await;
            for (step, (seen, expected)) in seen.iter().zip(&expected).enumerate() {
                assert_eq!(seen, expected, "{name} {password} {lang}, step {step}");
            }
            assert_eq!(seen.len(), expected.len());
        }
        test.clock.advance(Duration::from_hours(24));
    }
    let mails = test.sink.mails();
    assert!(mails.iter().all(|mail| mail.to == "alice@example.org"), "{mails:?}");
    assert_eq!(mails.len(), 8, "in each language the first one, and the one that was asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_no_password_costs_nobody_a_code_or_a_mail() {
    let test = people(ShowInformation::Never, UserEnrollment::DoNotAllow).await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "right").await;
    let mut stranger = Visitor::new(&test);
    for guess in 0..9 {
        let decoy = id_in(&stranger.begin("alice", &format!("guess {guess}")).await);
        assert_ne!(decoy, id_in(&path), "a challenge of hers is nobody's to burn");
        for code in ["111111", "222222", "333333", "444444", "555555"] {
            stranger.post("/signin/code", &[("id", &decoy), ("code", code)]).await;
        }
    }
    let code = test.code_to("alice@example.org").await;
    // Nine wrong passwords are failures, but not yet ten.
    let reply = alice.post("/signin/code", &[("id", &id_in(&path)), ("code", &code)]).await;
    assert_eq!(location(&reply.headers), "/signin/done");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_id_tells_which_of_several_passwords_is_right() {
    let test = people(ShowInformation::Never, UserEnrollment::DoNotAllow).await;
    let mut visitor = Visitor::new(&test);
    let guesses = ["one", "two", "right", "three"];
    let mut ids = Vec::new();
    for guess in guesses {
        ids.push(visitor.begin("alice", guess).await);
    }
    for (guess, id) in guesses.iter().zip(&ids) {
        assert_eq!(visitor.begin("alice", guess).await, *id, "{guess}: the same guess goes on");
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{guess}: another guess does not");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_budget_of_passwords_looks_like_a_wrong_one() {
    let test = people(ShowInformation::Never, UserEnrollment::DoNotAllow).await;
    let mut visitor = Visitor::new(&test);
    for guess in 0..10 {
        visitor.begin("brian", &format!("guess {guess}")).await;
    }
    let first = visitor.begin("brian", "right").await;
    assert!(visitor.get(&first).await.text().contains("Check your mail"));
    assert_ne!(visitor.begin("brian", "right").await, first, "what was not compared is never continued");
    assert!(test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_where_the_settings_say_so() {
    use ShowInformation::{Always, IfEnrollmentIsAllowed, Never};
    use UserEnrollment::{Allow, AllowUntil, DoNotAllow};
    let test = people(Never, DoNotAllow).await;
    let now = test.app.now();
    let rows = [
        (Always, Allow, true),
        (Always, DoNotAllow, true),
        (IfEnrollmentIsAllowed, Allow, true),
        (IfEnrollmentIsAllowed, AllowUntil(now + Duration::from_millis(1)), true),
        (IfEnrollmentIsAllowed, AllowUntil(now), false),
        (IfEnrollmentIsAllowed, DoNotAllow, false),
        (Never, Allow, false),
        (Never, DoNotAllow, false),
    ];
    for (number, (show, enrollment, is_told)) in rows.into_iter().enumerate() {
        test.set_provider(|provider| {
            provider.show_information = show;
            provider.user_enrollment = enrollment;
        })
        .await;
        let mut replies = Vec::new();
        for (name, password) in
            [("brian", format!("wrong {number}")), ("zelda", "right".to_owned()), ("david", "right".to_owned())]
        {
            let reply = test.form("/signin", &[("name", name), ("password", &password)]).await;
            assert_eq!(reply.status.as_u16(), if is_told { 422 } else { 303 }, "{name}, {show:?}, {enrollment:?}");
            replies.push(reply.body);
        }
        assert!(replies.iter().all(|body| *body == replies[0]));
        let enrolled = test.form("/signin", &[("name", "alice"), ("password", "wrong")]).await;
        assert_eq!(enrolled.status, 303, "who is enrolled is always asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_behind_the_pin_is_a_wrong_pin_on_the_pages() {
    let test = TestApp::start().await;
    test.enroll("alice", "1234").await;
    let mut alice = Visitor::new(&test);
    let path = alice.begin("alice", "1234").await;
    let both = format!("1234{}", test.code_to("alice@example.org").await);
    let decoy = Visitor::new(&test).begin("alice", &both).await;
    assert!(decoy.starts_with("/signin/code/") && decoy != path, "{decoy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_go_nowhere_are_done_with_at_once() {
    let test = people(ShowInformation::Never, UserEnrollment::DoNotAllow).await;
    let mut visitor = Visitor::new(&test);
    for guess in ["a guess", "another", "a third"] {
        visitor.begin("brian", guess).await;
    }
    for _ in 0..500 {
        // The row of a mail goes with the next commit.
        test.apply(Vec::new()).await;
        if mails_that_wait(&test) == 0 {
            return assert!(test.sink.mails().is_empty());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} rows of mails to nobody stay", mails_that_wait(&test));
}

fn mails_that_wait(test: &TestApp) -> i64 {
    let StoreUrl::Sqlite(path) = &test.app.config.store.url else { panic!("SQLite") };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("SELECT COUNT(*) FROM outbox", [], |row| row.get(0)).unwrap()
}
