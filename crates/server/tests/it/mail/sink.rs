//! The demo's mailbox: real SMTP from our own client, and from peers that go too far.

use otpost::demo::sink::Sink;
use otpost::mail::pool::RelayPool;
use otpost::mail::relay::Security;
use otpost::mail::smtp::Envelope;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, timeout};

use super::battery::{alice, relay_at};

async fn sink(keep: usize) -> Sink {
    Sink::start("127.0.0.1:0".parse().expect("address"), keep).await.expect("a sink")
}

/// Says all of this at once and returns everything that comes back.
async fn converse(sink: &Sink, said: &[u8]) -> String {
    let mut stream = TcpStream::connect(sink.addr()).await.expect("connects");
    stream.write_all(said).await.expect("written");
    let mut heard = Vec::new();
    // An abusive peer may be cut off; what matters is that it ends.
    let end = timeout(Duration::from_secs(5), stream.read_to_end(&mut heard)).await.expect("ends");
    drop(end);
    String::from_utf8(heard).expect("ASCII")
}

#[tokio::test]
async fn mails_are_kept_newest_first_and_taken_apart() {
    let sink = sink(2).await;
    let pool = RelayPool::new(vec![relay_at(sink.addr().port(), Security::Plaintext)]);
    for n in 1..=3 {
        let message = format!("Subject: =?utf-8?q?n=C2=BA_{n}?=\r\nFrom: a@b.example\r\n\r\n.line {n}\r\n");
        let envelope = Envelope { from: "otp@example.org", to: &alice() };
        pool.send(&envelope, message.as_bytes(), Instant::now() + Duration::from_secs(5)).await.expect("taken");
    }
    let mails = sink.mails();
    assert_eq!(mails.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["nº 3", "nº 2"]);
    let json = serde_json::to_value(&mails).expect("serialises");
    let keys: Vec<_> = json[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["from", "headers", "html", "received_at", "subject", "text", "to"]);
    assert_eq!(json[0]["to"], "alice@example.org");
    assert_eq!(json[0]["text"], ".line 3\n");
    assert_eq!(json[0]["html"], "");
    assert_eq!(json[0]["headers"]["From"], "a@b.example");
}

#[tokio::test]
async fn commands_are_answered_in_order_when_pipelined() {
    let sink = sink(10).await;
    let heard = converse(
        &sink,
        b"HELO x\r\nRCPT TO:<a@b.example>\r\nMAIL FROM:<>\r\nDATA\r\nRCPT TO:<>\r\nRSET\r\nNOOP\r\nVRFY x\r\nQUIT\r\n",
    )
    .await;
    let codes: Vec<_> = heard.lines().map(|line| line.get(..3).unwrap_or_default()).collect();
    assert_eq!(codes, ["220", "250", "503", "250", "503", "501", "250", "250", "500", "221"]);
}

#[tokio::test]
async fn long_lines_and_big_messages_end_the_connection() {
    let sink = sink(10).await;
    converse(&sink, &b"x".repeat(100_000)).await;
    let mut big = b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n".to_vec();
    big.extend(b"0123456789\r\n".repeat(100_000));
    converse(&sink, &big).await;
    assert!(sink.mails().is_empty());
    // A bare LF does not end a line, so a smuggled message stays part of the first.
    let smuggled = b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\na\n.\nMAIL FROM:<>\r\n.\r\nQUIT\r\n";
    converse(&sink, smuggled).await;
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn dropping_it_closes_the_port() {
    let sink = sink(10).await;
    let address = sink.addr();
    drop(sink);
    tokio::task::yield_now().await;
    assert!(TcpStream::connect(address).await.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sent_is_what_arrives(lines in prop::collection::vec(
        prop::sample::select(vec!["", ".", "..", ".a", "a.", "x", "MAIL FROM:<>", "\t.", "QUIT"]), 0..60,
    )) {
        let message = format!("Subject: s\r\n\r\n{}\r\n", lines.join("\r\n"));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let arrived = runtime.block_on(async {
            let sink = sink(9).await;
            let pool = RelayPool::new(vec![relay_at(sink.addr().port(), Security::Plaintext)]);
            let envelope = Envelope { from: "", to: &alice() };
            pool.send(&envelope, message.as_bytes(), Instant::now() + Duration::from_secs(5)).await.expect("taken");
            sink.mails().into_iter().map(|mail| mail.raw).collect::<Vec<_>>()
        });
        prop_assert_eq!(arrived, [message.into_bytes()]);
    }
}
