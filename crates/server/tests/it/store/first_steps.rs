//! First steps that their clients have named: a copy opens nothing and mails nothing, at any time, at any node.

use std::collections::HashSet;

use domain::challenge::State;
use domain::request_key::{RequestKey, RequestMark};
use domain::verdict::Refusal;
use otpost::store::command::{Begin, Begun, Judged};

use super::desk::{Ask, Desk, Engine, Opened, T0, ann, at_once, desk, key, not, opened, seconds, subject};

async fn a_copy_of_a_named_first_step_opens_and_mails_nothing_whatever_became_of_the_challenge(engine: Engine) {
    let (desk, place) = desk(engine).await;
    for (number, end) in (0..).zip([State::Used, State::Burned, State::Superseded, State::Open]) {
        let ask = Ask { subject: subject(number), ..ann() };
        let name = &format!("k{number}");
        let first = open(&desk, &ask, name).await;
        match end {
            State::Used => {
                let judged = desk.answer(&ask, &first.id, &first.code()).await;
                assert!(matches!(judged, Judged::Accepted(_)));
            }
            State::Burned => {
                for _ in 0..5 {
                    desk.answer(&ask, &first.id, &not(&first.code())).await;
                }
            }
            State::Superseded => drop(open(&desk, &Ask { serials: vec!["PIEM0002"], ..ask.clone() }, "another").await),
            State::Open | State::Cancelled => {}
        }
        let rows = "SELECT (SELECT COUNT(*) FROM challenge) * 10000 + (SELECT COUNT(*) FROM outbox)";
        let before = place.number(rows).await;
        // Long after its code has expired too.
        for later in [0, 1, 100, 600] {
            let copy = open(&desk, &ask.at(T0 + seconds(later)), name).await;
            assert_eq!((&copy.id, copy.expires_at, copy.mails.len()), (&first.id, first.expires_at, 0), "{end:?}");
        }
        assert_eq!(place.number(rows).await, before, "{end:?}");
        assert_eq!(desk.store.find_challenge(&first.id).await.expect("readable")[0].state, end);
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM audit WHERE outcome = 'challenge' AND detail = 'copy'").await, 16);
}

async fn a_copy_of_the_step_that_continued_a_challenge_is_known_too(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = open(&desk, &ann(), "k1").await;
    let second = open(&desk, &ann().at(T0 + seconds(5)), "k2").await;
    assert_eq!(second.id, first.id);
    assert!(matches!(desk.answer(&ann().at(T0 + seconds(6)), &first.id, &first.code()).await, Judged::Accepted(_)));
    for name in ["k1", "k2"] {
        let copy = open(&desk, &ann().at(T0 + seconds(7)), name).await;
        assert_eq!((&copy.id, copy.mails.len()), (&first.id, 0), "{name}");
    }
    assert_ne!(open(&desk, &ann().at(T0 + seconds(8)), "k3").await.id, first.id, "another name is another sign-in");
}

async fn a_copy_is_no_challenge_beside_the_others_where_several_may_be_open(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let first = open(&desk, &beside, "k1").await;
    assert_eq!(open(&desk, &beside, "k1").await.id, first.id);
    assert_ne!(open(&desk, &beside, "k2").await.id, first.id);
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 2);
}

async fn a_name_that_comes_back_with_another_question_is_refused_and_costs_nothing(engine: Engine) {
    let (desk, place) = desk(engine).await;
    open(&desk, &ann(), "k1").await;
    let others = [
        Ask { subject: subject(2), ..ann() },
        Ask { serials: vec!["PIEM0002"], ..ann() },
        Ask { purpose: domain::challenge::Purpose::Enroll, ..ann() },
    ];
    let rows = "SELECT (SELECT COUNT(*) FROM challenge) * 100 + (SELECT COUNT(*) FROM outbox)";
    for other in others {
        let other = Ask { refund_pin: true, ..other };
        let budget = domain::budget::PIN_BUDGET;
        assert!(desk.store.charge_pin(other.subject, budget, T0).await.expect("answered"));
        let begun = desk.store.begin(named(&desk, &other, "k1")).await.expect("answered");
        assert!(matches!(begun, Begun::Refused(Refusal::RequestKeyReused)), "{begun:?}");
        assert_eq!(place.number(rows).await, 101);
    }
    assert_eq!(
        place.number("SELECT COUNT(*) FROM budget WHERE pin_at > 1790000000000").await,
        0,
        "PINs are given back"
    );
    let refused =
        "SELECT COUNT(*) FROM audit WHERE outcome = 'refuse' AND reason = 'request-key-reused' AND challenge = ''";
    assert_eq!(place.number(refused).await, 3);
    let elsewhere = open(&desk, &Ask { group: "portal", ..ann() }, "k1").await;
    assert_eq!(elsewhere.mails.len(), 1, "each group of clients has names of its own");
}

/// Where several challenges may be open nothing else tells copies apart. Half of them come by another node.
async fn copies_that_race_at_two_nodes_open_one_challenge_and_queue_one_mail(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let stores = [desk.store.clone(), place.reopen().await];
    for round in 0..20 {
        let ask = Ask { is_concurrent: true, subject: subject(round), ..ann() };
        let steps = (0..32_usize).map(|number| {
            let (store, command) = (stores[number % 2].clone(), named(&desk, &ask, &format!("k{round}")));
            async move { opened(store.begin(command).await.expect("answered")) }
        });
        let opened = at_once(steps).await;
        assert_eq!(opened.iter().map(|opened| opened.id.clone()).collect::<HashSet<_>>().len(), 1);
        assert_eq!(opened.iter().map(|opened| opened.mails.len()).sum::<usize>(), 1);
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 20);
}

/// No lock of an account orders these.
async fn of_different_questions_that_race_under_one_name_one_is_asked(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let stores = [desk.store.clone(), place.reopen().await];
    for round in 0..20 {
        let name = format!("k{round}");
        let steps = (0..16_u64).map(|number| {
            let ask = Ask { subject: subject(100 * round + number), ..ann() };
            let (store, command) = (stores[usize::try_from(number % 2).unwrap()].clone(), named(&desk, &ask, &name));
            // As the use case does: whoever finds the name taken at the last moment asks once more.
            let again = named(&desk, &ask, &name);
            async move {
                match store.begin(command).await.expect("answered") {
                    Begun::IdTaken => store.begin(again).await.expect("answered"),
                    begun => begun,
                }
            }
        });
        let begun = at_once(steps).await;
        let refused = begun.iter().filter(|begun| matches!(begun, Begun::Refused(Refusal::RequestKeyReused)));
        assert_eq!(refused.count(), 15, "{begun:?}");
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 20);
}

async fn a_name_is_kept_as_long_as_its_challenge_and_none_is_kept_where_none_is_given(engine: Engine) {
    let (desk, place) = desk(engine).await;
    desk.open(&ann()).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM first_step").await, 0);
    let first = open(&desk, &Ask { subject: subject(2), ..ann() }, "k1").await;
    desk.store.purge(T0 + seconds(14 * 60)).await.expect("answered");
    assert_eq!(place.number("SELECT COUNT(*) FROM first_step").await, 1, "ten minutes after the longest life");
    desk.store.purge(T0 + seconds(14 * 60 + 1)).await.expect("answered");
    assert_eq!(place.number("SELECT COUNT(*) FROM first_step").await, 0);
    assert!(desk.store.find_challenge(&first.id).await.expect("readable").is_empty());
}

fn named(desk: &Desk, ask: &Ask, name: &str) -> Begin {
    Begin { mark: Some(mark(ask, name)), ..desk.begin(ask) }
}

/// A mark as the use case makes it.
fn mark(ask: &Ask, name: &str) -> RequestMark {
    let mut asked = vec![ask.subject.as_bytes().as_slice(), ask.purpose.as_str().as_bytes()];
    asked.extend(ask.serials.iter().map(|serial| serial.as_bytes()));
    RequestKey::new("test", name.as_bytes()).mark(&key(), ask.group, &asked)
}

async fn open(desk: &Desk, ask: &Ask, name: &str) -> Opened {
    opened(desk.store.begin(named(desk, ask, name)).await.expect("answered"))
}

for_each_engine! {
    a_copy_of_a_named_first_step_opens_and_mails_nothing_whatever_became_of_the_challenge,
    a_copy_of_the_step_that_continued_a_challenge_is_known_too,
    a_copy_is_no_challenge_beside_the_others_where_several_may_be_open,
    a_name_that_comes_back_with_another_question_is_refused_and_costs_nothing,
    copies_that_race_at_two_nodes_open_one_challenge_and_queue_one_mail,
    of_different_questions_that_race_under_one_name_one_is_asked,
    a_name_is_kept_as_long_as_its_challenge_and_none_is_kept_where_none_is_given,
}
