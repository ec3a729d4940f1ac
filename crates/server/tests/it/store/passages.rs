//! Tickets, and sessions at gates.

use domain::enrollment::Serial;
use domain::theme::Theme;
use otpost::store::command::Change;
use otpost::store::passages::{self, GateSession, Pass, Passage};
use otpost::store::themes::{self, StoredTheme};
use otpost::store::{Statement, StoreError};

use super::desk::{Desk, Engine, T0, desk, seconds};
use super::providers::standard;

async fn with_theme(engine: Engine) -> (Desk, super::desk::Place) {
    let (desk, place) = desk(engine).await;
    change!(desk, [standard(), themes::insert(&StoredTheme::new(Theme::standard(), "test", T0))]).expect("saved");
    (desk, place)
}

fn passage(user: &str) -> Passage {
    Passage {
        theme_id: 1,
        user_id: format!("id-{user}"),
        user_name: user.to_owned(),
        realm: "corp".to_owned(),
        serial: Serial::parse("PIEM0001"),
        proven_by: "mark".to_owned(),
        at: T0,
    }
}

async fn keep(desk: &Desk, statements: impl Into<Vec<Statement>>) -> Result<(), StoreError> {
    desk.store.keep(Change { statements: statements.into(), event: desk.event(T0) }).await
}

async fn a_ticket_is_redeemed_once(engine: Engine) {
    let (desk, _place) = with_theme(engine).await;
    let excepted = Passage { serial: None, ..passage("bob") };
    keep(&desk, [passages::issue_ticket([1; 32], &passage("ann"), "https://a.example/")]).await.expect("kept");
    keep(&desk, [passages::issue_ticket([2; 32], &excepted, "https://b.example/")]).await.expect("kept");
    let found = desk.store.find_ticket([1; 32]).await.expect("readable").expect("there");
    assert_eq!(found, (passage("ann"), "https://a.example/".to_owned()));
    assert_eq!(desk.store.find_ticket([2; 32]).await.expect("readable").expect("there").0, excepted);
    let tries = (0..8).map(|_| keep(&desk, [passages::redeem_ticket([1; 32])]));
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert!(done.iter().all(|done| matches!(done, Ok(()) | Err(StoreError::NotFound))));
    assert_eq!(desk.store.find_ticket([1; 32]).await.expect("readable"), None);
    keep(&desk, [passages::forget_tickets_before(T0)]).await.expect("forgotten");
    assert_eq!(desk.store.find_ticket([2; 32]).await.expect("readable"), None);
}

async fn sessions_are_used_and_end(engine: Engine) {
    let (desk, _place) = with_theme(engine).await;
    let open = |token: u8, user: &str, at| passages::open_gate_session([token; 32], &passage(user), at);
    keep(&desk, [open(1, "ann", T0), open(2, "ann", T0), open(3, "bob", T0 + seconds(9))]).await.expect("opened");
    let find = async |token: u8| desk.store.find_gate_session([token; 32]).await.expect("readable");
    assert_eq!(find(1).await, Some(GateSession { passage: passage("ann"), opened_at: T0, used_at: T0 }));
    keep(&desk, [passages::use_gate_session([1; 32], T0 + seconds(5))]).await.expect("noted");
    assert_eq!(find(1).await.expect("there").used_at, T0 + seconds(5));
    keep(&desk, [passages::end_gate_sessions_before(T0 - seconds(1), T0)]).await.expect("ended");
    assert_eq!((find(1).await.is_some(), find(2).await.is_some()), (true, false), "the second lay idle");
    keep(&desk, [passages::end_gate_session([1; 32])]).await.expect("ended");
    assert_eq!((find(1).await.is_some(), find(3).await.is_some()), (false, true));
    keep(&desk, [passages::end_gate_session([3; 32]), passages::end_gate_session([3; 32])]).await.expect("ended");
    assert_eq!(find(3).await, None);
}

async fn a_pass_is_used_once_and_gives_way_to_a_newer_one(engine: Engine) {
    let (desk, _place) = with_theme(engine).await;
    let pass = |user: &str, seconds_later, address: &str| Pass {
        passage: Passage { at: T0 + seconds(seconds_later), ..passage(user) },
        address: address.parse().expect("an address"),
    };
    let (first, second, bob) =
        (pass("ann", 0, "192.0.2.1"), pass("ann", 1, "2001:db8::1"), pass("bob", 2, "192.0.2.1"));
    for pass in [&first, &second, &bob] {
        keep(&desk, [passages::leave_pass(pass)]).await.expect("kept");
    }
    let find = async |user: &str| desk.store.find_pass(1, user).await.expect("readable");
    assert_eq!(find("id-ann").await, Some(second.clone()));
    assert_eq!(desk.store.find_pass(2, "id-ann").await.expect("readable"), None);
    let old = keep(&desk, [passages::use_pass(&first)]).await;
    assert!(matches!(old, Err(StoreError::NotFound)), "{old:?}");
    let tries = (0..8).map(|_| keep(&desk, [passages::use_pass(&second)]));
    let done = futures_util::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    assert_eq!((find("id-ann").await, find("id-bob").await), (None, Some(bob)));
    keep(&desk, [passages::forget_passes_before(T0 + seconds(2))]).await.expect("forgotten");
    assert_eq!(find("id-bob").await, None);
}

async fn what_hangs_on_a_theme_goes_with_it(engine: Engine) {
    let (desk, _place) = with_theme(engine).await;
    let lost = Passage { theme_id: 9, ..passage("ann") };
    let refused = keep(&desk, [passages::issue_ticket([1; 32], &lost, "https://a.example/")]).await;
    assert!(matches!(refused, Err(StoreError::Taken)), "{refused:?}");
    keep(&desk, [passages::issue_ticket([1; 32], &passage("ann"), "https://a.example/")]).await.expect("kept");
    keep(&desk, [passages::open_gate_session([1; 32], &passage("ann"), T0)]).await.expect("opened");
    let pass = Pass { passage: passage("ann"), address: std::net::IpAddr::from([192, 0, 2, 1]) };
    keep(&desk, [passages::leave_pass(&pass)]).await.expect("kept");
    change!(desk, themes::delete(1)).expect("removed");
    assert_eq!(desk.store.find_pass(1, "id-ann").await.expect("readable"), None);
    assert_eq!(desk.store.find_ticket([1; 32]).await.expect("readable"), None);
    assert_eq!(desk.store.find_gate_session([1; 32]).await.expect("readable"), None);
}

async fn what_is_kept_changes_no_settings(engine: Engine) {
    let (desk, _place) = with_theme(engine).await;
    let version = desk.store.settings_version().await.expect("readable");
    keep(&desk, [passages::open_gate_session([1; 32], &passage("ann"), T0 + seconds(60))]).await.expect("opened");
    assert_eq!(desk.store.settings_version().await.expect("readable"), version);
    let lines = desk.store.count_audit().await.expect("readable");
    let halfway = [passages::end_gate_session([1; 32]), passages::redeem_ticket([7; 32])];
    assert!(matches!(keep(&desk, halfway).await, Err(StoreError::NotFound)));
    assert!(desk.store.find_gate_session([1; 32]).await.expect("readable").is_some(), "all or nothing");
    assert_eq!(desk.store.count_audit().await.expect("readable"), lines);
}

for_each_engine! {
    a_pass_is_used_once_and_gives_way_to_a_newer_one,
    a_ticket_is_redeemed_once,
    sessions_are_used_and_end,
    what_hangs_on_a_theme_goes_with_it,
    what_is_kept_changes_no_settings,
}
