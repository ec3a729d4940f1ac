//! A person comes in: password, mail, code.

use std::time::Duration;

use otpost::radius::{self, Pace};
use tokio::net::UdpSocket;

use super::wire::{ACCEPT, CHALLENGE, REJECT};
use super::{Desk, Gear, OTHER, OTHER_SECRET, SECRET, configuration};

const ALICE: &str = "alice@example.org";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_challenged_and_comes_in_once() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let challenge = vpn.ask(&vpn.alice(1)).await;
    assert_eq!(challenge.code, CHALLENGE);
    assert_eq!(challenge.message(), "Enter the code sent to your e-mail address.");
    assert_eq!(challenge.find(27), Some(&120_u32.to_be_bytes()[..]), "seconds left");
    let kinds: Vec<u8> = challenge.attributes.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [24, 18, 27]);
    let code = desk.test.code_to(ALICE).await;
    let answer = |id| vpn.access(id).user("alice").password(&code).with(24, challenge.state());
    let accepted = vpn.ask(&answer(2)).await;
    assert_eq!((accepted.code, accepted.attributes), (ACCEPT, vec![]));
    assert_eq!(vpn.ask(&answer(3)).await.code, REJECT, "the second time");
    assert_eq!(
        (desk.packets("vpn", "challenge"), desk.packets("vpn", "accept"), desk.packets("vpn", "reject")),
        (1, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_names_the_client_and_no_address_of_the_person() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    vpn.ask(&vpn.alice(1).with(31, "203.0.113.7").with(4, [192, 0, 2, 1])).await;
    let reply = desk.test.admin("GET", "/audit/?action=*RADIUS*", &[]).await;
    let lines = reply.json();
    let line = &lines["result"]["value"]["auditdata"][0];
    assert_eq!(line["action"], "RADIUS Access-Request", "{lines}");
    assert_eq!((&line["user"], &line["client"]), (&"alice".into(), &"".into()), "{line}");
    assert!(line.to_string().contains("radius vpn 127.0.0.1"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_read_as_everywhere() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    for (id, name) in (1..).zip(["alice", "ALICE", "alice@test", "TEST\\alice"]) {
        let reply = vpn.ask(&vpn.access(id).user(name).password("1234")).await;
        assert_eq!(reply.code, CHALLENGE, "{name}");
    }
    for (id, name) in (10..).zip(["alice@elsewhere", "elsewhere\\alice", "nobody", " ", ""]) {
        let reply = vpn.ask(&vpn.access(id).user(name).password("1234")).await;
        assert_eq!((reply.code, reply.message().as_str()), (REJECT, "Authentication failed."), "{name}");
    }
    let nameless = vpn.ask(&vpn.access(30).password("1234")).await;
    let not_text = vpn.ask(&vpn.access(31).with(1, [0xff, 0xfe]).password("1234")).await;
    let wrong = vpn.ask(&vpn.access(32).user("alice").password("4321")).await;
    let no_text = vpn.ask(&vpn.access(33).user("alice").password([0xc3])).await;
    for reply in [nameless, not_text, wrong, no_text] {
        assert_eq!((reply.code, reply.message().as_str()), (REJECT, "Authentication failed."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_answers_look_alike_and_are_final() {
    let desk = Desk::start().await;
    desk.test.enroll("bob", "1234").await;
    let (vpn, other) = (desk.vpn().await, desk.gear(OTHER, OTHER_SECRET).await);
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let answer = |gear: &Gear, id, user: &str, typed: &str, state: &[u8]| {
        gear.access(id).user(user).password(typed).with(24, state)
    };
    let unknown = "9".repeat(20).into_bytes();
    let refused = [
        vpn.ask(&answer(&vpn, 2, "alice", wrong, &state)).await,
        vpn.ask(&answer(&vpn, 3, "alice", &code, &unknown)).await,
        vpn.ask(&answer(&vpn, 4, "alice", &code, &[0xff; 16])).await,
        vpn.ask(&answer(&vpn, 5, "alice", &code, b"")).await,
        vpn.ask(&answer(&vpn, 6, "alice", "", &state)).await,
        vpn.ask(&answer(&vpn, 7, "bob", &code, &state)).await,
        vpn.ask(&answer(&vpn, 8, "nobody", &code, &state)).await,
        other.ask(&answer(&other, 9, "alice", &code, &state)).await,
    ];
    for reply in refused {
        let said = (reply.code, reply.message());
        assert_eq!(said, (REJECT, "Code wrong or login expired, start again".to_owned()), "{}", reply.id);
    }
    assert_eq!(vpn.ask(&answer(&vpn, 10, "alice", &code, &state)).await.code, ACCEPT, "none of that closed it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_names_nothing_costs_nobody_a_guess() {
    let desk = Desk::start().await;
    let (vpn, other) = (desk.vpn().await, desk.gear(OTHER, OTHER_SECRET).await);
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    for id in 2..60 {
        // More than any budget of guesses.
        let foreign = other.access(id).user("alice").password("000000").with(24, &state);
        assert_eq!(other.ask(&foreign).await.code, REJECT);
        let unknown = vpn.access(id).user("alice").password("000000").with(24, "12345678901234567890");
        assert_eq!(vpn.ask(&unknown).await.code, REJECT);
    }
    assert_eq!(vpn.ask(&vpn.access(90).user("alice").password(&code).with(24, &state)).await.code, ACCEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_the_end_of_its_life_is_refused() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let state = vpn.ask(&vpn.alice(1)).await.state();
    let code = desk.test.code_to(ALICE).await;
    desk.test.clock.advance(Duration::from_secs(45));
    let again = vpn.ask(&vpn.alice(2)).await;
    assert_eq!((again.state(), again.find(27)), (state.clone(), Some(&75_u32.to_be_bytes()[..])), "continued");
    desk.test.clock.advance(Duration::from_secs(75));
    let late = vpn.access(3).user("alice").password(&code).with(24, &state);
    assert_eq!(vpn.ask(&late).await.code, REJECT);
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_and_code_may_come_in_one_field() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    vpn.ask(&vpn.alice(1)).await;
    let code = desk.test.code_to(ALICE).await;
    let both = vpn.access(2).user("alice").password(format!("1234{code}"));
    assert_eq!(vpn.ask(&both).await.code, ACCEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pap_brings_a_code() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let microsoft = |kind: u8| [&[0, 0, 1, 55, kind, 4, 1, 2][..]].concat();
    let methods =
        [(3, vec![7; 17]), (26, microsoft(1)), (26, microsoft(25)), (79, vec![2, 1, 0, 5, 1]), (6, vec![0, 0, 0, 1])];
    for (id, (kind, value)) in (1..).zip(methods) {
        let reply = vpn.ask(&vpn.access(id).user("alice").with(kind, value)).await;
        assert_eq!((reply.code, reply.message().as_str()), (REJECT, "PAP required"), "{kind}");
    }
    assert!(desk.test.sink.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy_states_come_back_in_order_after_all_else() {
    let desk = Desk::start().await;
    let vpn = desk.vpn().await;
    let states: Vec<_> = [&b"second hop"[..], b"", &[0xff; 253]].map(|state| (33, state.to_vec())).into();
    let request = states.iter().fold(vpn.alice(1), |request, (kind, state)| request.with(*kind, state));
    let reply = vpn.ask(&request).await;
    assert_eq!(reply.code, CHALLENGE);
    assert_eq!(reply.attributes[3..], states);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_address_family_answers_too() {
    let mut configuration = configuration();
    let desk = Desk::start().await;
    let free = UdpSocket::bind("[::1]:0").await.unwrap().local_addr().unwrap().port();
    configuration.listen = ["0.0.0.0", "[::]"].map(|address| format!("{address}:{free}").parse().unwrap()).into();
    let door = radius::open(&configuration).map_err(|(address, error)| format!("{address}: {error}")).unwrap();
    let (_stopper, stop) = otpost::stop::channel();
    let mut doors = tokio::task::JoinSet::new();
    doors.spawn(door.serve(desk.test.app.clone(), Pace { reject_after: Duration::ZERO, ..Pace::default() }, stop));
    for (address, own) in [("127.0.0.1", "127.0.0.1:0"), ("[::1]", "[::1]:0")] {
        let server = format!("{address}:{free}").parse().unwrap();
        let gear = Gear { socket: UdpSocket::bind(own).await.unwrap(), server, secret: SECRET };
        assert_eq!(gear.ask(&gear.alice(1)).await.code, CHALLENGE, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_waits_and_holds_nobody_else_up() {
    let held_back = Pace { reject_after: Duration::from_millis(700), ..Pace::default() };
    let desk = Desk::start_with(held_back).await;
    let vpn = desk.vpn().await;
    let started = tokio::time::Instant::now();
    let wrong = vpn.access(1).user("alice").password("4321");
    vpn.send(&wrong.octets()).await;
    let challenge = vpn.alice(2);
    vpn.send(&challenge.octets()).await;
    // The later packet is answered first.
    assert_eq!(challenge.read(&vpn.receive().await).code, CHALLENGE);
    assert_eq!(wrong.read(&vpn.receive().await).code, REJECT);
    assert!(started.elapsed() >= held_back.reject_after);
}
