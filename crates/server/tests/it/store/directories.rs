//! Directories, and the accounts that are kept of their people.

use std::collections::BTreeMap;

use otpost::store::accounts::{self, Account};
use otpost::store::directories::{self, StoredDirectory};
use otpost::store::realms::{self, Resolver};

use super::catalog::account;
use super::desk::{Engine, desk, serial_of};

fn directory(resolver: &str) -> StoredDirectory {
    StoredDirectory {
        resolver: resolver.to_owned(),
        data: BTreeMap::from([("LDAPBASE".to_owned(), "dc=ünal, \"quoted\"".to_owned())]),
        sealed_password: Some(vec![0, 255]),
        sealed_write_password: None,
    }
}

fn resolver(name: &str) -> Resolver {
    Resolver { name: name.to_owned(), kind: "ldap".to_owned() }
}

/// Somebody in the directory `corp`.
fn listed(id: &str, name: &str) -> Account {
    Account { id: format!("corp/{id}"), resolver: "corp".to_owned(), password: None, ..account(name) }
}

async fn directories_are_set_replaced_and_removed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    refused!(desk, Taken, [directories::save(&directory("corp"))]);
    change!(desk, [realms::save_resolver(&resolver("corp")), directories::save(&directory("corp"))]).expect("saved");
    assert_eq!(desk.store.list_directories().await.expect("readable"), [directory("corp")]);
    let other = StoredDirectory { sealed_password: None, sealed_write_password: Some(vec![1]), ..directory("corp") };
    change!(desk, [directories::save(&other)]).expect("written back");
    assert_eq!(desk.store.list_directories().await.expect("readable"), [other]);
    refused!(desk, Taken, [realms::delete_resolver("corp")]);
    change!(desk, [directories::delete("corp"), realms::delete_resolver("corp")]).expect("removed");
    assert_eq!(desk.store.list_directories().await.expect("readable"), []);
}

async fn a_new_person_under_an_old_name_is_somebody_else(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [realms::save_resolver(&resolver("corp"))]).expect("saved");
    let (old, new) = (listed("1", "ann"), listed("2", "ann"));
    assert!(old.is_in_directory() && !account("ann").is_in_directory());
    change!(desk, old.hold()).expect("kept");
    change!(desk, new.hold()).expect("kept beside the one who had the name");
    assert_eq!(desk.store.find_account("corp", "ann").await.expect("readable"), Some(new));
    let without_name = Account { name_key: old.id.clone(), ..old.clone() };
    assert_eq!(desk.store.find_account_by_id("corp/1").await.expect("readable"), Some(without_name));
    // Married meanwhile.
    let renamed = Account { name: "ANNA".to_owned(), name_key: "anna".to_owned(), surname: "Other".to_owned(), ..old };
    change!(desk, accounts::adopt(&renamed)).expect("kept");
    assert_eq!(desk.store.find_account("corp", "anna").await.expect("readable"), Some(renamed));
}

async fn an_address_fills_a_gap_and_nothing_else(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [realms::save_resolver(&Resolver { kind: "local".to_owned(), ..resolver("local") })]).expect("saved");
    change!(desk, [accounts::insert(&Account { email: String::new(), ..account("ann") })]).expect("added");
    change!(desk, [accounts::fill_email("id-ann", "ann@example.net")]).expect("filled");
    refused!(desk, NotFound, [accounts::fill_email("id-ann", "other@example.net")]);
    let found = desk.store.find_account("local", "ann").await.expect("readable").expect("there");
    assert_eq!(found.email, "ann@example.net");
}

async fn people_to_whom_nothing_belongs_are_forgotten(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [realms::save_resolver(&resolver("corp"))]).expect("saved");
    change!(desk, [listed("1", "ann").hold(), listed("2", "bob").hold()].concat()).expect("kept");
    super::enrollments::enroll(&desk, "PIEM0001").await;
    let found = desk.store.find_enrollment(&serial_of("PIEM0001")).await.expect("readable").expect("enrolled");
    let owned = otpost::store::enrollments::StoredEnrollment { user_id: "corp/1".to_owned(), ..found };
    change!(desk, [otpost::store::enrollments::update(&owned)]).expect("assigned");
    refused!(desk, Taken, [accounts::forget_unenrolled("corp"), realms::delete_resolver("corp")]);
    change!(desk, [accounts::forget_unenrolled("corp")]).expect("forgotten");
    let left = desk.store.list_accounts("corp", "", 9).await.expect("readable");
    assert_eq!(left.iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), ["corp/1"]);
}

for_each_engine! {
    a_new_person_under_an_old_name_is_somebody_else,
    an_address_fills_a_gap_and_nothing_else,
    directories_are_set_replaced_and_removed,
    people_to_whom_nothing_belongs_are_forgotten,
}
