//! Test mails: coarse answers, few of them, and no password for strangers.

use std::net::SocketAddr;
use std::time::Duration;

use domain::address::MailAddress;
use otpost::store::relays::{self, StoredRelay};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::{error, everything_shown, value};
use crate::app::{Reply, TestApp};

/// A relay that answers each command by its first word; what it hears goes nowhere.
async fn relay(answers: &'static [(&'static str, &'static str)], tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (read, mut write) = socket.into_split();
            drop(write.write_all(b"220 here\r\n").await);
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let found = answers.iter().find(|(word, _)| line.starts_with(word));
                let answer = found.map_or("250 fine", |(_, answer)| answer);
                drop(write.write_all(format!("{answer}\r\n").as_bytes()).await);
            }
        }
    });
    address
}

async fn try_out(test: &TestApp, port: u16, more: &[(&str, &str)]) -> Reply {
    let port = port.to_string();
    let mut fields = vec![
        ("identifier", "new"),
        ("server", "127.0.0.1"),
        ("port", &*port),
        ("sender", "otpost@example.org"),
        ("recipient", "ann@example.org"),
    ];
    fields.extend(more);
    test.admin("POST", "/smtpserver/send_test_email", &fields).await
}

fn told(reply: &Reply) -> (Value, String) {
    (value(reply), reply.json()["detail"]["message"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_arrives_and_every_failure_is_an_answer() {
    let (test, mut tasks) = (TestApp::start().await, JoinSet::new());
    let sent = try_out(&test, test.sink.addr().port(), &[]).await;
    assert_eq!(told(&sent).0, true, "{}", sent.text());
    assert!(test.mail_to("ann@example.org").await.text.contains("no code"));

    let refusing = relay(&[("EHLO", "250 here"), ("RCPT", "550 5.1.1 secret words")], &mut tasks).await;
    let (done, message) = told(&try_out(&test, refusing.port(), &[]).await);
    assert_eq!(
        (done, message.contains("550"), message.contains("secret words")),
        (false.into(), true, false),
        "{message}"
    );

    let no_login = relay(&[("EHLO", "250-here\r\n250 AUTH PLAIN"), ("AUTH", "535 5.7.8 no")], &mut tasks).await;
    let (done, message) = told(&try_out(&test, no_login.port(), &[("username", "u"), ("password", "canary-pw")]).await);
    assert_eq!((done, message.contains("refused the login")), (false.into(), true), "{message}");

    let (done, message) = told(&try_out(&test, no_login.port(), &[("security", "implicit")]).await);
    assert_eq!((done, message.starts_with("TLS problem")), (false.into(), true), "{message}");

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (done, message) = told(&try_out(&test, closed.port(), &[]).await);
    assert_eq!((done, message.contains("not reached")), (false.into(), true), "{message}");
    assert!(!everything_shown(&test).await.contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stored_relay_is_tested_where_only_its_name_is_given() {
    let test = TestApp::start().await;
    let fields = [("identifier", "sink"), ("recipient", "ann@example.org")];
    assert_eq!(value(&test.admin("POST", "/smtpserver/send_test_email", &fields).await), true);
    let reply = test.admin("POST", "/system/test/email", &[("recipient", "bob@example.org")]).await;
    assert_eq!(value(&reply), true);
    test.mail_to("bob@example.org").await;
    let unknown = [("identifier", "none"), ("recipient", "ann@example.org")];
    assert_eq!(error(&test.admin("POST", "/smtpserver/send_test_email", &unknown).await), (404, 601));
    for bad in ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.example"] {
        let fields = [("identifier", "sink"), ("recipient", bad)];
        assert_eq!(error(&test.admin("POST", "/smtpserver/send_test_email", &fields).await), (400, 905), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_six_tests_a_minute() {
    let test = TestApp::start().await;
    let port = test.sink.addr().port();
    for _ in 0..6 {
        assert_eq!(told(&try_out(&test, port, &[]).await).0, true);
    }
    let (done, message) = told(&try_out(&test, port, &[]).await);
    assert_eq!((done, message.contains("Too many")), (false.into(), true));
    test.clock.advance(Duration::from_secs(61));
    assert_eq!(told(&try_out(&test, port, &[]).await).0, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_beyond_ascii_sends_codes_as_well_as_test_mails() {
    let test = TestApp::start().await;
    let relay = StoredRelay { sender: "otpost@bücher.example".to_owned(), ..test.relay("sink", test.sink.addr()) };
    test.apply(vec![relays::save(&relay)]).await;
    test.enroll("alice", "1234").await;
    assert_eq!(test.check(&[("user", "alice"), ("pass", "1234")]).await.authentication(), "CHALLENGE");
    let code = test.mail_to("alice@example.org").await;
    assert_eq!(code.from, "otpost@bücher.example");
    let to = MailAddress::parse("desk@example.org").unwrap();
    otpost::delivery::send_test(&test.app, &to).await.unwrap();
    for mail in [code, test.mail_to("desk@example.org").await] {
        assert!(mail.headers["Message-ID"].is_ascii(), "{:?}", mail.headers);
    }
}
