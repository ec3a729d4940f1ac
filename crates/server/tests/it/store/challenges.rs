//! Reading and removing challenges.

use domain::challenge::{ChallengeId, Purpose, State};
use otpost::store::challenges::OpenCode;
use otpost::store::command::MailJob;
use otpost::store::{challenges, enrollments};

use super::desk::{Ask, Engine, Opened, T0, ann, desk, seconds, serial_of, subject};

async fn open_ids_are_listed_newest_first(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, ..ann() };
    let mut ids = Vec::new();
    for second in 0..4 {
        ids.insert(0, desk.open(&beside.at(T0 + seconds(second))).await.id);
    }
    let list = async |group, at, limit| desk.store.list_open_ids(subject(1), group, at, limit).await.expect("readable");
    let now = T0 + seconds(4);
    assert_eq!(list("gateway", now, 9).await, ids);
    assert_eq!(list("gateway", now, 2).await, ids[..2]);
    assert_eq!(list("portal", now, 9).await, []);
    assert_eq!(list("gateway", T0 + seconds(121), 9).await, ids[..2], "two have expired");
    assert_eq!(list("gateway", T0 + seconds(123), 9).await, []);
    assert_eq!(desk.store.list_open_ids(subject(2), "gateway", now, 9).await.expect("readable"), []);
    change!(desk, [enrollments::cancel_challenges(&serial_of("PIEM0001"))]).expect("cancelled");
    assert_eq!(list("gateway", now, 9).await, []);
}

async fn the_codes_of_open_sign_ins_follow_from_what_is_listed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let beside = Ask { is_concurrent: true, serials: vec!["PIEM0001", "PIEM0002"], ..ann() };
    let first = desk.open(&beside).await;
    let second = desk.open(&beside.at(T0 + seconds(1))).await;
    desk.open(&Ask { purpose: Purpose::Enroll, ..beside.at(T0 + seconds(2)) }).await;
    desk.open(&Ask { group: "portal", ..beside.clone() }).await;
    let list = async |named: Option<&ChallengeId>, at, limit| {
        desk.store.list_open_codes((subject(1), "gateway"), named, at, limit).await.expect("readable")
    };
    let now = T0 + seconds(3);
    let expected = |opened: &Opened| -> Vec<OpenCode> {
        let open = |mail: &MailJob| OpenCode { key: mail.key.clone(), length: mail.code_length, nonce: mail.nonce };
        opened.mails.iter().map(open).collect()
    };
    let both = [expected(&second), expected(&first)].concat();
    assert_eq!(both.len(), 4);
    assert_eq!(list(None, now, 9).await, both);
    assert_eq!(list(None, now, 1).await, expected(&second), "all parts of a challenge, or none");
    assert_eq!(list(Some(&first.id), now, 1).await, expected(&first));
    assert_eq!(list(Some(&desk.begin(&ann()).id), now, 9).await, []);
    assert_eq!(list(None, T0 + seconds(120), 9).await, expected(&second), "one has expired");
    desk.answer(&beside.at(now), &second.id, &second.code()).await;
    assert_eq!(list(None, now, 9).await, expected(&first), "one is used");
}

async fn only_decoys_are_found_as_decoys(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let real = desk.open(&ann()).await;
    let decoy = desk.open(&Ask { subject: subject(2), is_real: false, ..ann() }).await;
    assert_eq!(desk.store.find_decoy(&decoy.id).await.expect("readable"), Some(subject(2)));
    assert_eq!(desk.store.find_decoy(&real.id).await.expect("readable"), None);
    assert_eq!(desk.store.find_decoy(&desk.begin(&ann()).id).await.expect("readable"), None);
}

async fn challenges_are_listed_in_pages_oldest_first(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut ids = Vec::new();
    for second in 0..5 {
        let ask = Ask { subject: subject(second), ..ann() };
        ids.push(desk.open(&ask.at(T0 + seconds(second))).await.id);
    }
    let page = async |after: &str| -> Vec<ChallengeId> {
        desk.store.list_challenges(after, 3).await.expect("readable").into_iter().map(|shown| shown.id).collect()
    };
    assert_eq!(page("").await, ids[..3]);
    assert_eq!(page(ids[2].as_str()).await, ids[3..]);
    assert_eq!(desk.store.find_challenge(&desk.begin(&ann()).id).await.expect("readable"), []);
}

async fn an_enrollments_challenges_are_listed_newest_first(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let mut ids = Vec::new();
    for (second, serial) in (0..).zip(["A", "B", "A", "A"]) {
        let ask = Ask { subject: subject(second), serials: vec![serial], ..ann() };
        ids.insert(0, desk.open(&ask.at(T0 + seconds(second))).await.id);
    }
    desk.open(&Ask { subject: subject(9), is_real: false, serials: vec!["A"], ..ann() }).await;
    let list = async |serial, skip, limit| -> Vec<ChallengeId> {
        let shown = desk.store.list_newest_challenges(serial, skip, limit).await.expect("readable");
        shown.into_iter().map(|shown| shown.id).collect()
    };
    assert_eq!(list("", 0, 9).await, ids, "decoys are hidden");
    assert_eq!(list("", 1, 2).await, ids[1..3]);
    assert_eq!(list("A", 0, 9).await, [ids[0].clone(), ids[1].clone(), ids[3].clone()]);
    let count = async |serial| desk.store.count_challenges(serial).await.expect("readable");
    assert_eq!((count("").await, count("A").await, count("B").await, count("C").await), (4, 3, 1, 0));
}

async fn an_accounts_challenges_are_called_off_together(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let first = desk.open(&ann()).await.id;
    let second = desk.open(&Ask { group: "portal", ..ann() }).await.id;
    let other = desk.open(&Ask { subject: subject(2), ..ann() }).await.id;
    change!(desk, [challenges::cancel_of(subject(1))]).expect("cancelled");
    let state = async |id| desk.store.find_challenge(id).await.expect("readable")[0].state;
    assert_eq!(
        [state(&first).await, state(&second).await, state(&other).await],
        [State::Cancelled, State::Cancelled, State::Open]
    );
}

async fn expired_challenges_can_be_removed_at_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let old = desk.open(&ann()).await.id;
    let young = desk.open(&Ask { subject: subject(2), ..ann().at(T0 + seconds(1)) }).await.id;
    let expired = async |after| desk.store.count_expired(T0 + seconds(after)).await.expect("readable");
    assert_eq!((expired(119).await, expired(120).await, expired(121).await), (0, 1, 2));
    change!(desk, [challenges::delete_expired(T0 + seconds(120))]).expect("removed");
    assert_eq!(desk.store.find_challenge(&old).await.expect("readable"), []);
    assert_eq!(desk.store.find_challenge(&young).await.expect("readable").len(), 1);
}

for_each_engine! {
    only_decoys_are_found_as_decoys,
    open_ids_are_listed_newest_first,
    the_codes_of_open_sign_ins_follow_from_what_is_listed,
    challenges_are_listed_in_pages_oldest_first,
    an_enrollments_challenges_are_listed_newest_first,
    an_accounts_challenges_are_called_off_together,
    expired_challenges_can_be_removed_at_once,
}
