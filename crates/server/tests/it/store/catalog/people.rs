//! Accounts: found by name, listed in pages, their parts written apart.

use super::*;

async fn an_account_comes_back_as_it_went_in(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    let bare = Account { password: None, ..account("bob") };
    change!(desk, [accounts::insert(&account("ann")), accounts::insert(&bare)]).expect("added");
    assert_eq!(desk.store.find_account("local", "ann").await.expect("readable"), Some(account("ann")));
    assert_eq!(desk.store.find_account_by_id("id-bob").await.expect("readable"), Some(bare.clone()));
    assert_eq!(desk.store.find_account("ldap", "ann").await.expect("readable"), None);
    assert_eq!(desk.store.find_account("local", "ANN").await.expect("readable"), None, "names are canonical already");
    let moved = Account { email: "b@example.net".to_owned(), name_key: "robert".to_owned(), ..bare };
    change!(desk, [accounts::update(&moved)]).expect("updated");
    assert_eq!(desk.store.find_account("local", "robert").await.expect("readable"), Some(moved));
    change!(desk, [accounts::delete("id-bob")]).expect("removed");
    assert_eq!(desk.store.find_account_by_id("id-bob").await.expect("readable"), None);
}

async fn an_account_is_found_with_all_its_enrollments_in_one_read(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, [accounts::insert(&account("ann")), accounts::insert(&account("bob"))]).expect("added");
    assert_eq!(desk.store.find_enrolled("local", "bob").await.expect("readable"), Some((account("bob"), Vec::new())));
    for serial in ["PIEM0002", "PIEM0001"] {
        super::super::enrollments::enroll(&desk, serial).await;
        let found = desk.store.find_enrollment(&serial_of(serial)).await.expect("readable").expect("enrolled");
        let owned = StoredEnrollment { user_id: "id-ann".to_owned(), ..found };
        change!(desk, [enrollments::update(&owned)]).expect("assigned");
    }
    let (found, list) = desk.store.find_enrolled("local", "ann").await.expect("readable").expect("found");
    assert_eq!((found, &list), (account("ann"), &desk.store.list_enrollments_of("id-ann").await.expect("readable")));
    assert_eq!(list.len(), 2);
    assert_eq!(desk.store.find_enrolled("ldap", "ann").await.expect("readable"), None);
}

async fn accounts_are_listed_in_pages_by_name(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    for name in ["dora", "ann", "cleo", "bob"] {
        change!(desk, [accounts::insert(&account(name))]).expect("added");
    }
    let page = async |after: &str| -> Vec<String> {
        let list = desk.store.list_accounts("local", after, 3).await.expect("readable");
        list.into_iter().map(|account| account.name_key).collect()
    };
    assert_eq!(page("").await, ["ann", "bob", "cleo"]);
    assert_eq!(page("cleo").await, ["dora"]);
    assert!(desk.store.list_accounts("ldap", "", 3).await.expect("readable").is_empty());
}

async fn account_names_are_unique_in_their_resolver(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, [accounts::insert(&account("ann"))]).expect("added");
    refused!(desk, Taken, [accounts::insert(&Account { id: "other".to_owned(), ..account("ann") })]);
    refused!(desk, Taken, [accounts::insert(&Account { name_key: "other".to_owned(), ..account("ann") })]);
    refused!(desk, Taken, [accounts::insert(&Account { resolver: "none".to_owned(), ..account("bob") })]);
    refused!(desk, NotFound, [accounts::update(&account("bob"))]);
    refused!(desk, NotFound, [accounts::delete("id-bob")]);
    let elsewhere = Account { id: "other".to_owned(), resolver: "ldap".to_owned(), ..account("ann") };
    change!(desk, [accounts::insert(&elsewhere)]).expect("another resolver, another namespace");
    refused!(desk, Taken, [accounts::update(&Account { resolver: "local".to_owned(), ..elsewhere })]);
}

async fn a_profile_and_a_password_are_written_apart(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, [accounts::insert(&account("ann"))]).expect("added");
    let profile = Account {
        given_name: "B".to_owned(),
        surname: "C".to_owned(),
        email: "d@example.org".to_owned(),
        phone: "3".to_owned(),
        mobile: "4".to_owned(),
        description: "e".to_owned(),
        ..account("ann")
    };
    let renamed = Account { name: "other".to_owned(), name_key: "other".to_owned(), password: None, ..profile.clone() };
    change!(desk, [accounts::set_profile(&renamed)]).expect("changed");
    assert_eq!(desk.store.find_account("local", "ann").await.expect("readable"), Some(profile.clone()));
    let password = PinHash::from_stored("$argon2id$z".to_owned());
    change!(desk, [accounts::set_password("id-ann", &password), accounts::must_exist("id-ann")]).expect("changed");
    let expected = Account { password: Some(password.clone()), ..profile };
    assert_eq!(desk.store.find_account("local", "ann").await.expect("readable"), Some(expected));
    refused!(desk, NotFound, [accounts::set_profile(&account("bob"))]);
    refused!(desk, NotFound, [accounts::set_password("id-bob", &password)]);
    refused!(desk, NotFound, [settings::save("kept", "no"), accounts::must_exist("id-bob")]);
    assert!(desk.store.list_settings().await.expect("readable").is_empty());
}

for_each_engine! {
    an_account_comes_back_as_it_went_in,
    an_account_is_found_with_all_its_enrollments_in_one_read,
    accounts_are_listed_in_pages_by_name,
    account_names_are_unique_in_their_resolver,
    a_profile_and_a_password_are_written_apart,
}
