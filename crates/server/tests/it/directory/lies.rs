//! A directory that lies: what no honest server answers is a bounded refusal, and leads nowhere else.

use std::net::TcpListener;
use std::time::Duration;

use domain::criteria::{Access, Criteria, Group, Matching, PrincipalEntry};
use otpost::manage::criteria::{self, Owner};
use private_directory::request::Request;
use private_directory::scripted::{Lie, Scripted};
use tokio::time::Instant;

use super::{Resolver, begin, connected, enroll, value};
use crate::app::{TestApp, by};

async fn between_lies() -> (Scripted, TestApp) {
    let liar = Scripted::start(Lie::One).unwrap();
    let test = connected(&Resolver::reading(&liar.url(), "/dev/null".as_ref())).await;
    enroll(&test, "alice").await;
    test.enroll("lena", "1234").await;
    assert_eq!(begin(&test, "alice", "anything").await.authentication(), "CHALLENGE", "an honest answer counts");
    test.clock.advance(Duration::from_secs(300));
    (liar, test)
}

/// What came of each lie, told after the truth was understood again.
async fn tell_all(lies: impl IntoIterator<Item = Lie>) {
    let (liar, test) = between_lies().await;
    eprintln!("| lie | answer | after |\n| --- | --- | --- |");
    for lie in lies {
        recover(&liar, &test).await;
        liar.tell(lie.clone());
        let (heard, started) = (liar.requests().len(), Instant::now());
        let reply = begin(&test, "alice", "anything").await;
        let took = started.elapsed();
        eprintln!("| {lie:?} | {} {} | {took:.1?} |", reply.status.as_u16(), reply.authentication());
        assert!(liar.requests().len() > heard, "{lie:?} was told to nobody");
        assert!(!["ACCEPT", "CHALLENGE"].contains(&reply.authentication().as_str()), "{lie:?}: {}", reply.text());
        assert!(took < Duration::from_secs(8), "{lie:?}: answered after {took:?}");
        let others = test.check(&[("user", "lena"), ("realm", "test"), ("pass", "1234")]).await;
        assert_eq!(others.authentication(), "CHALLENGE", "{lie:?}: others are not affected");
    }
}

/// The truth is told and understood; after that nothing is remembered.
async fn recover(liar: &Scripted, test: &TestApp) {
    liar.tell(Lie::One);
    let started = Instant::now();
    loop {
        // Who was not there a moment ago is asked for again.
        test.clock.advance(Duration::from_secs(60));
        let reply = begin(test, "alice", "anything").await;
        if reply.authentication() == "CHALLENGE" {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "the truth is not understood again: {}", reply.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    test.clock.advance(Duration::from_secs(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_lets_nobody_in() {
    let lies = [Lie::Two, Lie::Endless, Lie::OtherNumber, Lie::LongMessage, Lie::DeepMessage, Lie::Garbage, Lie::Half];
    tell_all(lies).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_lets_nobody_in() {
    tell_all([Lie::Reset, Lie::ResetOfBind, Lie::Silence, Lie::SilenceOfBind]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pointer_to_another_server_is_not_followed() {
    // Whoever is sent here leaves a trace.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let url = format!("ldap://{}/dc=example,dc=org", elsewhere.local_addr().unwrap());
    tell_all([Lie::Referral(url.clone()), Lie::Reference(url.clone()), Lie::ReferralOfBind(url)]).await;
    assert!(elsewhere.accept().is_err(), "somebody came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_does_not_answer_spends_nobodys_tries() {
    let (liar, test) = between_lies().await;
    recover(&liar, &test).await;
    liar.tell(Lie::ResetOfBind);
    for _ in 0..15 {
        assert_eq!(begin(&test, "alice", "anything").await.status, 503);
    }
    liar.tell(Lie::One);
    let started = Instant::now();
    loop {
        let reply = begin(&test, "alice", "anything").await;
        if reply.authentication() == "CHALLENGE" {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "kept out for the directory's fault: {}", reply.text());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guess_that_was_compared_is_paid_whatever_fails_afterwards() {
    let (liar, test) = between_lies().await;
    recover(&liar, &test).await;
    // The whole is compared first; what stands before six digits is another question.
    let guess = "guess492039";
    liar.tell(Lie::KnowsOneWrong(guess.to_owned()));
    let mut compared = 0;
    for _ in 0..15 {
        let heard = liar.requests().len();
        let reply = begin(&test, "alice", guess).await;
        assert!(!["ACCEPT", "CHALLENGE"].contains(&reply.authentication().as_str()), "{}", reply.text());
        compared += usize::from(liar.requests()[heard..].iter().any(|asked| is_bind_with(asked, guess)));
    }
    assert_eq!(compared, 10, "as many as anybody may guess in a row");
}

fn is_bind_with(request: &Request, wanted: &str) -> bool {
    matches!(request, Request::Bind { password, .. } if password == wanted.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_said_twice_to_a_directory_that_is_silent() {
    let (liar, test) = between_lies().await;
    recover(&liar, &test).await;
    let before = liar.requests().len();
    liar.tell(Lie::SilenceOfBind);
    assert_eq!(begin(&test, "alice", "a guess").await.status, 503);
    let said = liar.requests().into_iter().skip(before);
    let guesses = said.filter(|request| matches!(request, Request::Bind { password, .. } if password == b"a guess"));
    assert_eq!(guesses.count(), 1, "the directory counts every one");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_whose_names_are_cut_off_judge_nobody() {
    let (liar, test) = between_lies().await;
    let resolver = Resolver::reading(&liar.url(), "/dev/null".as_ref()).with("GROUPS", "active-directory");
    value(&test.admin("POST", "/resolver/people", &resolver.fields()).await);
    let guests = PrincipalEntry::parse(Some("CORP\\guests"), None).unwrap();
    let principals = Group::enabled(Matching::IsOneOf, vec![guests]);
    let rule = Criteria { access: Access::Deny, principals, ..Criteria::default() };
    criteria::replace(&test.app, &by(), Owner::Site(1), &rule).await.unwrap();
    recover(&liar, &test).await;
    liar.tell(Lie::GroupsCut);
    let reply = begin(&test, "alice", "anything").await;
    assert_eq!(reply.status, 503, "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_password_never_reaches_the_directory() {
    let (liar, test) = between_lies().await;
    let before = liar.requests().len();
    for password in ["", "\0", "\0secret"] {
        let reply = begin(&test, "alice", password).await;
        assert!(!["ACCEPT", "CHALLENGE"].contains(&reply.authentication().as_str()), "{password:?}");
    }
    let binds = liar.requests().into_iter().skip(before).filter_map(|request| match request {
        Request::Bind { name, password } => Some((name, password)),
        _ => None,
    });
    for (name, password) in binds {
        assert!(
            !name.is_empty() && password.first().is_some_and(|first| *first != 0),
            "a bind as {name} without proof"
        );
        assert!(name.starts_with("cn=reader"), "{name} was asked for with an empty password");
    }
}
