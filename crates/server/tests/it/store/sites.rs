//! Sites, and what the numbers of things hang on.

use domain::enrollment::PinHash;
use domain::name::UserName;
use otpost::store::StoreError;
use otpost::store::admins::{self, Admin, Trace};
use otpost::store::sites::{self, FIRST, Site};

use super::desk::{Engine, T0, desk, seconds};

fn site(name: &str) -> Site {
    Site { id: 0, name: name.to_owned(), description: "a note".to_owned(), trace: Trace::new("ann", T0) }
}

async fn sites_are_added_changed_and_removed(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let list = async || desk.store.list_sites().await.expect("readable");
    assert_eq!(list().await.iter().map(|site| site.id).collect::<Vec<_>>(), [FIRST]);
    change!(desk, sites::insert(&site("Berlin"))).expect("added");
    let added = list().await.remove(1);
    assert_eq!(added, Site { id: 2, ..site("Berlin") });
    for taken in ["BERLIN", "ｂｅｒｌｉｎ", "default"] {
        let refused = change!(desk, sites::insert(&site(taken)));
        assert!(matches!(refused, Err(StoreError::Taken)), "{taken}: {refused:?}");
    }
    let changed = Site { name: "Paris".to_owned(), trace: added.trace.changed("bob", T0 + seconds(1)), ..added };
    change!(desk, [sites::update(&changed)]).expect("changed");
    let there = list().await.remove(1);
    assert_eq!((there.name.as_str(), there.trace.changed_by.as_str(), there.trace.version), ("Paris", "bob", 2));
    assert_eq!((there.trace.created_by.as_str(), there.trace.created_at), ("ann", T0));
    // Made to a state that is no more.
    assert!(matches!(change!(desk, [sites::update(&changed)]), Err(StoreError::NotFound)));
    change!(desk, [sites::delete(2)]).expect("removed");
    assert!(matches!(change!(desk, [sites::delete(2)]), Err(StoreError::NotFound)));
    change!(desk, sites::insert(&site("Rome"))).expect("added");
    assert_eq!(list().await[1].id, 3, "no number comes twice");
}

async fn a_site_that_something_refers_to_stays(engine: Engine) {
    let (desk, place) = desk(engine).await;
    change!(desk, sites::insert(&site("Berlin"))).expect("added");
    place.execute("CREATE TABLE user_of_site (site_id BIGINT REFERENCES site (id))").await;
    place.execute("INSERT INTO user_of_site VALUES (2)").await;
    assert!(matches!(change!(desk, [sites::delete(2)]), Err(StoreError::Taken)));
}

async fn a_change_that_leaves_no_root_is_undone(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    let root = |name| Admin::root(UserName::parse(name).expect("a name"), PinHash::from_stored("x".to_owned()), "", T0);
    change!(desk, [admins::insert(&root("one")), admins::insert(&root("two"))].concat()).expect("added");
    let switch = |admin: &Admin| {
        let off = Admin { is_enabled: false, ..admin.clone() };
        assert!(admin.is_acting_root() && !off.is_acting_root());
        [admins::lock(), admins::update(&off), admins::root_must_remain()]
    };
    for round in 0..25 {
        let both = desk.store.list_admins().await.expect("readable");
        let [one, two] = both.as_slice() else { panic!("two") };
        // Both at once: whoever comes second finds that the other is off.
        let (first, second) = tokio::join!(async { change!(desk, switch(one)) }, async { change!(desk, switch(two)) });
        assert_eq!([&first, &second].iter().filter(|done| done.is_ok()).count(), 1, "{round}: {first:?} {second:?}");
        let left = desk.store.list_admins().await.expect("readable");
        let off: Vec<_> = left.iter().filter(|admin| !admin.is_acting_root()).collect();
        assert_eq!(off.len(), 1);
        change!(desk, [admins::update(&Admin { is_enabled: true, ..off[0].clone() })]).expect("on again");
    }
}

for_each_engine!(
    sites_are_added_changed_and_removed,
    a_site_that_something_refers_to_stays,
    a_change_that_leaves_no_root_is_undone,
);
