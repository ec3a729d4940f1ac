//! Who is enrolled where: one enrollment for each person and provider, listed and taken back together.

use domain::enrollment::Serial;
use domain::provider::Provider;
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::{accounts, enrolled, providers, realms};

use super::catalog::account;
use super::desk::{Desk, Engine, Place, T0, desk, serial_of};

/// Providers 1 and 2, and these people.
async fn with_people(engine: Engine, names: &[&str]) -> (Desk, Place) {
    let (desk, place) = desk(engine).await;
    let local = realms::Resolver { name: "local".to_owned(), kind: "local".to_owned() };
    change!(desk, [super::providers::standard(), realms::save_resolver(&local)]).expect("saved");
    change!(desk, providers::insert(&super::providers::named("Post"))).expect("added");
    for name in names {
        change!(desk, [accounts::insert(&account(name))]).expect("added");
    }
    (desk, place)
}

fn own(serial: &str, name: &str, provider_id: i64) -> StoredEnrollment {
    let provider = Provider { id: provider_id, ..Provider::standard() };
    let new = StoredEnrollment::new(serial_of(serial), &provider, 10, T0);
    StoredEnrollment { user_id: format!("id-{name}"), ..new }
}

async fn serials(desk: &Desk, provider_id: i64) -> Vec<String> {
    let list = desk.store.list_enrolled_at(provider_id, "", 9).await.expect("readable");
    list.iter().map(|(_, stored)| stored.enrollment.serial.as_str().to_owned()).collect()
}

async fn a_person_has_one_enrollment_at_a_provider(engine: Engine) {
    let (desk, _place) = with_people(engine, &["ann"]).await;
    change!(desk, enrolled::insert_only(&own("A1", "ann", 1))).expect("enrolled");
    refused!(desk, Stale, enrolled::insert_only(&own("A2", "ann", 1)));
    refused!(desk, NotFound, enrolled::insert_only(&own("A3", "nobody", 1)));
    change!(desk, enrolled::insert_only(&own("A4", "ann", 2))).expect("elsewhere");
    assert_eq!((serials(&desk, 1).await, serials(&desk, 2).await), (vec!["A1".to_owned()], vec!["A4".to_owned()]));
}

async fn the_enrolled_are_listed_with_their_owners_in_pages(engine: Engine) {
    let (desk, _place) = with_people(engine, &["ann", "bob", "cleo"]).await;
    for (serial, name, place) in [("C", "cleo", 1), ("A", "ann", 1), ("B", "bob", 2)] {
        change!(desk, enrolled::insert_only(&own(serial, name, place))).expect("enrolled");
    }
    change!(desk, [enrollments::insert(&StoredEnrollment { user_id: String::new(), ..own("D", "ann", 1) })])
        .expect("of nobody");
    let page = desk.store.list_enrolled_at(1, "", 1).await.expect("readable");
    assert_eq!(page, [(account("ann"), own("A", "ann", 1))]);
    let rest = desk.store.list_enrolled_at(1, "A", 9).await.expect("readable");
    assert_eq!(rest, [(account("cleo"), own("C", "cleo", 1))]);
}

async fn enrollments_are_taken_back_one_by_one_or_all(engine: Engine) {
    let (desk, _place) = with_people(engine, &["ann", "bob"]).await;
    for (serial, name, place) in [("A", "ann", 1), ("B", "bob", 1), ("C", "ann", 2)] {
        change!(desk, enrolled::insert_only(&own(serial, name, place))).expect("enrolled");
    }
    let gone = Serial::parse("A").expect("a serial");
    change!(desk, [enrolled::discard(&gone), enrolled::discard(&gone)]).expect("gone is gone");
    assert_eq!(serials(&desk, 1).await, ["B"]);
    change!(desk, providers::unenroll_all(1, T0)).expect("all of them");
    assert_eq!((serials(&desk, 1).await.len(), serials(&desk, 2).await), (0, vec!["C".to_owned()]));
}

for_each_engine! {
    a_person_has_one_enrollment_at_a_provider,
    the_enrolled_are_listed_with_their_owners_in_pages,
    enrollments_are_taken_back_one_by_one_or_all,
}
