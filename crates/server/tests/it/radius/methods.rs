//! Codes that are shown and not told: CHAP, and what is not taken. MS-CHAPv2 is asked by somebody else, in `foreign`.

use domain::challenge::{ChallengeId, State};

use super::modes::code_alone;
use super::wire::{ACCEPT, REJECT};
use super::{Desk, OTHER, OTHER_SECRET};

const ALICE: &str = "alice@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn chap_answers_a_challenge_once() {
    let desk = Desk::start().await;
    let (vpn, other) = (desk.vpn().await, desk.gear(OTHER, OTHER_SECRET).await);
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    let refused = [
        vpn.ask(&vpn.access(2).user("alice").chap("1").with(24, &state)).await,
        vpn.ask(&vpn.access(3).user("bob").chap(&code).with(24, &state)).await,
        vpn.ask(&vpn.access(4).user("alice").chap(&code).with(24, "9".repeat(20))).await,
        vpn.ask(&vpn.access(5).user("alice").chap(&code).with(24, [0xff; 16])).await,
        other.ask(&other.access(6).user("alice").chap(&code).with(24, &state)).await,
    ];
    for reply in refused {
        let said = (reply.code, reply.message());
        assert_eq!(said, (REJECT, "Code wrong or login expired, start again".to_owned()), "{}", reply.id);
    }
    let answer = |id| vpn.access(id).user("alice").chap(&code).with(24, &state);
    assert_eq!(vpn.ask(&answer(7)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&answer(8)).await.code, REJECT, "the second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn chap_brings_the_code_of_whichever_challenge_is_open() {
    let desk = Desk::start_as(code_alone()).await;
    let account = desk.test.add_user("bob", "x").await;
    desk.test.enroll_again(&account, "BOB1", "1234").await;
    desk.test.enroll_again(&account, "BOB2", "1234").await;
    let vpn = desk.vpn().await;
    let ask = |id, typed: &str| vpn.access(id).user("bob").chap(typed);
    assert_eq!(vpn.ask(&ask(1, "000000")).await.code, REJECT, "nothing is open");
    desk.test.check(&[("user", "bob"), ("pass", "1234")]).await;
    let mails = desk.test.mails_to("bob@example.org", 2).await;
    let code = crate::app::code_in(&mails[0]);
    assert_eq!(vpn.ask(&ask(2, &format!("{} {}", &code[..3], &code[3..]))).await.code, REJECT, "digits alone");
    assert_eq!(vpn.ask(&ask(3, &code)).await.code, ACCEPT);
    assert_eq!(vpn.ask(&ask(4, &code)).await.code, REJECT);
    assert_eq!(vpn.ask(&ask(5, &crate::app::code_in(&mails[1]))).await.code, REJECT, "its twin went with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_responses_are_counted_like_wrong_codes() {
    let desk = Desk::start_as(code_alone()).await;
    let vpn = desk.vpn().await;
    let id = desk.test.check(&[("user", "alice"), ("pass", "1234")]).await.transaction();
    let (id, code) = (ChallengeId::parse(&id).unwrap(), desk.test.code_to(ALICE).await);
    for tries in 1..=5 {
        assert_eq!(vpn.ask(&vpn.access(tries).user("alice").chap("no code")).await.code, REJECT);
        let row = desk.test.app.store.find_challenge(&id).await.unwrap().remove(0);
        let state = if tries == 5 { State::Burned } else { State::Open };
        assert_eq!((row.tries, row.state), (tries.into(), state));
    }
    assert_eq!(vpn.ask(&vpn.access(6).user("alice").chap(&code)).await.code, REJECT, "burned");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_show_nothing_we_know_are_told_what_would() {
    let desk = Desk::start_as(code_alone()).await;
    let vpn = desk.vpn().await;
    desk.test.check(&[("user", "alice"), ("pass", "1234")]).await;
    let alice = |id| vpn.access(id).user("alice");
    let garbled = [
        alice(1).with(79, [2, 1, 0, 5, 1]),
        alice(2).of_vendor(311, 1, [1; 50]).of_vendor(311, 11, [7; 8]),
        alice(3).with(3, [7; 16]),
        alice(4).of_vendor(311, 25, [0; 50]),
        alice(5).of_vendor(311, 25, [0; 49]).of_vendor(311, 11, [7; 16]),
        alice(6).of_vendor(311, 25, [0; 50]).of_vendor(311, 11, [7; 8]),
    ];
    for request in garbled {
        let reply = vpn.ask(&request).await;
        let said = (reply.code, reply.message());
        assert_eq!(said, (REJECT, "PAP, CHAP or MS-CHAPv2 required".to_owned()), "{}", request.id);
    }
    let wrong = vpn.ask(&alice(7).of_vendor(311, 25, [0; 50]).of_vendor(311, 11, [7; 16])).await;
    let error = wrong.find(26).expect("MS-CHAP-Error");
    assert_eq!((wrong.code, &error[..5]), (REJECT, &[0, 0, 1, 55, 2][..]));
    assert!(std::str::from_utf8(&error[7..]).unwrap().starts_with("E=691 R=0 C="), "{error:?}");
}
