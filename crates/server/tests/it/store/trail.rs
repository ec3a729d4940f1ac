//! The trail from an account to its open challenges leads to all of them, whatever happened before.

use domain::challenge::Purpose;
use domain::time::Timestamp;
use otpost::store::challenges;

use super::desk::{Ask, Chance, Desk, Engine, Opened, Place, T0, ann, desk, not, seconds, subject};

/// Seen to fail with a used code that takes all before it off the trail, with challenges of another group or purpose that
/// are not taken along, with links by identifier, and with expired challenges that were removed from the middle.
async fn whatever_is_open_is_found_by_its_account(engine: Engine) {
    let (desk, place) = desk(engine).await;
    // What costs microseconds in a file costs a round trip on a server.
    for seed in 0..if engine == Engine::Sqlite { 40 } else { 3 } {
        walk(&desk, &place, seed).await;
    }
}

/// One account, told apart from the others by its serial; many steps, each followed by a look at all rows.
async fn walk(desk: &Desk, place: &Place, seed: u64) {
    let chance = Chance::new(seed);
    let serial: &'static str = format!("PIEM{seed:04}").leak();
    let account = Ask { subject: subject(seed), serials: vec![serial], ..ann() };
    let mut opened: Vec<(Ask, Opened)> = Vec::new();
    let mut now = T0;
    for _ in 0..STEPS {
        now = now + seconds(chance.below(25));
        match chance.below(10) {
            0..5 => {
                let ask = anything(&chance, &account).at(now);
                let begun = desk.open(&ask).await;
                opened.extend((!begun.mails.is_empty()).then_some((ask, begun)));
            }
            5..8 if !opened.is_empty() => {
                let at = opened.len() - 1 - usize::try_from(chance.below(4)).expect("small").min(opened.len() - 1);
                let (ask, begun) = &opened[at];
                let right = begun.code();
                let typed = if chance.below(3) == 0 { not(&right) } else { right };
                desk.answer(&ask.at(now), &begun.id, &typed).await;
            }
            8 if chance.below(6) == 0 => {
                change!(desk, [challenges::cancel_of(account.subject)]).expect("cancelled");
                assert_eq!(count(place, serial, "TRUE", T0).await, 0, "account {seed}: all are called off");
            }
            8 => change!(desk, [challenges::delete_expired(now)]).expect("removed"),
            _ => drop(desk.store.purge(now).await.expect("answered")),
        }
        for group in GROUPS {
            let found = desk.store.list_open_ids(account.subject, group, now, 99).await.expect("readable");
            let kind = format!("client_group = '{group}' AND purpose = 'sign-in'");
            let there = count(place, serial, &kind, now).await;
            assert_eq!(i64::try_from(found.len()).expect("few"), there, "account {seed}, {group}, at {now}: {found:?}");
        }
    }
}

/// A first step of any kind.
fn anything(chance: &Chance, account: &Ask) -> Ask {
    let group = GROUPS[usize::try_from(chance.below(2)).expect("small")];
    let purpose = if chance.below(4) == 0 { Purpose::Enroll } else { Purpose::SignIn };
    let serials = if chance.below(4) == 0 { account.serials.repeat(2) } else { account.serials.clone() };
    let lifetime = seconds([30, 120, 240][usize::try_from(chance.below(3)).expect("small")]);
    Ask { group, purpose, serials, lifetime, is_concurrent: chance.below(2) == 0, ..account.clone() }
}

/// What is open, by looking at every row.
async fn count(place: &Place, serial: &str, kind: &str, now: Timestamp) -> i64 {
    let sql = format!(
        "SELECT COUNT(DISTINCT id) FROM challenge WHERE state = 'open' AND serial = '{serial}' \
         AND {kind} AND expires_at > {}",
        now.millis()
    );
    place.number(&sql).await
}

const GROUPS: [&str; 2] = ["gateway", "portal"];
const STEPS: usize = 50;

for_each_engine! {
    whatever_is_open_is_found_by_its_account,
}
