//! The second step: one code, judged once.

use std::time::Duration;

use domain::challenge::{Purpose, State};
use domain::code::{Code, CodeLength};
use domain::verdict::Refusal;
use otpost::store::command::Judged;

use super::desk::{
    Ask, Engine, Opened, T0, ann, code_of, code_of_part, desk, not, opened, seconds, serial_of, subject,
};
use super::enrollments::{enroll, failures};

fn refused(refusal: Refusal) -> Judged {
    Judged::Refused { refusal, serials: vec![] }
}

fn wrong(serials: &[&str]) -> Judged {
    Judged::Refused { refusal: Refusal::WrongCode, serials: serials.iter().map(|serial| serial_of(serial)).collect() }
}

fn accepted(serial: &str) -> Judged {
    Judged::Accepted(serial_of(serial))
}

async fn a_code_is_accepted_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, accepted("PIEM0001"));
    assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].state, State::Used);
    for _ in 0..9 {
        assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, refused(Refusal::ChallengeClosed));
    }
}

async fn five_wrong_codes_burn_the_challenge(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    for tries in 1..=5 {
        assert_eq!(desk.answer(&ann(), &opened.id, &not(&opened.code())).await, wrong(&["PIEM0001"]));
        assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].tries, tries);
    }
    assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].state, State::Burned);
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, refused(Refusal::ChallengeClosed));
}

async fn the_fifth_try_may_still_be_right(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    for _ in 0..4 {
        desk.answer(&ann(), &opened.id, &not(&opened.code())).await;
    }
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, accepted("PIEM0001"));
}

async fn a_code_dies_at_the_instant_of_expiry(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let (early, late) = (desk.open(&ann()).await, desk.open(&Ask { subject: subject(2), ..ann() }).await);
    let on_time = ann().at(T0 + seconds(120) - Duration::from_millis(1));
    assert_eq!(desk.answer(&on_time, &early.id, &early.code()).await, accepted("PIEM0001"));
    let too_late = Ask { subject: subject(2), ..ann().at(T0 + seconds(120)) };
    assert_eq!(desk.answer(&too_late, &late.id, &late.code()).await, refused(Refusal::ChallengeClosed));
}

async fn a_clock_before_the_time_of_issue_accepts_nothing(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let before = ann().at(T0 - Duration::from_millis(1));
    assert_eq!(desk.answer(&before, &opened.id, &opened.code()).await, refused(Refusal::ChallengeClosed));
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, accepted("PIEM0001"));
}

async fn a_code_works_for_its_own_subject_purpose_group_and_length_only(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    for subject in [subject(1), subject(2)] {
        for purpose in [Purpose::SignIn, Purpose::Enroll] {
            for group in ["gateway", "portal", ""] {
                for digits in [6, 4, 8] {
                    let ask = Ask { subject, purpose, group, digits, ..ann() };
                    if (ask.subject, purpose, group, digits) == (ann().subject, Purpose::SignIn, "gateway", 6) {
                        continue;
                    }
                    // The MAC of the right code: only the WHERE stands between it and an acceptance.
                    let mut judge = desk.judge(&ask, &opened.id, &opened.code());
                    judge.mac = desk.judge(&ann(), &opened.id, &opened.code()).mac;
                    let judged = desk.store.judge(judge).await.expect("answered");
                    assert!(matches!(judged, Judged::Refused { ref serials, .. } if serials.is_empty()), "{judged:?}");
                }
            }
        }
    }
    assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].tries, 0, "nothing was compared");
    let charged = format!("SELECT COUNT(*) FROM budget WHERE guess_at > {}", T0.millis());
    assert_eq!(place.number(&charged).await, 0, "nobody was charged");
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, accepted("PIEM0001"));
}

async fn a_made_up_identifier_is_no_challenge_and_costs_nothing(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let other = desk.begin(&ann()).id;
    for _ in 0..50 {
        assert_eq!(desk.answer(&ann(), &other, &opened.code()).await, refused(Refusal::NoSuchChallenge));
    }
    assert_eq!(desk.answer(&ann(), &opened.id, &opened.code()).await, accepted("PIEM0001"));
}

/// Seen to fail: only parts of the typed length were closed, and the other code was good for a second acceptance.
async fn a_code_of_one_length_closes_the_part_of_another(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for (number, first) in [(1, 0), (2, 1)] {
        let six = Ask { subject: subject(number), serials: vec!["PIEM0001", "PIEM0002"], ..ann() };
        let eight = Ask { digits: 8, ..six.clone() };
        let mut begin = desk.begin(&six);
        begin.parts[1].code_length = eight.length();
        let codes = [code_of_part(&begin, 0), code_of_part(&begin, 1)];
        begin.parts[1].mac = desk.judge(&eight, &begin.id, &codes[1]).mac;
        let id = begin.id.clone();
        opened(desk.store.begin(begin).await.expect("answered"));
        let answers = [(&six, "PIEM0001"), (&eight, "PIEM0002")];
        let second = 1 - first;
        assert_eq!(desk.answer(answers[first].0, &id, &codes[first]).await, accepted(answers[first].1));
        assert_eq!(desk.answer(answers[second].0, &id, &codes[second]).await, refused(Refusal::ChallengeClosed));
    }
}

async fn either_code_of_two_parts_is_accepted_and_closes_the_other(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let both = Ask { serials: vec!["PIEM0001", "PIEM0002"], ..ann() };
    for (chosen, serial) in both.serials.iter().enumerate() {
        let opened = desk.open(&both).await;
        let codes: Vec<Code> = opened.mails.iter().map(code_of).collect();
        assert_eq!(codes.len(), 2);
        assert_eq!(desk.answer(&both, &opened.id, &codes[chosen]).await, accepted(serial));
        let states: Vec<State> =
            desk.store.find_challenge(&opened.id).await.expect("readable").iter().map(|row| row.state).collect();
        assert_eq!((states[chosen], states[1 - chosen]), (State::Used, State::Superseded));
        for code in &codes {
            assert_eq!(desk.answer(&both, &opened.id, code).await, refused(Refusal::ChallengeClosed));
        }
    }
}

async fn a_guess_against_two_parts_is_charged_twice(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let both = Ask { serials: vec!["PIEM0001", "PIEM0002"], is_concurrent: true, ..ann() };
    let (first, second) = (desk.open(&both).await, desk.open(&both).await);
    for opened in [&first, &first, &second, &second] {
        assert_eq!(desk.answer(&both, &opened.id, &impossible(opened)).await, wrong(&["PIEM0001", "PIEM0002"]));
    }
    let spent = desk.answer(&both, &second.id, &code_of(&second.mails[0])).await;
    assert_eq!(spent, refused(Refusal::GuessBudgetSpent), "eight codes were compared");
}

/// One charge may come back while two codes are compared with it: the second is owed, not given.
async fn a_second_part_is_owed_when_the_budget_is_short(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let both = Ask { serials: vec!["PIEM0001", "PIEM0002"], is_concurrent: true, ..ann() };
    let mut compared = 0;
    for steps in 0..7 {
        let ask = both.at(T0 + both.budget().step * steps);
        let opened = desk.open(&ask).await;
        for _ in 0..9 {
            match desk.answer(&ask, &opened.id, &impossible(&opened)).await {
                Judged::Refused { serials, .. } => compared += serials.len(),
                Judged::Accepted(_) => panic!("accepted"),
            }
        }
    }
    assert!(compared <= 8 + 6 + 1, "{compared} codes were compared, the budget allows 14 and one to be owed");
}

async fn wrong_codes_are_counted_on_the_enrollment(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    enroll(&desk, "PIEM0002").await;
    let opened = desk.open(&ann()).await;
    desk.answer(&ann(), &opened.id, &not(&opened.code())).await;
    desk.answer(&ann(), &opened.id, &not(&opened.code())).await;
    assert_eq!((failures(&desk, "PIEM0001").await, failures(&desk, "PIEM0002").await), (2, 0));
    desk.answer(&ann(), &opened.id, &opened.code()).await;
    assert_eq!(failures(&desk, "PIEM0001").await, 0, "an acceptance clears them");
}

async fn what_was_not_compared_is_not_counted(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let opened = desk.open(&ann()).await;
    let wrong_code = not(&opened.code());
    desk.answer(&Ask { group: "portal", ..ann() }, &opened.id, &wrong_code).await;
    desk.answer(&Ask { digits: 8, ..ann() }, &opened.id, &wrong_code).await;
    desk.answer(&ann().at(T0 + seconds(120)), &opened.id, &wrong_code).await;
    desk.answer(&ann(), &desk.begin(&ann()).id, &wrong_code).await;
    assert_eq!(failures(&desk, "PIEM0001").await, 0);
}

async fn old_failures_are_forgotten_before_one_is_added(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    enroll(&desk, "PIEM0001").await;
    let long = Ask { lifetime: seconds(7200), ..ann() };
    let opened = desk.open(&long).await;
    for (at, expected) in [(0, 1), (599, 2), (599 + 599, 3), (599 + 599 + 600, 1)] {
        let mut judge = desk.judge(&long.at(T0 + seconds(at)), &opened.id, &not(&opened.code()));
        judge.clear_failures_after = Duration::from_mins(10);
        desk.store.judge(judge).await.expect("answered");
        assert_eq!(failures(&desk, "PIEM0001").await, expected, "after {at} s");
    }
}

async fn the_guess_budget_spans_challenges_and_clients(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let asks: Vec<Ask> = ["gateway", "portal", "third", "fourth"].map(|group| Ask { group, ..ann() }).into();
    let mut opened = Vec::new();
    for ask in &asks {
        opened.push(desk.open(ask).await);
    }
    let mut compared = 0;
    for _ in 0..4 {
        for (ask, opened) in asks.iter().zip(&opened) {
            let judged = desk.answer(ask, &opened.id, &not(&opened.code())).await;
            compared += u32::from(judged == wrong(&["PIEM0001"]));
        }
    }
    assert_eq!(compared, ann().budget().burst);
    let right = desk.answer(&asks[3], &opened[3].id, &opened[3].code()).await;
    assert_eq!(right, refused(Refusal::GuessBudgetSpent), "not even the right code is compared");
    let bob = Ask { subject: subject(2), ..ann() };
    let bobs = desk.open(&bob).await;
    assert_eq!(desk.answer(&bob, &bobs.id, &bobs.code()).await, accepted("PIEM0001"));
}

async fn a_spent_budget_comes_back_step_by_step(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let long = Ask { lifetime: seconds(10_000_000), is_concurrent: true, ..ann() };
    let (first, second, third) = (desk.open(&long).await, desk.open(&long).await, desk.open(&long).await);
    for guess in 0..8 {
        let opened = if guess < 4 { &first } else { &second };
        assert_eq!(desk.answer(&long, &opened.id, &not(&opened.code())).await, wrong(&["PIEM0001"]));
    }
    let step = long.budget().step;
    let early = long.at(T0 + step - Duration::from_millis(1));
    assert_eq!(desk.answer(&early, &third.id, &not(&third.code())).await, refused(Refusal::GuessBudgetSpent));
    let later = long.at(T0 + step);
    assert_eq!(desk.answer(&later, &third.id, &not(&third.code())).await, wrong(&["PIEM0001"]));
    assert_eq!(desk.answer(&later, &third.id, &not(&third.code())).await, refused(Refusal::GuessBudgetSpent));
}

async fn an_acceptance_gives_back_its_own_charge_alone(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut compared = 0;
    // An attacker who lets the owner sign in between does not get fresh guesses by it.
    let beside = Ask { is_concurrent: true, ..ann() };
    for _ in 0..12 {
        let opened = desk.open(&beside).await;
        let judged = desk.answer(&beside, &opened.id, &not(&opened.code())).await;
        if judged == refused(Refusal::GuessBudgetSpent) {
            break;
        }
        compared += 1;
        if compared < beside.budget().burst {
            assert_eq!(desk.answer(&beside, &opened.id, &opened.code()).await, accepted("PIEM0001"));
        }
    }
    assert_eq!(compared, ann().budget().burst);
}

async fn a_budget_survives_a_restart(engine: Engine) {
    let (mut desk, place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let opened = [desk.open(&beside).await, desk.open(&beside).await, desk.open(&beside).await];
    let mut compared = 0;
    for round in 0..12 {
        let opened = &opened[round / 4];
        let judged = desk.answer(&beside, &opened.id, &not(&opened.code())).await;
        compared += u32::from(judged == wrong(&["PIEM0001"]));
        desk.store = place.reopen().await;
    }
    assert_eq!(compared, beside.budget().burst);
}

async fn a_restored_database_voids_the_challenges_of_before(engine: Engine) {
    let (mut desk, place) = desk(engine).await;
    let before = desk.open(&ann()).await;
    place.move_epoch_on().await;
    desk.store = place.reopen().await;
    assert_eq!(desk.answer(&ann(), &before.id, &before.code()).await, refused(Refusal::ChallengeClosed));
    let after = desk.open(&ann()).await;
    assert_ne!(after.id, before.id);
    assert_eq!(desk.answer(&ann(), &after.id, &after.code()).await, accepted("PIEM0001"));
}

async fn twenty_digits_and_four_are_codes_too(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for (number, digits) in (1..).zip([4, 5, 7, 8, 20]) {
        let ask = Ask { digits, subject: subject(number), ..ann() };
        let opened = desk.open(&ask).await;
        assert_eq!(opened.mails[0].code_length, CodeLength::from_digits(digits).expect("a length"));
        assert_eq!(desk.answer(&ask, &opened.id, &not(&opened.code())).await, wrong(&["PIEM0001"]));
        assert_eq!(desk.answer(&ask, &opened.id, &opened.code()).await, accepted("PIEM0001"));
    }
}

/// A code that none of the parts has.
fn impossible(opened: &Opened) -> Code {
    let mailed: Vec<Code> = opened.mails.iter().map(code_of).collect();
    let numbers = (0..).map(|number: u32| Code::parse(&format!("{number:06}"), CodeLength::STANDARD).expect("a code"));
    numbers.into_iter().find(|code| !mailed.contains(code)).expect("there are a million")
}

for_each_engine! {
    a_code_is_accepted_once,
    five_wrong_codes_burn_the_challenge,
    the_fifth_try_may_still_be_right,
    a_code_dies_at_the_instant_of_expiry,
    a_clock_before_the_time_of_issue_accepts_nothing,
    a_code_works_for_its_own_subject_purpose_group_and_length_only,
    a_made_up_identifier_is_no_challenge_and_costs_nothing,
    a_code_of_one_length_closes_the_part_of_another,
    either_code_of_two_parts_is_accepted_and_closes_the_other,
    a_guess_against_two_parts_is_charged_twice,
    a_second_part_is_owed_when_the_budget_is_short,
    wrong_codes_are_counted_on_the_enrollment,
    what_was_not_compared_is_not_counted,
    old_failures_are_forgotten_before_one_is_added,
    the_guess_budget_spans_challenges_and_clients,
    a_spent_budget_comes_back_step_by_step,
    an_acceptance_gives_back_its_own_charge_alone,
    a_budget_survives_a_restart,
    a_restored_database_voids_the_challenges_of_before,
    twenty_digits_and_four_are_codes_too,
}
