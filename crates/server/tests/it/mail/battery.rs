//! What a relay can do to us, one by one: the right class of error, nothing secret in clear, nothing
//! shown that the relay quoted, and always an end within the limits.

use std::time::Duration;

use domain::address::MailAddress;
use domain::secret::Secret;
use otpost::mail::error::MailError;
use otpost::mail::relay::{Credentials, Limits, Mechanism, Relay, Security};
use otpost::mail::smtp::{Connection, Envelope, Tls};
use tokio::time::Instant;

use super::scripted_relay::{Act, Protection, Script, ScriptedRelay, Seen, Stage};

pub(super) const CODE: &str = "493817";
pub(super) const BODY: &[u8] = b"Subject: code\r\n\r\nYour code is\r\n493817\r\n.dot\r\n";

/// Short enough for tests, long enough for a busy machine.
pub(super) fn quick() -> Limits {
    let short = Duration::from_millis(400);
    Limits {
        attempt: Duration::from_secs(2),
        connect: short,
        tls: Duration::from_millis(1500),
        reply: short,
        end_of_data: short,
        idle: Duration::from_secs(25),
        probe: Duration::from_millis(300),
    }
}

pub(super) fn relay_at(port: u16, security: Security) -> Relay {
    let host = if security == Security::Plaintext { "127.0.0.1" } else { "localhost" };
    Relay { port, security, limits: quick(), ..Relay::new("main", host) }
}

pub(super) fn credentials(mechanism: Mechanism) -> Credentials {
    Credentials { user: "otpost".to_owned(), secret: Secret::new("canary-password"), mechanism }
}

pub(super) fn alice() -> MailAddress {
    MailAddress::parse("alice@example.org").expect("valid")
}

/// One connection, one message.
pub(super) async fn attempt(relay: &Relay) -> Result<String, MailError> {
    let mut connection = Connection::open(relay, &Tls::new(relay)?).await?;
    let envelope = Envelope { from: "otp@example.org", to: &alice() };
    Ok(connection.send(&envelope, BODY).await?.reply)
}

/// Plays one script in clear, with and without PIPELINING; checks what must hold for every script.
async fn play(stage: Stage, act: Act) -> Vec<(Result<String, MailError>, Seen)> {
    let mut outcomes = Vec::new();
    for pipelining in [true, false] {
        let script = Script { protection: Protection::Clear, pipelining, acts: vec![(stage, act)] };
        let peer = ScriptedRelay::start(script).await;
        let relay = Relay {
            credentials: Some(credentials(Mechanism::Auto)),
            ..relay_at(peer.addr.port(), Security::Plaintext)
        };
        let began = Instant::now();
        let outcome = attempt(&relay).await;
        assert!(began.elapsed() < Duration::from_secs(3), "{stage:?} {act:?} took {:?}", began.elapsed());
        if let Err(error) = &outcome {
            assert!(!error.to_string().contains(CODE), "{error}");
            assert!(!error.to_string().contains("canary"), "{error}");
            assert!(error.to_string().chars().count() < 300, "{error}");
        }
        outcomes.push((outcome, peer.seen()));
    }
    outcomes
}

async fn expect_later(stage: Stage, act: Act) {
    for (outcome, _) in play(stage, act).await {
        assert!(matches!(outcome, Err(MailError::TryLater { .. })), "{stage:?} {act:?}: {outcome:?}");
    }
}

async fn expect_rejected(stage: Stage, act: Act, shown: &str) {
    for (outcome, _) in play(stage, act).await {
        let rejected = matches!(&outcome, Err(MailError::Rejected { reason, .. }) if reason.contains(shown));
        assert!(rejected, "{stage:?} {act:?}: {outcome:?}");
    }
}

async fn expect_misconfigured(stage: Stage, act: Act, shown: &str) {
    for (outcome, _) in play(stage, act).await {
        let told = matches!(&outcome, Err(MailError::Misconfigured { reason, .. }) if reason.contains(shown));
        assert!(told, "{stage:?} {act:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_willing_relay_gets_exactly_the_message() {
    for (outcome, seen) in play(Stage::Banner, Act::Say("220 ready")).await {
        assert_eq!(outcome.as_deref(), Ok("250 2.0.0 kept"));
        let wire = b"Subject: code\r\n\r\nYour code is\r\n493817\r\n..dot\r\n.\r\n";
        assert_eq!(seen.kept, [wire.to_vec()]);
    }
}

#[tokio::test]
async fn temporary_replies_ask_to_try_later() {
    expect_later(Stage::Banner, Act::SayAndClose("421 4.3.2 busy")).await;
    expect_later(Stage::Hello, Act::Say("451 4.3.0 no")).await;
    expect_later(Stage::Mail, Act::SayAndClose("421 4.7.0 too much")).await;
    expect_later(Stage::Rcpt, Act::SayOnce("450 4.7.1 greylisted")).await;
    expect_later(Stage::Rcpt, Act::Say("451 4.3.0 no")).await;
    expect_later(Stage::Data, Act::Say("451 4.3.0 no")).await;
    expect_later(Stage::Dot, Act::Say("452 4.3.1 full")).await;
}

#[tokio::test]
async fn permanent_replies_reject_the_message() {
    expect_rejected(Stage::Mail, Act::Say("552 5.3.4 too big"), "552 5.3.4 too big").await;
    expect_rejected(Stage::Rcpt, Act::Say("550 5.1.1 user unknown"), "550 5.1.1 user unknown").await;
    expect_rejected(Stage::Data, Act::Say("554 5.5.1 no"), "554 5.5.1").await;
    expect_rejected(Stage::Dot, Act::QuoteBody("554 5.7.1"), "554 5.7.1 refused").await;
}

#[tokio::test]
async fn an_invitation_after_a_refused_recipient_is_not_accepted() {
    let acts = vec![(Stage::Rcpt, Act::Say("550 5.1.1 user unknown")), (Stage::Data, Act::Say("354 all the same"))];
    let script = Script { protection: Protection::Clear, pipelining: true, acts };
    let peer = ScriptedRelay::start(script).await;
    let error = attempt(&relay_at(peer.addr.port(), Security::Plaintext)).await;
    assert!(matches!(error, Err(MailError::Rejected { .. })), "{error:?}");
    assert!(peer.seen().kept.is_empty());
}

#[tokio::test]
async fn a_relay_without_smtputf8_gets_no_address_beyond_ascii() {
    let script = Script { protection: Protection::Clear, pipelining: true, acts: vec![] };
    let peer = ScriptedRelay::start(script).await;
    let relay = relay_at(peer.addr.port(), Security::Plaintext);
    let tls = Tls::new(&relay).expect("authorities");
    let mut connection = Connection::open(&relay, &tls).await.expect("opens");
    let to = MailAddress::parse("ünal@bücher.example").expect("valid");
    let error = connection.send(&Envelope { from: "", to: &to }, BODY).await;
    assert!(matches!(error, Err(MailError::Rejected { .. })), "{error:?}");
    assert!(connection.is_usable() && !peer.seen().commands.iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn refusals_of_ourselves_need_an_operator() {
    expect_misconfigured(Stage::Banner, Act::Say("554 5.7.1 not you"), "554 5.7.1").await;
    expect_misconfigured(Stage::Auth, Act::Say("535 5.7.8 canary-password is wrong"), "535 5.7.8").await;
    expect_misconfigured(Stage::Mail, Act::Say("530 5.7.0 sign in first"), "530 5.7.0").await;
    expect_later(Stage::Auth, Act::Say("454 4.7.0 not now")).await;
}

#[tokio::test]
async fn lost_connections_ask_to_try_later() {
    let stages = [Stage::Banner, Stage::Hello, Stage::Auth, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Dot];
    for stage in stages {
        expect_later(stage, Act::Reset).await;
    }
    for (outcome, seen) in play(Stage::Dot, Act::KeepAndReset).await {
        assert!(matches!(outcome, Err(MailError::TryLater { .. })));
        assert_eq!(seen.kept.len(), 1, "the relay may have it all the same");
    }
}

#[tokio::test]
async fn silence_ends_at_every_stage() {
    for stage in [Stage::Banner, Stage::Hello, Stage::Auth, Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Dot] {
        expect_later(stage, Act::Silent).await;
    }
}

#[tokio::test]
async fn slow_long_and_endless_replies_end_early() {
    for stage in [Stage::Banner, Stage::Hello, Stage::Rcpt, Stage::Dot] {
        expect_later(stage, Act::Drip).await;
        for act in [Act::LongLine, Act::ManyLines] {
            for (outcome, seen) in play(stage, act).await {
                let reason = outcome.expect_err("no mail").to_string();
                assert!(reason.contains("2 KiB") || reason.contains("100 lines"), "{stage:?}: {reason}");
                // What it could still write is what the kernel buffers, not what we read.
                assert!(seen.flooded < 32 << 20, "{stage:?}: {}", seen.flooded);
            }
        }
    }
}

#[tokio::test]
async fn a_relay_that_talks_out_of_turn_is_left() {
    expect_later(Stage::Banner, Act::Say("220 scripted\r\n250 and more")).await;
    expect_later(Stage::Rcpt, Act::Say("250 2.1.5 ok\r\n250 and more")).await;
    expect_later(Stage::Banner, Act::Say("HTTP/1.1 400 Bad Request")).await;
}

#[tokio::test]
async fn plaintext_to_another_machine_is_refused_before_a_byte() {
    let relay = Relay { host: "192.0.2.1".to_owned(), ..relay_at(25, Security::Plaintext) };
    let began = Instant::now();
    assert_told(&attempt(&relay).await, "plaintext to 192.0.2.1 is not allowed");
    assert!(began.elapsed() < Duration::from_millis(300));
}

#[tokio::test]
async fn nobody_listening_asks_to_try_later() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let error = attempt(&relay_at(port, Security::Plaintext)).await.expect_err("nobody there");
    assert!(matches!(error, MailError::TryLater { .. }), "{error}");
}

pub(super) fn assert_told(outcome: &Result<String, MailError>, told: &str) {
    let misconfigured = matches!(outcome, Err(MailError::Misconfigured { reason, .. }) if reason.contains(told));
    assert!(misconfigured, "wanted {told:?}, got {outcome:?}");
}
