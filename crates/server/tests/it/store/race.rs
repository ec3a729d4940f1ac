//! Races: many at once, and still exactly one acceptance, never more guesses than the budget.

use std::sync::Arc;

use otpost::store::command::Judged;

use super::desk::{Ask, Desk, Engine, T0, ann, at_once, desk, not, seconds, subject};

/// Callers who hand in the right code at once.
const CALLERS: usize = 64;
/// Rounds in the suite; `bench race` runs longer.
const ROUNDS: u64 = 1000;

/// On a server each round costs a hundred exchanges.
fn rounds(engine: Engine) -> u64 {
    if engine == Engine::Sqlite { ROUNDS } else { ROUNDS / 5 }
}

/// Lets `callers` tasks do the same at once and counts how often the answer is yes. The saboteur
/// goes through here too: a harness that cannot count to two proves nothing.
pub(super) async fn yes_at_once<F: Future<Output = bool> + Send + 'static>(
    callers: usize,
    mut ask: impl FnMut() -> F,
) -> usize {
    let start = Arc::new(tokio::sync::Barrier::new(callers));
    let tasks = (0..callers).map(|_| {
        let (start, asked) = (start.clone(), ask());
        async move {
            start.wait().await;
            asked.await
        }
    });
    at_once(tasks).await.into_iter().filter(|yes| *yes).count()
}

async fn a_right_code_is_accepted_once_however_many_hand_it_in(engine: Engine) {
    let (desk, place) = desk(engine).await;
    for round in 0..rounds(engine) {
        let ask = Ask { subject: subject(round), ..ann() };
        let opened = desk.open(&ask).await;
        let accepted = yes_at_once(CALLERS, || {
            let (store, judge) = (desk.store.clone(), desk.judge(&ask, &opened.id, &opened.code()));
            async move { matches!(store.judge(judge).await.expect("answered"), Judged::Accepted(_)) }
        });
        assert_eq!(accepted.await, 1, "round {round}");
    }
    let accepts = place.number("SELECT COUNT(*) FROM audit WHERE outcome = 'accept'").await;
    assert_eq!(u64::try_from(accepts), Ok(rounds(engine)));
}

async fn parallel_wrong_codes_never_outrun_five_tries(engine: Engine) {
    let (desk, place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    guess_at_once(&desk, &ann(), &[(opened.id.clone(), not(&opened.code()))], 200).await;
    assert_eq!(place.number(COMPARED).await, 5);
    assert_eq!(desk.store.find_challenge(&opened.id).await.expect("readable")[0].tries, 5);
}

async fn parallel_wrong_codes_never_outrun_the_accounts_budget(engine: Engine) {
    let (mut desk, place) = desk(engine).await;
    let long = Ask { is_concurrent: true, lifetime: seconds(1_000_000), ..ann() };
    let mut targets = Vec::new();
    for mails in 0..20 {
        let opened = desk.open(&long.at(T0 + seconds(mails * 300))).await;
        targets.push((opened.id.clone(), not(&opened.code())));
    }
    let now = long.at(T0 + seconds(6000));
    guess_at_once(&desk, &now, &targets[..10], 4).await;
    assert!(place.number(COMPARED).await <= i64::from(now.budget().burst));
    // A restart in the middle of the attack forgets nothing.
    desk.store = place.reopen().await;
    guess_at_once(&desk, &now, &targets, 12).await;
    desk.store = place.reopen().await;
    guess_at_once(&desk, &now, &targets, 2).await;
    assert_eq!(place.number(COMPARED).await, i64::from(now.budget().burst));
    assert_eq!(place.number("SELECT SUM(tries) FROM challenge").await, i64::from(now.budget().burst));
}

async fn right_and_wrong_codes_together_still_make_one_acceptance(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    for round in 0..50 {
        let ask = Ask { subject: subject(round), ..ann() };
        let opened = desk.open(&ask).await;
        let mut number = 0;
        let accepted = yes_at_once(CALLERS, || {
            number += 1;
            let typed = if number % 16 == 0 { not(&opened.code()) } else { opened.code() };
            let (store, judge) = (desk.store.clone(), desk.judge(&ask, &opened.id, &typed));
            async move { matches!(store.judge(judge).await.expect("answered"), Judged::Accepted(_)) }
        });
        assert_eq!(accepted.await, 1, "round {round}");
    }
}

async fn guess_at_once(
    desk: &Desk,
    ask: &Ask,
    targets: &[(domain::challenge::ChallengeId, domain::code::Code)],
    each: usize,
) {
    let guesses = targets.iter().flat_map(|target| std::iter::repeat_n(target, each));
    let guesses: Vec<_> = guesses.map(|(id, code)| desk.judge(ask, id, code)).collect();
    let tasks = guesses.into_iter().map(|judge| {
        let store = desk.store.clone();
        async move { store.judge(judge).await.expect("answered") }
    });
    at_once(tasks).await;
}

const COMPARED: &str = "SELECT COUNT(*) FROM audit WHERE reason = 'wrong-code'";

for_each_engine! {
    a_right_code_is_accepted_once_however_many_hand_it_in,
    parallel_wrong_codes_never_outrun_five_tries,
    parallel_wrong_codes_never_outrun_the_accounts_budget,
    right_and_wrong_codes_together_still_make_one_acceptance,
}
