//! The way to a relay: every flaw of a certificate and every trick with STARTTLS is seen, and nothing
//! but EHLO and STARTTLS is ever said in clear.

use otpost::mail::error::MailError;
use otpost::mail::relay::{Mechanism, Relay, Security};

use super::battery::{assert_told, attempt, credentials, relay_at};
use super::certificates::{Authority, Flaw};
use super::scripted_relay::{Act, Protection, Script, ScriptedRelay, Seen, Stage, stripping_proxy};

#[tokio::test]
async fn every_mechanism_signs_in_under_tls() {
    let authority = Authority::new();
    for (security, mechanism, line) in [
        (Security::Implicit, Mechanism::Auto, "AUTH PLAIN AG90cG9zdABjYW5hcnktcGFzc3dvcmQ="),
        (Security::StartTls, Mechanism::Login, "Y2FuYXJ5LXBhc3N3b3Jk"),
        (Security::StartTls, Mechanism::XOAuth2, "AUTH XOAUTH2 "),
    ] {
        let config = authority.server(Flaw::None);
        let protection =
            if security == Security::Implicit { Protection::Implicit(config) } else { Protection::StartTls(config) };
        let peer = ScriptedRelay::start(Script { protection, pipelining: true, acts: vec![] }).await;
        let relay = Relay {
            ca_file: Some(authority.file()),
            credentials: Some(credentials(mechanism)),
            ..relay_at(peer.addr.port(), security)
        };
        assert_eq!(attempt(&relay).await.as_deref(), Ok("250 2.0.0 kept"));
        assert!(peer.seen().commands.iter().any(|command| command.starts_with(line)), "{:?}", peer.seen().commands);
        assert_nothing_in_clear(&peer.seen());
    }
}

#[tokio::test]
async fn no_flawed_certificate_is_accepted() {
    let authority = Authority::new();
    for (flaw, told) in [
        (Flaw::Expired, "expired"),
        (Flaw::NotYetValid, "not valid yet"),
        (Flaw::SelfSigned, "certificate refused"),
        (Flaw::UnknownAuthority, "not trusted here"),
        (Flaw::WrongName, "not issued for the name localhost"),
    ] {
        for security in [Security::Implicit, Security::StartTls] {
            let config = authority.server(flaw);
            let protection = if security == Security::Implicit {
                Protection::Implicit(config)
            } else {
                Protection::StartTls(config)
            };
            let peer = ScriptedRelay::start(Script { protection, pipelining: true, acts: vec![] }).await;
            let relay = Relay {
                ca_file: Some(authority.file()),
                credentials: Some(credentials(Mechanism::Auto)),
                ..relay_at(peer.addr.port(), security)
            };
            assert_told(&attempt(&relay).await, told);
            assert_nothing_in_clear(&peer.seen());
        }
    }
}

#[tokio::test]
async fn stripped_and_injected_starttls_says_nothing_in_clear() {
    let authority = Authority::new();
    let script = |protection, acts| Script { protection, pipelining: true, acts };
    let absent = ScriptedRelay::start(script(Protection::Clear, vec![])).await;
    let injected = ScriptedRelay::start(script(Protection::Injected(authority.server(Flaw::None)), vec![])).await;
    let behind = ScriptedRelay::start(script(Protection::StartTls(authority.server(Flaw::None)), vec![])).await;
    let mut tasks = tokio::task::JoinSet::new();
    let proxy = stripping_proxy(behind.addr, &mut tasks).await;
    for (port, peer, told) in [
        (absent.addr.port(), &absent, "does not offer STARTTLS"),
        (injected.addr.port(), &injected, "injects"),
        (proxy.port(), &behind, "does not offer STARTTLS"),
    ] {
        let relay = Relay {
            ca_file: Some(authority.file()),
            credentials: Some(credentials(Mechanism::Auto)),
            ..relay_at(port, Security::StartTls)
        };
        assert_told(&attempt(&relay).await, told);
        assert_nothing_in_clear(&peer.seen());
    }
}

#[tokio::test]
async fn silence_and_refusal_at_starttls_end_too() {
    let authority = Authority::new();
    for (act, temporary) in [(Act::Silent, true), (Act::Reset, true), (Act::Say("502 5.5.1 no"), false)] {
        let protection = Protection::StartTls(authority.server(Flaw::None));
        let peer =
            ScriptedRelay::start(Script { protection, pipelining: true, acts: vec![(Stage::StartTls, act)] }).await;
        let error = attempt(&relay_at(peer.addr.port(), Security::StartTls)).await.expect_err("no TLS");
        assert_eq!(matches!(error, MailError::TryLater { .. }), temporary, "{error}");
        assert_nothing_in_clear(&peer.seen());
    }
}

#[tokio::test]
async fn a_port_without_tls_is_named_as_such_or_timed_out() {
    let peer = ScriptedRelay::start(Script { protection: Protection::Clear, pipelining: true, acts: vec![] }).await;
    assert_told(&attempt(&relay_at(peer.addr.port(), Security::Implicit)).await, "does not speak TLS");
}

/// EHLO and STARTTLS are all that may be said before TLS.
fn assert_nothing_in_clear(seen: &Seen) {
    for line in str::from_utf8(&seen.clear).expect("commands are text").lines() {
        assert!(line.starts_with("EHLO ") || line == "STARTTLS" || line.starts_with('\u{16}'), "{line}");
    }
}
