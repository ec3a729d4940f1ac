//! Providers: kept whole, numbered once, never written over unseen, removed with what is theirs.

use domain::challenge::State;
use domain::code::CodeLength;
use domain::decide::ExternalAddress;
use domain::provider::{
    AttributeName, Content, Description, DisplayName, ExternalStorage, FirstFactor, Lifetime, Prompt, Provider,
    ProviderName, ShowInformation, Subject, UserEnrollment,
};
use otpost::store::command::Change;
use otpost::store::providers::{self, ProviderUse, StoredProvider};
use otpost::store::{Statement, StoreError, accounts, enrollments, realms};

use super::criteria::full_criteria;
use super::desk::{Engine, Place, T0, ann, at_once, desk, seconds, serial_of};

/// The provider that every installation has.
pub(super) fn standard() -> Statement {
    providers::insert_first(&StoredProvider::new(Provider::standard(), "test", T0))
}

pub(super) fn named(name: &str) -> StoredProvider {
    let name = ProviderName::parse(name).expect("a name");
    StoredProvider::new(Provider { name, ..Provider::blank(1) }, "test", T0)
}

fn full() -> Provider {
    Provider {
        id: 7,
        site_id: 3,
        name: ProviderName::parse("Mail").expect("a name"),
        description: Description::parse("two\nlines").expect("a text"),
        code_length: CodeLength::from_digits(20).expect("a length"),
        lifetime: Lifetime::from_seconds(240).expect("a lifetime"),
        subject: Subject::parse("%OTP%").expect("a subject"),
        content: Content::parse("a\r\n\tb ü").expect("a content"),
        prompt: Prompt::parse("").expect("a prompt"),
        concurrent_challenges: true,
        first_factor: FirstFactor::None,
        display_name: DisplayName::parse("Codes by post").expect("a name"),
        is_enabled: false,
        user_enrollment: UserEnrollment::AllowUntil(T0),
        kept_until: None,
        show_information: ShowInformation::IfEnrollmentIsAllowed,
        external_address: ExternalAddress::Allowed,
        external_storage: ExternalStorage::CustomAttribute,
        custom_attribute: AttributeName::parse("extensionAttribute7").ok(),
        inherits_criteria: false,
        criteria: full_criteria(),
    }
}

/// Sites 2 and 3, beside the first one.
pub(super) async fn add_sites(place: &Place) {
    for id in [2, 3] {
        let values = format!("({id}, 's{id}', 's{id}', '', '', 0, '', 0, 1)");
        place.execute(&format!("INSERT INTO site VALUES {values}")).await;
    }
}

async fn a_provider_comes_back_as_it_went_in(engine: Engine) {
    let (desk, place) = desk(engine).await;
    add_sites(&place).await;
    let mine = StoredProvider::new(full(), "ann", T0);
    change!(desk, [standard(), providers::insert_first(&mine)]).expect("saved");
    assert_eq!(desk.store.find_provider(7).await.expect("readable"), Some(mine.clone()));
    assert_eq!(desk.store.find_provider(8).await.expect("readable"), None);
    let ids: Vec<_> = desk.store.list_providers().await.expect("readable").iter().map(|one| one.provider.id).collect();
    assert_eq!(ids, [1, 7]);
    let name = ProviderName::parse("MAIL").expect("a name");
    assert_eq!(desk.store.find_provider_named(3, &name).await.expect("readable"), Some(mine.clone()));
    assert_eq!(desk.store.find_provider_named(1, &name).await.expect("readable"), None);
    let kept = Provider { user_enrollment: UserEnrollment::Allow, kept_until: Some(T0), ..full() };
    let changed = mine.changed(kept, "bob", T0 + seconds(1));
    change!(desk, [providers::update(&changed)]).expect("written back");
    let mut now = changed;
    now.trace.version += 1;
    assert_eq!(desk.store.find_provider(7).await.expect("readable"), Some(now));
}

async fn whoever_was_slower_changes_nothing(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    let read = desk.store.find_provider(1).await.expect("readable").expect("there");
    let changed = |prompt| {
        let prompt = Prompt::parse(prompt).expect("a prompt");
        read.changed(Provider { prompt, ..read.provider.clone() }, "ann", T0)
    };
    change!(desk, [providers::update(&changed("first"))]).expect("changed");
    refused!(desk, Stale, [providers::update(&changed("second"))]);
    let now = desk.store.find_provider(1).await.expect("readable").expect("there");
    assert_eq!((now.provider.prompt.as_str(), now.trace.version), ("first", 2));
    refused!(desk, Stale, [providers::update(&StoredProvider { provider: full(), ..read })]);
}

async fn two_who_add_at_once_get_two_numbers_and_one_name(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    let add = |stored: StoredProvider| {
        let (store, event) = (desk.store.clone(), desk.event(T0));
        async move { store.change(Change { statements: Vec::from(providers::insert(&stored)), event }).await }
    };
    let names = ["a", "b", "c", "d", "e", "f"];
    let done = at_once(names.map(|name| add(named(name)))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let mut ids: Vec<_> =
        desk.store.list_providers().await.expect("readable").iter().map(|one| one.provider.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    let same = at_once(["Post", "post", "POST"].map(|name| add(named(name)))).await;
    let refused = same.iter().filter(|one| matches!(one, Err(StoreError::Taken))).count();
    assert_eq!((same.iter().filter(|one| one.is_ok()).count(), refused), (1, 2), "{same:?}");
}

async fn a_number_is_given_once(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    for (name, id) in [("a", 2), ("b", 3), ("c", 4)] {
        change!(desk, providers::insert(&named(name))).expect("added");
        let found = desk.store.find_provider(id).await.expect("readable").expect("there");
        assert_eq!(found.provider.name.as_str(), name);
        change!(desk, providers::delete(id, T0)).expect("removed");
    }
    refused!(desk, NotFound, providers::delete(4, T0));
}

async fn names_are_unique_in_their_site(engine: Engine) {
    let (desk, place) = desk(engine).await;
    add_sites(&place).await;
    change!(desk, [standard()]).expect("saved");
    change!(desk, providers::insert(&named("Post"))).expect("added");
    refused!(desk, Taken, providers::insert(&named("pOST")));
    let elsewhere = StoredProvider { provider: Provider { site_id: 2, ..named("Post").provider }, ..named("Post") };
    change!(desk, providers::insert(&elsewhere)).expect("another site");
    let nowhere = StoredProvider { provider: Provider { site_id: 9, ..named("Post").provider }, ..named("Post") };
    refused!(desk, Taken, providers::insert(&nowhere));
    let first = desk.store.find_provider(1).await.expect("readable").expect("there");
    let renamed = first.changed(Provider { name: named("POST").provider.name, ..first.provider.clone() }, "ann", T0);
    refused!(desk, Taken, [providers::update(&renamed)]);
}

async fn a_provider_goes_with_its_enrollments_and_their_challenges(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    super::enrollments::enroll(&desk, "PIEM0001").await;
    change!(desk, providers::insert(&named("Post"))).expect("added");
    let found = desk.store.find_enrollment(&serial_of("PIEM0001")).await.expect("readable").expect("enrolled");
    let mut moved = found.clone();
    moved.enrollment.provider_id = 2;
    change!(desk, [enrollments::update(&moved)]).expect("moved");
    let opened = desk.open(&ann()).await;
    let hanging = ProviderUse { accounts: 0, enrollments: 1, challenges: 1 };
    assert_eq!(desk.store.count_provider_use(2).await.expect("readable"), hanging);
    change!(desk, providers::delete(2, T0)).expect("removed");
    assert!(desk.store.list_enrollments("", 9).await.expect("readable").is_empty());
    let rows = desk.store.find_challenge(&opened.id).await.expect("readable");
    assert!(rows.iter().all(|row| row.state == State::Cancelled), "{rows:?}");
    let nothing = ProviderUse { accounts: 0, enrollments: 0, challenges: 0 };
    assert_eq!(desk.store.count_provider_use(2).await.expect("readable"), nothing);
}

async fn a_provider_that_is_to_serve_somebody_stays(engine: Engine) {
    let (desk, _place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    change!(desk, providers::insert(&named("Post"))).expect("added");
    let local = realms::Resolver { name: "local".to_owned(), kind: "local".to_owned() };
    let account = super::catalog::account("ann");
    change!(desk, [realms::save_resolver(&local), accounts::insert(&account)]).expect("added");
    change!(desk, [accounts::set_provider(&account.id, Some(2))]).expect("set");
    refused!(desk, Taken, providers::delete(2, T0));
    assert_eq!(desk.store.count_provider_use(2).await.expect("readable").accounts, 1);
}

for_each_engine! {
    a_provider_comes_back_as_it_went_in,
    whoever_was_slower_changes_nothing,
    two_who_add_at_once_get_two_numbers_and_one_name,
    a_number_is_given_once,
    names_are_unique_in_their_site,
    a_provider_goes_with_its_enrollments_and_their_challenges,
    a_provider_that_is_to_serve_somebody_stays,
}
