//! Sessions of administrators, and the numbers that their first page shows.

use domain::enrollment::PinHash;
use domain::name::UserName;
use domain::time::Timestamp;
use otpost::store::admin_sessions::SessionKind::Console;
use otpost::store::admin_sessions::{
    NewSession, SessionKind, end_idle_sessions, end_oldest_sessions, end_session, end_session_by_id,
    end_sessions_before, end_sessions_of, open_session,
};
use otpost::store::admins::{self, Admin};
use otpost::store::audit::{AuditFilter, Order};
use otpost::store::overview::Overview;
use otpost::store::{Statement, StoreError};

use super::desk::{Desk, Engine, T0, ann, desk, not, seconds};

fn name(text: &str) -> UserName {
    UserName::parse(text).expect("a name")
}

async fn with_admins(engine: Engine) -> (Desk, super::desk::Place) {
    let (desk, place) = desk(engine).await;
    let admin = |text| Admin::root(name(text), PinHash::from_stored("one".to_owned()), "cli", T0);
    change!(desk, [admins::insert(&admin("Root")), admins::insert(&admin("ann"))].concat()).expect("added");
    (desk, place)
}

fn opened(token: u8, admin: &str, now: Timestamp) -> [Statement; 2] {
    let (admin, address) = (name(admin), "127.0.0.1".to_owned());
    open_session(&NewSession { token_hash: [token; 32], kind: Console, admin, address, now })
}

async fn open(desk: &Desk, tokens: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut open = Vec::new();
    for token in tokens {
        let found = desk.store.find_admin_session([token; 32], Console).await.expect("readable");
        open.extend(found.map(|_| token));
    }
    open
}

async fn a_session_is_found_until_it_is_ended(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    change!(desk, [opened(1, "root", T0), opened(2, "ROOT", T0)].concat()).expect("open");
    let found = desk.store.find_admin_session([1; 32], Console).await.expect("readable");
    let found = found.expect("there");
    assert_eq!((found.admin.name, found.kind, found.opened_at, found.last_used_at), (name("Root"), Console, T0, T0));
    let elsewhere = desk.store.find_admin_session([1; 32], SessionKind::Api).await.expect("readable");
    assert_eq!(elsewhere, None, "a token of one door opens no other");
    change!(desk, [end_session([1; 32])]).expect("ended");
    change!(desk, [end_session([1; 32])]).expect("ended twice");
    assert_eq!(open(&desk, 0..4).await, [2]);
}

async fn sessions_of_somebody_else_stay(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    change!(desk, [opened(1, "root", T0), opened(2, "ann", T0)].concat()).expect("open");
    change!(desk, [end_sessions_of(&name("root"))]).expect("ended");
    assert_eq!(open(&desk, 0..4).await, [2]);
}

async fn the_newest_sessions_and_the_young_ones_stay(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    let opened: Vec<_> = (1..=4).map(|token| opened(token, "root", T0 + seconds(u64::from(token)))).collect();
    change!(desk, opened.concat()).expect("open");
    let ended = [end_oldest_sessions(&name("root"), Console, 3), end_oldest_sessions(&name("ann"), Console, 0)];
    change!(desk, ended).expect("ended");
    change!(desk, [end_oldest_sessions(&name("root"), SessionKind::Api, 0)]).expect("ended");
    assert_eq!(open(&desk, 0..6).await, [2, 3, 4]);
    change!(desk, [end_sessions_before(T0 + seconds(3))]).expect("ended");
    assert_eq!(open(&desk, 0..6).await, [4]);
}

async fn there_is_no_session_of_nobody(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    assert!(change!(desk, opened(1, "stranger", T0)).is_err());
    change!(desk, opened(1, "ann", T0)).expect("open");
    change!(desk, [end_sessions_of(&name("ann")), admins::delete(&name("ann"))]).expect("removed");
    assert_eq!(open(&desk, [1]).await, [0_u8; 0]);
}

async fn a_password_that_was_set_anew_opens_nothing(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    let root = desk.store.find_admin(&name("root")).await.expect("readable").expect("there");
    let opening = |token| [vec![admins::must_still_have(&root)], opened(token, "root", T0).into()].concat();
    change!(desk, opening(1)).expect("open");
    let changed = Admin { password: PinHash::from_stored("two".to_owned()), ..root.clone() };
    change!(desk, [admins::update(&changed), end_sessions_of(&name("root"))]).expect("set");
    let late = change!(desk, opening(2));
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
    assert_eq!(open(&desk, 0..4).await, [0_u8; 0]);
}

async fn the_overview_counts_what_there_is_now_and_what_was_since(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let opened = desk.open(&ann()).await;
    desk.answer(&ann(), &opened.id, &not(&opened.code())).await;
    let shown = desk.store.count_overview(T0, T0 - seconds(3600)).await.expect("readable");
    let expected = Overview { open_challenges: 1, refusals: 1, ..shown };
    assert_eq!(shown, expected);
    desk.answer(&ann(), &opened.id, &opened.code()).await;
    let shown = desk.store.count_overview(T0, T0 - seconds(3600)).await.expect("readable");
    assert_eq!((shown.open_challenges, shown.acceptances, shown.lost_mails), (0, 1, 0));
    let later = desk.store.count_overview(T0 + seconds(7200), T0 + seconds(3600)).await.expect("readable");
    assert_eq!((later.acceptances, later.refusals), (0, 0));
}

async fn the_trail_is_searched_between_two_instants(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    desk.open(&ann()).await;
    let count = async |since: u64, until: u64| {
        let filter = AuditFilter {
            since: Some(T0 - seconds(since)),
            until: Some(T0 + seconds(until)),
            ..AuditFilter::default()
        };
        let found = desk.store.search_audit(&filter, Order::Newest, 0, 9).await.expect("readable").len();
        assert_eq!(desk.store.count_audit_wanted(&filter).await.expect("readable"), found as i64);
        found
    };
    assert_eq!((count(0, 1).await, count(10, 1).await, count(10, 0).await), (1, 1, 0));
}

async fn a_session_is_kept_by_its_use_and_ended_by_its_number(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    let late = T0 + seconds(60);
    change!(desk, [opened(1, "root", T0), opened(2, "ann", T0), opened(3, "ann", T0)].concat()).expect("open");
    desk.store.touch_admin_session([2; 32], late).await.expect("written");
    // One that comes late takes nothing back.
    desk.store.touch_admin_session([2; 32], T0 + seconds(30)).await.expect("written");
    let list = async || desk.store.list_admin_sessions().await.expect("readable");
    let shown: Vec<_> = list().await.into_iter().map(|one| (one.id, one.last_used_at, one.address)).collect();
    let here = || "127.0.0.1".to_owned();
    assert_eq!(shown, [(1, T0, here()), (2, late, here()), (3, T0, here())]);
    change!(desk, [end_idle_sessions(SessionKind::Api, late)]).expect("ended");
    assert_eq!(list().await.len(), 3, "those of another kind stay");
    change!(desk, [end_idle_sessions(Console, T0)]).expect("ended");
    assert_eq!(open(&desk, 0..4).await, [2]);
    change!(desk, [end_session_by_id(2)]).expect("ended");
    assert!(matches!(change!(desk, [end_session_by_id(2)]), Err(StoreError::NotFound)));
    assert_eq!(list().await, []);
}

async fn who_may_not_sign_in_has_no_session(engine: Engine) {
    let (desk, _place) = with_admins(engine).await;
    change!(desk, opened(1, "ann", T0)).expect("open");
    let ann = desk.store.find_admin(&name("ann")).await.expect("readable").expect("there");
    change!(desk, [admins::update(&Admin { is_enabled: false, ..ann.clone() })]).expect("off");
    assert_eq!(open(&desk, [1]).await, [0_u8; 0]);
    assert!(matches!(change!(desk, [admins::must_still_have(&ann)]), Err(StoreError::NotFound)));
}

for_each_engine!(
    a_session_is_kept_by_its_use_and_ended_by_its_number,
    who_may_not_sign_in_has_no_session,
    a_session_is_found_until_it_is_ended,
    sessions_of_somebody_else_stay,
    the_newest_sessions_and_the_young_ones_stay,
    there_is_no_session_of_nobody,
    a_password_that_was_set_anew_opens_nothing,
    the_overview_counts_what_there_is_now_and_what_was_since,
    the_trail_is_searched_between_two_instants,
);
