//! Notices: written with the change, to everybody who must be told and nobody else, taken over by one.

use domain::address::MailAddress;
use domain::provider::Provider;
use domain::time::Timestamp;
use otpost::store::accounts::{self, Account};
use otpost::store::command::Change;
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::notices::{self, Arrival, Notice, NoticeKind};
use otpost::store::{providers, realms};

use super::catalog::account;
use super::desk::{Desk, Engine, Place, T0, at_once, desk, seconds, serial_of};

/// ann, whose record says `ann@example.org`, and bob, whose record says nothing.
async fn with_people(engine: Engine) -> (Desk, Place) {
    let (desk, place) = desk(engine).await;
    let local = realms::Resolver { name: "local".to_owned(), kind: "local".to_owned() };
    let bob = Account { email: String::new(), ..account("bob") };
    let people = [accounts::insert(&account("ann")), accounts::insert(&bob)];
    change!(desk, [super::providers::standard(), realms::save_resolver(&local)]).expect("saved");
    change!(desk, people).expect("added");
    (desk, place)
}

/// An enrollment of provider 1; without an address it is the one in the record.
fn enrollment(serial: &str, name: &str, address: Option<&str>) -> StoredEnrollment {
    let mut stored = StoredEnrollment::new(serial_of(serial), &Provider::standard(), 10, T0);
    if !name.is_empty() {
        stored.user_id = format!("id-{name}");
    }
    stored.enrollment.is_address_dynamic = address.is_none();
    stored.enrollment.address = address.and_then(|address| MailAddress::parse(address).ok());
    stored
}

/// What is written when codes of a person go there from now on.
fn tell(id: &str, name: &str, address: &str) -> [otpost::store::Statement; 3] {
    let address = MailAddress::parse(address).expect("an address");
    let (user_id, id) = (format!("id-{name}"), id.to_owned());
    notices::tell(&Arrival { id, user_id: &user_id, user_name: name, address: &address, provider_id: 1, at: T0 })
}

async fn due(desk: &Desk, now: Timestamp) -> Vec<Notice> {
    desk.store.list_due_notices(now, 99).await.expect("readable")
}

async fn told(desk: &Desk) -> Vec<(String, NoticeKind)> {
    due(desk, T0).await.into_iter().map(|notice| (notice.address.as_str().to_owned(), notice.kind)).collect()
}

async fn both_the_address_left_and_the_one_on_record_are_told(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    change!(desk, [enrollments::insert(&enrollment("A", "ann", Some("old@example.net")))]).expect("enrolled");
    let moved = [notices::leave(&serial_of("A"), T0)].into_iter().chain(tell("1", "ann", "new@example.com"));
    change!(desk, moved.collect::<Vec<_>>()).expect("changed");
    let [listed, former] = &due(&desk, T0).await[..] else { panic!("not two") };
    assert_eq!((listed.address.as_str(), listed.kind), ("ann@example.org", NoticeKind::Listed));
    assert_eq!((former.address.as_str(), former.kind), ("old@example.net", NoticeKind::Former));
    assert_eq!((former.user_name.as_str(), former.elsewhere.as_str()), ("ann", "n•••@example.com"));
    assert_eq!((former.provider_id, former.written_at, former.attempts), (1, T0, 0));
    change!(desk, tell("2", "ann", "ann@example.org")).expect("changed");
    assert_eq!(due(&desk, T0).await.len(), 2, "what was left is told once");
}

async fn nobody_is_told_of_their_own_address(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    let first = [("A", "ann", None), ("B", "bob", Some("bob@example.net"))];
    for (serial, name, address) in first {
        change!(desk, [enrollments::insert(&enrollment(serial, name, address))]).expect("enrolled");
        change!(desk, [notices::leave(&serial_of(serial), T0)]).expect("left");
    }
    change!(desk, tell("1", "ann", "ANN@example.org")).expect("told");
    change!(desk, tell("2", "bob", "bob@EXAMPLE.net")).expect("told");
    assert_eq!(told(&desk).await, []);
}

async fn an_address_that_is_left_twice_over_is_told_once(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    for (serial, address) in [("A", Some("a@example.net")), ("B", Some("b@example.net")), ("C", None), ("D", None)] {
        change!(desk, [enrollments::insert(&enrollment(serial, "ann", address))]).expect("enrolled");
    }
    change!(desk, [enrollments::insert(&enrollment("E", "", Some("nobody@example.net")))]).expect("enrolled");
    change!(desk, [notices::leave_all(1, T0)]).expect("left");
    change!(desk, providers::unenroll_all(1, T0)).expect("left");
    change!(desk, tell("1", "ann", "new@example.net")).expect("told");
    let former = |address: &str| (address.to_owned(), NoticeKind::Former);
    assert_eq!(told(&desk).await, ["a@example.net", "ann@example.org", "b@example.net"].map(former));
}

async fn a_record_that_changes_is_left_by_those_who_are_mailed_there(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    change!(desk, [enrollments::insert(&enrollment("A", "ann", None))]).expect("enrolled");
    let account = Account { email: "ann@example.com".to_owned(), ..account("ann") };
    let mut statements = vec![notices::leave_listed("id-ann", T0), accounts::set_profile(&account)];
    statements.extend(tell("1", "ann", "ann@example.com"));
    change!(desk, statements).expect("changed");
    assert_eq!(told(&desk).await, [("ann@example.org".to_owned(), NoticeKind::Former)]);
}

async fn an_address_left_long_ago_is_forgotten(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    for (serial, name) in [("A", "ann"), ("B", "bob")] {
        change!(desk, [enrollments::insert(&enrollment(serial, name, Some("old@example.net")))]).expect("enrolled");
        change!(desk, [notices::leave(&serial_of(serial), T0)]).expect("left");
    }
    change!(desk, [notices::forget("id-bob")]).expect("forgotten");
    change!(desk, tell("1", "bob", "new@example.net")).expect("told");
    assert_eq!(told(&desk).await, []);
    desk.store.purge(T0 + seconds(90 * 86_400)).await.expect("answered");
    desk.store.purge(T0 + seconds(90 * 86_400 + 1)).await.expect("answered");
    change!(desk, tell("2", "ann", "ann@example.org")).expect("told");
    assert_eq!(told(&desk).await, []);
}

async fn one_of_many_takes_a_notice_over_until_its_lease_runs_out(engine: Engine) {
    let (desk, _place) = with_people(engine).await;
    change!(desk, tell("1", "ann", "new@example.net")).expect("told");
    let [notice] = &due(&desk, T0).await[..] else { panic!("not one") };
    let claims = (0..16).map(|_| {
        let (store, notice) = (desk.store.clone(), notice.clone());
        async move { store.claim_notice(&notice, T0 + seconds(60)).await.expect("answered") }
    });
    assert_eq!(at_once(claims).await.into_iter().filter(|is_ours| *is_ours).count(), 1);
    assert_eq!(due(&desk, T0 + seconds(59)).await, []);
    let [again] = &due(&desk, T0 + seconds(60)).await[..] else { panic!("not one") };
    assert_eq!((again.attempts, again.lease_until), (1, T0 + seconds(60)));
    desk.store.put_off_notice(again, T0 + seconds(600)).await.expect("answered");
    assert_eq!(due(&desk, T0 + seconds(599)).await, []);
    let statements = vec![notices::done(again)];
    desk.store.keep(Change { statements, event: desk.event(T0) }).await.expect("kept");
    assert_eq!(due(&desk, T0 + seconds(9_999)).await, []);
}

for_each_engine! {
    both_the_address_left_and_the_one_on_record_are_told,
    nobody_is_told_of_their_own_address,
    an_address_that_is_left_twice_over_is_told_once,
    a_record_that_changes_is_left_by_those_who_are_mailed_there,
    an_address_left_long_ago_is_forgotten,
    one_of_many_takes_a_notice_over_until_its_lease_runs_out,
}
