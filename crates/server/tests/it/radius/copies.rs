//! Impatient gear: the same packet again and again.

use std::time::Duration;

use super::wire::{ACCEPT, CHALLENGE, REJECT};
use super::{Desk, Gear, SECRET};

const ALICE: &str = "alice@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_packet_are_judged_once_and_answered_alike() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let first = vpn.alice(1);
    // Four copies while the first one costs a hash, three after its answer.
    for _ in 0..5 {
        vpn.send(&first.octets()).await;
    }
    let reply = vpn.receive().await;
    assert_eq!(first.read(&reply).code, CHALLENGE);
    desk.until(|desk| desk.packets("vpn", "duplicate") == 4).await;
    for _ in 0..3 {
        vpn.send(&first.octets()).await;
        assert_eq!(vpn.receive().await, reply, "the same octets");
    }
    assert_eq!((desk.packets("vpn", "challenge"), desk.packets("vpn", "duplicate")), (1, 7));
    let code = desk.test.code_to(ALICE).await;
    assert_eq!(desk.test.sink.mails().len(), 1);
    let answer = vpn.access(2).user("alice").password(&code).with(24, first.read(&reply).state());
    for _ in 0..5 {
        assert_eq!(vpn.ask(&answer).await.code, ACCEPT, "an impatient client is not told that its own code is used");
    }
    assert_eq!(desk.packets("vpn", "accept"), 1);
    let once_more = vpn.access(3).user("alice").password(&code).with(24, first.read(&reply).state());
    assert_eq!(vpn.ask(&once_more).await.code, REJECT, "another packet is another try");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_a_wrong_code_cost_one_try() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let miss = vpn.access(2).user("alice").password(wrong).with(24, &state);
    for _ in 0..20 {
        assert_eq!(vpn.ask(&miss).await.code, REJECT);
    }
    let answer = vpn.access(3).user("alice").password(&code).with(24, &state);
    assert_eq!(vpn.ask(&answer).await.code, ACCEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_lasts_half_a_minute_and_belongs_to_one_sender() {
    let desk = Desk::start().await;
    let (vpn, elsewhere) = (desk.vpn().await, desk.vpn().await);
    let wrong = vpn.access(1).user("alice").password("4321");
    vpn.ask(&wrong).await;
    elsewhere.ask(&wrong).await;
    assert_eq!(desk.packets("vpn", "reject"), 2, "another port is another sender");
    desk.test.clock.advance(Duration::from_millis(29_999));
    vpn.ask(&wrong).await;
    assert_eq!(desk.packets("vpn", "reject"), 2);
    desk.test.clock.advance(Duration::from_millis(1));
    vpn.ask(&wrong).await;
    assert_eq!(desk.packets("vpn", "reject"), 3);
}

/// As at another node, or after a restart: only the database knows that the packet came before.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_forgotten_here_opens_and_mails_nothing_either() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let first = vpn.alice(1);
    let state = vpn.ask(&first).await.state();
    let code = desk.test.code_to(ALICE).await;
    assert_eq!(vpn.ask(&vpn.access(2).user("alice").password(&code).with(24, &state)).await.code, ACCEPT);
    desk.test.clock.advance(Duration::from_secs(30));
    let copy = vpn.ask(&first).await;
    assert_eq!((copy.code, copy.state()), (CHALLENGE, state.clone()));
    assert_eq!(desk.packets("vpn", "challenge"), 2, "it was worked on anew");
    let other = vpn.ask(&vpn.alice(3)).await;
    assert_ne!(other.state(), state, "another packet is another sign-in");
    desk.test.mails_to(ALICE, 2).await;
    assert_eq!(desk.test.sink.mails().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn gear_that_repeats_its_authenticators_does_not_get_somebody_elses_answer() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    // Same port, same identifier, same Request Authenticator: only what they say differs.
    let right = vpn.access(7).user("alice").password(&code).with(24, &state);
    assert_eq!(vpn.ask(&right).await.code, ACCEPT);
    assert_eq!(vpn.ask(&vpn.access(7).user("mallory").password("x").with(24, &state)).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_memory_of_one_client_is_bounded() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let chap = |id: u8, port: u8| vpn.access(id).user("alice").with(3, [port; 17]);
    // Requests without a password cost nothing but their place in the memory.
    for port in 0..17 {
        for id in 0..=255 {
            assert_eq!(vpn.ask(&chap(id, port)).await.code, REJECT);
        }
    }
    let before = desk.packets("vpn", "duplicate");
    vpn.ask(&chap(255, 16)).await;
    assert_eq!(desk.packets("vpn", "duplicate"), before + 1, "the newest are remembered");
    vpn.ask(&chap(0, 0)).await;
    assert_eq!(desk.packets("vpn", "duplicate"), before + 1, "the oldest gave way");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_verified_leaves_no_trace() {
    let desk = Desk::start().await;
    let (forger, vpn) = (desk.gear("127.0.0.1", "not the secret").await, desk.vpn().await);
    // The forger's packet has the identifier and the authenticator of the real one.
    forger.send(&forger.alice(1).octets()).await;
    vpn.send(&Gear { secret: "not the secret", ..desk.vpn().await }.alice(1).octets()).await;
    assert_eq!(vpn.ask(&vpn.alice(1)).await.code, CHALLENGE);
    assert_eq!((desk.dropped("secret-differs"), desk.packets("vpn", "duplicate")), (2, 0));
    assert_ne!(forger.secret, SECRET);
}
