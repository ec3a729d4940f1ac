//! A directory that lies: what no honest server answers is a bounded refusal, and leads nowhere else.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use private_directory::request::Request;
use private_directory::scripted::{Lie, Scripted};

use super::{Resolver, begin, connected, enroll};
use crate::app::TestApp;

async fn between_lies() -> (Scripted, TestApp) {
    let liar = Scripted::start(Lie::One).unwrap();
    let test = connected(&Resolver::reading(&liar.url(), "/dev/null".as_ref())).await;
    enroll(&test, "alice").await;
    test.enroll("lena", "1234").await;
    assert_eq!(begin(&test, "alice", "anything").await.authentication(), "CHALLENGE", "an honest answer counts");
    test.clock.advance(Duration::from_secs(300));
    (liar, test)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_lie_lets_anybody_in_and_none_takes_long() {
    let (liar, test) = between_lies().await;
    // Whoever is sent here leaves a trace.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let url = format!("ldap://{}/dc=example,dc=org", elsewhere.local_addr().unwrap());
    println!("| lie | answer | after |\n| --- | --- | --- |");
    for lie in [
        Lie::Two,
        Lie::Endless,
        Lie::Referral(url.clone()),
        Lie::Reference(url.clone()),
        Lie::ReferralOfBind(url),
        Lie::OtherNumber,
        Lie::LongMessage,
        Lie::DeepMessage,
        Lie::Garbage,
        Lie::Half,
        Lie::Reset,
        Lie::ResetOfBind,
        Lie::Silence,
        Lie::SilenceOfBind,
    ] {
        liar.tell(lie.clone());
        test.clock.advance(Duration::from_secs(300));
        let started = Instant::now();
        let reply = begin(&test, "alice", "anything").await;
        let took = started.elapsed();
        println!("| {lie:?} | {} {} | {took:.1?} |", reply.status.as_u16(), reply.authentication());
        assert!(!["ACCEPT", "CHALLENGE"].contains(&reply.authentication().as_str()), "{lie:?}: {}", reply.text());
        assert!(took < Duration::from_secs(8), "{lie:?}: answered after {took:?}");
        let others = test.check(&[("user", "lena"), ("realm", "test"), ("pass", "1234")]).await;
        assert_eq!(others.authentication(), "CHALLENGE", "{lie:?}: others are not affected");
    }
    assert!(elsewhere.accept().is_err(), "nobody followed a referral");
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
