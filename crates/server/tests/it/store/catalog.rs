//! What administrators own: users, realms, relays, settings, providers, administrators, keys.

use domain::enrollment::{PinHash, Serial};
use domain::name::{RealmName, UserName};
use domain::provider::{FirstFactor, Provider};
use otpost::store::accounts::{self, Account};
use otpost::store::admins::{self, Admin};
use otpost::store::api_keys::{self, StoredApiKey};
use otpost::store::enrolled;
use otpost::store::enrollments::{self, StoredEnrollment};
use otpost::store::realms::{self, Realm, Resolver};
use otpost::store::relays::{self, StoredRelay};
use otpost::store::{instance, settings};

use super::desk::{Desk, Engine, T0, desk, seconds, serial_of};

mod people;

pub(super) fn account(name: &str) -> Account {
    Account {
        id: format!("id-{name}"),
        resolver: "local".to_owned(),
        name: name.to_uppercase(),
        name_key: name.to_owned(),
        given_name: "Ann".to_owned(),
        surname: "Ünal".to_owned(),
        email: format!("{name}@example.org"),
        phone: "+1".to_owned(),
        mobile: "+2".to_owned(),
        description: "line one\nline two".to_owned(),
        password: Some(PinHash::from_stored("$argon2id$y".to_owned())),
        provider_id: None,
        created_at: T0,
    }
}

fn resolver(name: &str) -> Resolver {
    Resolver { name: name.to_owned(), kind: "local".to_owned() }
}

fn realm(name: &str, resolvers: &[&str]) -> Realm {
    Realm {
        name: RealmName::parse(name).expect("a name"),
        is_default: false,
        first_factor: None,
        resolvers: resolvers.iter().map(|name| (*name).to_owned()).collect(),
    }
}

async fn with_resolvers(engine: Engine) -> (Desk, super::desk::Place) {
    let (desk, place) = desk(engine).await;
    let statements = ["local", "ldap"].map(|name| realms::save_resolver(&resolver(name)));
    change!(desk, statements).expect("saved");
    (desk, place)
}

async fn realms_keep_their_resolvers_in_order(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    let first =
        Realm { first_factor: Some(FirstFactor::UserStore), is_default: true, ..realm("corp", &["local", "ldap"]) };
    let second = realm("branch", &["ldap"]);
    change!(desk, realms::save_realm(&first)).expect("saved");
    change!(desk, realms::save_realm(&second)).expect("saved");
    assert_eq!(desk.store.list_realms().await.expect("readable"), [second.clone(), first.clone()]);
    let turned = realm("corp", &["ldap", "local"]);
    change!(desk, realms::save_realm(&turned)).expect("saved");
    assert_eq!(desk.store.list_realms().await.expect("readable"), [second, turned]);
}

async fn one_realm_is_the_default_at_most(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    let defaults = async || -> Vec<String> {
        let realms = desk.store.list_realms().await.expect("readable").into_iter();
        realms.filter(|realm| realm.is_default).map(|realm| realm.name.as_str().to_owned()).collect()
    };
    for name in ["corp", "branch"] {
        change!(desk, realms::save_realm(&Realm { is_default: true, ..realm(name, &[]) })).expect("saved");
        assert_eq!(defaults().await, [name]);
    }
    change!(desk, [realms::clear_default()]).expect("cleared");
    assert!(defaults().await.is_empty());
    change!(desk, [realms::clear_default()]).expect("nothing to clear is fine");
}

async fn a_resolver_in_use_stays(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, realms::save_realm(&realm("corp", &["ldap"]))).expect("saved");
    change!(desk, [accounts::insert(&account("ann"))]).expect("added");
    refused!(desk, Taken, [realms::delete_resolver("ldap")]);
    refused!(desk, Taken, [realms::delete_resolver("local")]);
    refused!(desk, Taken, realms::save_realm(&realm("corp", &["unknown"])));
    assert_eq!(
        desk.store.list_realms().await.expect("readable"),
        [realm("corp", &["ldap"])],
        "members are still there"
    );
    let name = RealmName::parse("corp").expect("a name");
    change!(desk, realms::delete_realm(&name)).expect("removed");
    refused!(desk, NotFound, realms::delete_realm(&name));
    change!(desk, [realms::delete_resolver("ldap")]).expect("free now");
    refused!(desk, NotFound, [realms::delete_resolver("ldap")]);
    let kind = Resolver { kind: "directory".to_owned(), ..resolver("local") };
    change!(desk, [realms::save_resolver(&kind)]).expect("written back");
    assert_eq!(desk.store.list_resolvers().await.expect("readable"), [kind]);
}

fn relay(name: &str, position: i64) -> StoredRelay {
    StoredRelay {
        name: name.to_owned(),
        host: "mail.example.org".to_owned(),
        port: 65_535,
        security: "starttls".to_owned(),
        user_name: "otp".to_owned(),
        sealed_password: Some(vec![0, 1, 255]),
        mechanism: "plain".to_owned(),
        sender: "otp@example.org".to_owned(),
        timeout_seconds: 15,
        ca_file: "ca.pem".to_owned(),
        allow_plaintext: false,
        description: "the big one".to_owned(),
        position,
    }
}

async fn relays_are_listed_in_order_of_fallback(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let open = StoredRelay { sealed_password: None, allow_plaintext: true, ..relay("a", 2) };
    change!(desk, [relays::save(&open), relays::save(&relay("b", 1))]).expect("saved");
    assert_eq!(desk.store.list_relays().await.expect("readable"), [relay("b", 1), open.clone()]);
    change!(desk, [relays::save(&relay("a", 0))]).expect("written back");
    assert_eq!(desk.store.list_relays().await.expect("readable"), [relay("a", 0), relay("b", 1)]);
    change!(desk, [relays::delete("a")]).expect("removed");
    refused!(desk, NotFound, [relays::delete("a")]);
    assert_eq!(desk.store.list_relays().await.expect("readable"), [relay("b", 1)]);
}

async fn settings_are_set_replaced_and_removed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [settings::save("b", "1"), settings::save("a", ""), settings::save("b", "2")]).expect("saved");
    let all = async |desk: &Desk| desk.store.list_settings().await.expect("readable");
    assert_eq!(all(&desk).await, [("a".to_owned(), String::new()), ("b".to_owned(), "2".to_owned())]);
    change!(desk, [settings::delete("a")]).expect("removed");
    refused!(desk, NotFound, [settings::delete("a")]);
    assert_eq!(all(&desk).await.len(), 1);
}

async fn the_first_enrollment_of_a_person_is_the_first(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, [super::providers::standard()]).expect("saved");
    change!(desk, [accounts::insert(&account("ann"))]).expect("added");
    let own = |serial: &str, user_id: &str| {
        let serial = Serial::parse(serial).expect("a serial");
        let new = StoredEnrollment::new(serial, &Provider::standard(), 10, T0);
        StoredEnrollment { user_id: user_id.to_owned(), ..new }
    };
    change!(desk, enrolled::insert_first(&own("FIRST", "id-ann"))).expect("enrolled");
    refused!(desk, NotFound, enrolled::insert_first(&own("SECOND", "id-ann")));
    refused!(desk, NotFound, enrolled::insert_first(&own("THIRD", "id-nobody")));
    let listed = desk.store.list_enrollments("", 9).await.expect("readable");
    assert_eq!(listed, [own("FIRST", "id-ann")]);
}

async fn a_user_is_given_a_provider(engine: Engine) {
    let (desk, _place) = with_resolvers(engine).await;
    change!(desk, [super::providers::standard()]).expect("saved");
    change!(desk, [accounts::insert(&account("ann"))]).expect("added");
    for provider_id in [Some(1), None] {
        change!(desk, [accounts::set_provider("id-ann", provider_id)]).expect("set");
        let ann = desk.store.find_account_by_id("id-ann").await.expect("readable").expect("there");
        assert_eq!(ann.provider_id, provider_id);
    }
    refused!(desk, NotFound, [accounts::set_provider("id-nobody", None)]);
}

async fn administrators_are_added_changed_and_removed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let name = |text: &str| UserName::parse(text).expect("a name");
    let hash = |text: &str| PinHash::from_stored(text.to_owned());
    let root = Admin { id: 1, ..Admin::root(name("Root"), hash("one"), "cli", T0) };
    let ann = Admin { id: 2, ..Admin::root(name("ann"), hash("two"), "cli", T0) };
    change!(desk, [admins::insert(&root), admins::insert(&ann)].concat()).expect("added");
    assert_eq!(desk.store.find_admin(&name("ROOT")).await.expect("readable"), Some(root.clone()));
    assert_eq!(desk.store.list_admins().await.expect("readable"), [ann, root.clone()]);
    refused!(desk, Taken, admins::insert(&Admin { name: name("rOOT"), ..root.clone() }));
    let changed = Admin { password: hash("new"), email: "root@example.org".to_owned(), ..root.clone() };
    change!(desk, [admins::update(&changed)]).expect("written");
    let found = desk.store.find_admin_by_id(1).await.expect("readable").expect("there");
    assert_eq!((found.password, found.email.as_str(), found.trace.version), (hash("new"), "root@example.org", 2));
    // Made to a state that is no more.
    refused!(desk, NotFound, [admins::update(&changed)]);
    change!(desk, [admins::delete(&name("root"))]).expect("removed");
    change!(desk, admins::insert(&Admin { name: name("eve"), ..root })).expect("added");
    let ids: Vec<_> = desk.store.list_admins().await.expect("readable").into_iter().map(|admin| admin.id).collect();
    assert_eq!(ids, [2, 3]);
    refused!(desk, NotFound, [admins::delete(&name("root"))]);
    assert_eq!(desk.store.find_admin(&name("root")).await.expect("readable"), None);
}

async fn a_key_is_revoked_once_and_for_good(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let key = StoredApiKey {
        id: "abc".to_owned(),
        name: "gateway".to_owned(),
        secret_hash: [9; 32],
        scopes: "validate".to_owned(),
        networks: "192.0.2.0/24".to_owned(),
        client_group: "gateway".to_owned(),
        created_at: T0,
        expires_at: Some(T0 + seconds(60)),
        revoked_at: None,
    };
    let younger = StoredApiKey { id: "aaa".to_owned(), created_at: T0 + seconds(1), expires_at: None, ..key.clone() };
    change!(desk, [api_keys::insert(&younger), api_keys::insert(&key)]).expect("added");
    assert_eq!(desk.store.list_api_keys().await.expect("readable"), [key.clone(), younger.clone()]);
    refused!(desk, Taken, [api_keys::insert(&key)]);
    change!(desk, [api_keys::revoke("abc", T0 + seconds(5))]).expect("revoked");
    refused!(desk, NotFound, [api_keys::revoke("abc", T0 + seconds(9))]);
    refused!(desk, NotFound, [api_keys::revoke("none", T0)]);
    let revoked = StoredApiKey { revoked_at: Some(T0 + seconds(5)), ..key };
    assert_eq!(desk.store.list_api_keys().await.expect("readable"), [revoked, younger]);
}

async fn the_sealed_constant_of_the_key_is_remembered(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    assert_eq!(desk.store.find_key_check().await.expect("readable"), None);
    for sealed in [vec![1, 2], vec![3]] {
        change!(desk, [instance::save_key_check(sealed.clone())]).expect("saved");
        assert_eq!(desk.store.find_key_check().await.expect("readable"), Some(sealed));
    }
}

for_each_engine! {
    realms_keep_their_resolvers_in_order,
    one_realm_is_the_default_at_most,
    a_resolver_in_use_stays,
    relays_are_listed_in_order_of_fallback,
    settings_are_set_replaced_and_removed,
    the_first_enrollment_of_a_person_is_the_first,
    a_user_is_given_a_provider,
    administrators_are_added_changed_and_removed,
    a_key_is_revoked_once_and_for_good,
    the_sealed_constant_of_the_key_is_remembered,
}
