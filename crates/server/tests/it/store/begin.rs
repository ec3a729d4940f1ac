//! The first step: open, continue, replace, add, and what it costs.

use std::collections::HashSet;

use domain::budget::PIN_BUDGET;
use domain::challenge::{ChallengeId, MAX_SENDS, Purpose, State};
use domain::time::Timestamp;
use domain::verdict::Refusal;
use otpost::store::command::{Begun, Judged};

use super::desk::{
    Ask, Desk, Engine, T0, address_of, ann, at_once, code_of_part, desk, leaving, not, opened, seconds, subject,
};

async fn a_first_step_opens_a_challenge_and_leases_its_mail(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let command = desk.begin(&ann());
    let (id, nonce) = (command.id.clone(), command.parts[0].nonce);
    let opened = opened(desk.store.begin(command).await.expect("answered"));
    assert_eq!((&opened.id, opened.expires_at), (&id, T0 + seconds(120)));
    let [mail] = &opened.mails[..] else { panic!("one mail, not {:?}", opened.mails) };
    assert_eq!((&mail.key.id, mail.key.part, mail.send, mail.attempts), (&id, 0, 1, 0));
    assert_eq!((address_of(mail), mail.nonce, mail.provider_id), ("ann@example.org", nonce, 1));
    assert_eq!((mail.subject, mail.purpose, mail.group.as_str()), (subject(1), Purpose::SignIn, "gateway"));
    assert_eq!((mail.issued_at, mail.expires_at), (T0, T0 + seconds(120)));
    let [row] = &desk.store.find_challenge(&id).await.expect("readable")[..] else { panic!("one row") };
    assert_eq!((row.state, row.tries, row.sends, row.serial.as_str()), (State::Open, 0, 1, "PIEM0001"));
    assert_eq!((row.issued_at, row.last_sent_at, row.subject), (T0, T0, subject(1)));
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 1);
}

async fn within_half_the_life_the_open_challenge_is_continued(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    desk.answer(&ann(), &first.id, &not(&first.code())).await;
    let again = desk.open(&ann().at(T0 + seconds(29))).await;
    assert_eq!((&again.id, again.expires_at), (&first.id, first.expires_at));
    assert!(again.mails.is_empty(), "the first mail is younger than 30 s");
    let row = &desk.store.find_challenge(&first.id).await.expect("readable")[0];
    assert_eq!((row.state, row.tries, row.sends), (State::Open, 1, 1), "tries are kept");
}

/// The same request at two nodes, or twice at one: the time was read before the order was known.
async fn a_first_step_that_was_overtaken_continues_the_challenge_opened_meanwhile(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    let overtaken = desk.open(&ann().at(Timestamp::from_millis(T0.millis() - 40))).await;
    assert_eq!(overtaken.id, opened.id, "one challenge");
    assert!(overtaken.mails.is_empty(), "one mail");
    assert_eq!(place.number("SELECT count(*) FROM outbox").await, 1);
}

async fn thirty_seconds_later_the_same_code_is_mailed_again(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    let just_before = desk.open(&ann().at(T0 + seconds(30) - std::time::Duration::from_millis(1))).await;
    assert!(just_before.mails.is_empty());
    let again = desk.open(&ann().at(T0 + seconds(30))).await;
    assert_eq!(again.id, first.id);
    assert_eq!((again.mails[0].send, again.code()), (2, first.code()));
    let row = &desk.store.find_challenge(&first.id).await.expect("readable")[0];
    assert_eq!((row.sends, row.last_sent_at), (2, T0 + seconds(30)));
}

async fn five_mails_are_all_a_challenge_gets(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let long = Ask { lifetime: seconds(3600), ..ann() };
    let first = desk.open(&long).await;
    let mut sent = first.mails.len();
    for minute in 1..12 {
        sent += desk.open(&long.at(T0 + seconds(minute * 120))).await.mails.len();
    }
    assert_eq!(sent, usize::from(MAX_SENDS));
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, i64::from(MAX_SENDS));
}

async fn after_half_the_life_a_new_challenge_takes_its_place(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    let at_half = desk.open(&ann().at(T0 + seconds(60))).await;
    assert_eq!(at_half.id, first.id, "exactly half of the life is left");
    let second = desk.open(&ann().at(T0 + seconds(61))).await;
    assert_ne!(second.id, first.id);
    assert_eq!(desk.store.find_challenge(&first.id).await.expect("readable")[0].state, State::Superseded);
    let late = desk.answer(&ann().at(T0 + seconds(62)), &first.id, &first.code()).await;
    assert_eq!(late, Judged::Refused { refusal: Refusal::ChallengeClosed, serials: vec![] });
}

async fn other_enrollments_or_another_length_replace_the_challenge(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut last = desk.open(&ann()).await;
    let both = Ask { serials: vec!["PIEM0001", "PIEM0002"], ..ann() };
    let other = Ask { serials: vec!["PIEM0003"], ..ann() };
    let longer = Ask { digits: 8, serials: vec!["PIEM0003"], ..ann() };
    for ask in [both, other, longer] {
        let next = desk.open(&ask.at(T0 + seconds(1))).await;
        assert_ne!(next.id, last.id);
        let rows = desk.store.find_challenge(&last.id).await.expect("readable");
        assert!(rows.iter().all(|row| row.state == State::Superseded), "{rows:?}");
        last = next;
    }
}

async fn concurrent_challenges_stand_side_by_side(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let (first, second) = (desk.open(&beside).await, desk.open(&beside).await);
    assert_ne!(first.id, second.id);
    assert_eq!(desk.store.list_open_ids(subject(1), "gateway", T0, 9).await.expect("readable").len(), 2);
    for opened in [&second, &first] {
        assert!(matches!(desk.answer(&beside, &opened.id, &opened.code()).await, Judged::Accepted(_)));
    }
}

async fn other_subjects_groups_and_purposes_have_challenges_of_their_own(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut ids = HashSet::new();
    let asks = [
        ann(),
        Ask { subject: subject(2), ..ann() },
        Ask { group: "portal", ..ann() },
        Ask { purpose: Purpose::Enroll, ..ann() },
    ];
    for ask in &asks {
        ids.insert(desk.open(ask).await.id);
    }
    assert_eq!(ids.len(), asks.len());
    for ask in &asks {
        assert!(ids.contains(&desk.open(&ask.at(T0 + seconds(1))).await.id), "continued");
    }
    for id in &ids {
        assert_eq!(desk.store.find_challenge(id).await.expect("readable")[0].state, State::Open);
    }
}

/// A first step whose mail is not sent; answers the challenge that waits all the same.
async fn held_back(desk: &Desk, ask: &Ask) -> ChallengeId {
    match desk.first_step(ask).await {
        Begun::Open { id, mails, is_held_back: true, .. } if leaving(mails.clone()).is_empty() => id,
        other => panic!("{other:?}"),
    }
}

async fn five_mails_at_once_spend_the_accounts_budget(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    for _ in 0..5 {
        desk.open(&beside).await;
    }
    held_back(&desk, &beside).await;
    assert_eq!(place.number("SELECT COUNT(*) FROM challenge").await, 6, "a challenge like any other");
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox WHERE address <> ''").await, 5, "but no mail");
    let line = &desk.store.list_audit(None, 1).await.expect("readable")[0];
    assert_eq!((line.outcome.as_str(), line.reason.as_str()), ("challenge", "mail-budget-spent"));
    desk.open(&Ask { subject: subject(2), ..beside.clone() }).await;
    let just_before = beside.at(T0 + seconds(300) - std::time::Duration::from_millis(1));
    held_back(&desk, &just_before).await;
    desk.open(&beside.at(T0 + seconds(300))).await;
}

async fn a_spent_mail_budget_leaves_the_older_challenge_open(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await;
    for _ in 0..4 {
        desk.open(&Ask { is_concurrent: true, group: "portal", ..ann() }).await;
    }
    let late = ann().at(T0 + seconds(100));
    assert_eq!(held_back(&desk, &late).await, first.id);
    assert!(matches!(desk.answer(&late, &first.id, &first.code()).await, Judged::Accepted(_)));
}

async fn a_used_code_gives_its_mail_back(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for _ in 0..30 {
        let opened = desk.open(&ann()).await;
        assert!(matches!(desk.answer(&ann(), &opened.id, &opened.code()).await, Judged::Accepted(_)));
    }
}

async fn twenty_mails_are_all_a_day_gives_at_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let mut opened = 0;
    for step in 0..40 {
        let begun = desk.first_step(&beside.at(T0 + seconds(step * 300))).await;
        opened += u32::from(matches!(begun, Begun::Open { is_held_back: false, .. }));
    }
    // Twenty at once and two that 195 minutes give back.
    assert_eq!(opened, 22);
}

async fn a_right_pin_gets_its_charge_back_exactly_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let other = Ask { is_concurrent: true, group: "portal", ..ann() };
    let mut first = ann();
    first.refund_pin = true;
    // Opens, continues without a mail, continues with a mail, and is refused a mail three times.
    for (before, ask) in [
        (0, first.clone()),
        (0, first.at(T0 + seconds(1))),
        (0, first.at(T0 + seconds(31))),
        (3, first.at(T0 + seconds(61))),
        (0, Ask { group: "third", ..first.at(T0 + seconds(61)) }),
        (0, first.at(T0 + seconds(62))),
    ] {
        for _ in 0..before {
            desk.open(&other.at(ask.now)).await;
        }
        let left = pins_left(&desk, &ask).await;
        assert!(desk.store.charge_pin(ask.subject, PIN_BUDGET, ask.now).await.expect("answered"));
        desk.first_step(&ask).await;
        assert_eq!(pins_left(&desk, &ask).await, left, "at {}", ask.now.since(T0).as_secs());
    }
}

async fn a_continued_challenge_without_mail_budget_refunds_one_pin_only(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let ask = Ask { refund_pin: true, ..ann() };
    for _ in 0..4 {
        desk.open(&Ask { is_concurrent: true, group: "portal", ..ann() }).await;
    }
    desk.open(&ann()).await;
    for _ in 0..10 {
        assert!(desk.store.charge_pin(ask.subject, PIN_BUDGET, T0).await.expect("answered"));
    }
    let before = place.number("SELECT pin_at FROM budget").await;
    let again = desk.open(&ask.at(T0 + seconds(31))).await;
    assert!(again.mails.is_empty(), "the mail budget is spent");
    assert_eq!(before - place.number("SELECT pin_at FROM budget").await, PIN_BUDGET.step_millis());
}

async fn an_identifier_that_exists_changes_nothing(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let taken = desk.open(&Ask { subject: subject(2), ..ann() }).await.id;
    let older = desk.open(&ann()).await;
    let budget = "SELECT SUM(mail_at) + SUM(pin_at) FROM budget";
    let (lines, spent) = (desk.store.count_audit().await.expect("readable"), place.number(budget).await);
    let mut command = desk.begin(&Ask { refund_pin: true, ..ann().at(T0 + seconds(100)) });
    command.id = taken.clone();
    assert!(matches!(desk.store.begin(command).await.expect("answered"), Begun::IdTaken));
    assert_eq!(desk.store.find_challenge(&older.id).await.expect("readable")[0].state, State::Open);
    assert_eq!(desk.store.find_challenge(&taken).await.expect("readable")[0].subject, subject(2));
    assert_eq!((desk.store.count_audit().await.expect("readable"), place.number(budget).await), (lines, spent));
}

async fn a_decoy_leaves_the_same_rows_and_is_never_accepted(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let decoy = Ask { is_real: false, subject: subject(2), ..ann() };
    let command = desk.begin(&decoy);
    let code = code_of_part(&command, 0);
    let opened = opened(desk.store.begin(command).await.expect("answered"));
    assert!(opened.mails.is_empty(), "nobody is mailed");
    let counts = "SELECT (SELECT COUNT(*) FROM challenge) * 10000 + (SELECT COUNT(*) FROM outbox) * 100 \
        + (SELECT COUNT(*) FROM budget) * 10 + (SELECT COUNT(*) FROM audit)";
    assert_eq!(place.number(counts).await, 10_111);
    desk.open(&ann()).await;
    assert_eq!(place.number(counts).await, 20_222);
    for _ in 0..4 {
        let judged = desk.answer(&decoy, &opened.id, &code).await;
        assert_eq!(judged, wrong_code());
    }
    assert_eq!(desk.answer(&decoy, &opened.id, &code).await, wrong_code());
    let closed = Judged::Refused { refusal: Refusal::ChallengeClosed, serials: vec![] };
    assert_eq!(desk.answer(&decoy, &opened.id, &code).await, closed);
    assert_eq!(desk.store.list_challenges("", 9).await.expect("readable").len(), 1, "lists hide decoys");
}

async fn parallel_first_steps_open_one_challenge_and_queue_one_mail(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let steps = (0..64).map(|_| {
        let (store, command) = (desk.store.clone(), desk.begin(&ann()));
        async move { opened(store.begin(command).await.expect("answered")) }
    });
    let opened = at_once(steps).await;
    let ids: HashSet<_> = opened.iter().map(|opened| opened.id.clone()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(opened.iter().map(|opened| opened.mails.len()).sum::<usize>(), 1);
    assert_eq!(place.number("SELECT COUNT(*) FROM outbox").await, 1);
}

/// How many PIN charges the account can take now; takes none.
async fn pins_left(desk: &Desk, ask: &Ask) -> u32 {
    let mut left = 0;
    while desk.store.charge_pin(ask.subject, PIN_BUDGET, ask.now).await.expect("answered") {
        left += 1;
    }
    for _ in 0..left {
        desk.store.refund_pin(ask.subject, PIN_BUDGET).await.expect("answered");
    }
    left
}

fn wrong_code() -> Judged {
    Judged::Refused { refusal: Refusal::WrongCode, serials: vec![super::desk::serial_of("PIEM0001")] }
}

for_each_engine! {
    a_first_step_opens_a_challenge_and_leases_its_mail,
    within_half_the_life_the_open_challenge_is_continued,
    a_first_step_that_was_overtaken_continues_the_challenge_opened_meanwhile,
    thirty_seconds_later_the_same_code_is_mailed_again,
    five_mails_are_all_a_challenge_gets,
    after_half_the_life_a_new_challenge_takes_its_place,
    other_enrollments_or_another_length_replace_the_challenge,
    concurrent_challenges_stand_side_by_side,
    other_subjects_groups_and_purposes_have_challenges_of_their_own,
    five_mails_at_once_spend_the_accounts_budget,
    a_spent_mail_budget_leaves_the_older_challenge_open,
    a_used_code_gives_its_mail_back,
    twenty_mails_are_all_a_day_gives_at_once,
    a_right_pin_gets_its_charge_back_exactly_once,
    a_continued_challenge_without_mail_budget_refunds_one_pin_only,
    an_identifier_that_exists_changes_nothing,
    a_decoy_leaves_the_same_rows_and_is_never_accepted,
    parallel_first_steps_open_one_challenge_and_queue_one_mail,
}
