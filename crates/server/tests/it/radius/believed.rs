//! Which packets are believed: who sends them, and who signed them.

use super::wire::{CHALLENGE, REJECT, Request};
use super::{Desk, OLD, OTHER_SECRET, SECRET, STRANGER};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_signature_nothing_comes_back() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    vpn.send(&vpn.alice(1).unsigned().octets()).await;
    vpn.send(&Request::status(2, SECRET).unsigned().octets()).await;
    vpn.hears_nothing(SECRET).await;
    assert_eq!(desk.dropped("unsigned"), 2);
    assert!(desk.test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_secret_nothing_comes_back() {
    let desk = Desk::start().await;
    let vpn = desk.gear("127.0.0.1", OTHER_SECRET).await;
    vpn.send(&vpn.alice(1).octets()).await;
    vpn.send(&Request::status(2, OTHER_SECRET).octets()).await;
    vpn.hears_nothing(SECRET).await;
    assert_eq!(desk.dropped("secret-differs"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_bit_anywhere_is_silence() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let octets = vpn.alice(1).with(32, "nas").octets();
    for bit in 0..octets.len() * 8 {
        let mut flipped = octets.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        vpn.send(&flipped).await;
        if bit % 100 == 0 {
            vpn.hears_nothing(SECRET).await;
        }
    }
    vpn.hears_nothing(SECRET).await;
    assert_eq!(vpn.ask(&vpn.alice(1)).await.code, CHALLENGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listed_gets_nothing() {
    let desk = Desk::start().await;
    let (stranger, vpn) = (desk.gear(STRANGER, SECRET).await, desk.vpn().await);
    for id in 0..50 {
        stranger.send(&stranger.alice(id).octets()).await;
    }
    stranger.send(b"noise").await;
    vpn.hears_nothing(SECRET).await;
    assert_eq!(desk.dropped("unknown-source"), 51);
    assert_eq!(stranger.socket.try_recv(&mut [0; 1]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_narrowest_network_decides_whose_secret_counts() {
    let desk = Desk::start().await;
    let (wide, narrow) = (desk.gear("127.0.4.8", SECRET).await, desk.gear("127.0.4.7", OTHER_SECRET).await);
    assert_eq!(wide.ask(&wide.alice(1)).await.code, CHALLENGE);
    assert_eq!(narrow.ask(&narrow.alice(1)).await.code, CHALLENGE);
    assert_eq!((desk.packets("wide", "challenge"), desk.packets("narrow", "challenge")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn old_gear_is_believed_until_it_has_signed_once() {
    let desk = Desk::start().await;
    let old = desk.gear(OLD, SECRET).await;
    let unsigned = |id| old.alice(id).unsigned();
    assert_eq!(old.ask(&unsigned(1)).await.code, CHALLENGE);
    // What must be signed in any case: proxied requests, EAP, Status-Server.
    old.send(&unsigned(2).with(33, "proxy").octets()).await;
    old.send(&old.access(3).user("alice").with(79, [2, 1, 0, 5, 1]).unsigned().octets()).await;
    old.send(&Request::status(4, SECRET).unsigned().octets()).await;
    // A wrong secret makes noise of a password; that is met with silence, not with an answer.
    old.send(&Request::access(5, "a wrong secret").user("alice").password("x").unsigned().octets()).await;
    desk.until(|desk| desk.dropped("unsigned-noise") == 1).await;
    assert_eq!((desk.dropped("proxied-unsigned"), desk.dropped("unsigned")), (1, 2));
    assert_eq!(old.ask(&old.access(6).user("alice").password("4321")).await.code, REJECT, "signed");
    old.send(&unsigned(7).octets()).await;
    old.hears_nothing(SECRET).await;
    assert_eq!(desk.dropped("unsigned"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_are_no_requests() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    for code in [2, 3, 11] {
        let mut octets = vpn.alice(1).octets();
        octets[0] = code;
        vpn.send(&octets).await;
    }
    vpn.hears_nothing(SECRET).await;
    assert_eq!(desk.dropped("not-a-request"), 3);
}
