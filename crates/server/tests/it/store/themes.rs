//! Themes, and what hangs on them.

use domain::criteria::PrincipalEntry;
use domain::name::RealmName;
use domain::theme::{Message, Note, ReturnPrefix, Theme, ThemeName};
use otpost::store::StoreError;
use otpost::store::themes::{self, StoredTheme};

use super::desk::{Desk, Engine, T0, desk, seconds};
use super::providers::standard;

async fn with_provider(engine: Engine) -> (Desk, super::desk::Place) {
    let (desk, place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    (desk, place)
}

fn theme(id: i64, name: &str) -> StoredTheme {
    let theme = Theme {
        description: Note::parse("for the ünits").expect("valid"),
        is_enabled: false,
        post_logon_message: Message::parse("two\nlines").expect("valid"),
        overrides_realm: true,
        realm: RealmName::parse("corp").ok(),
        filters_members: true,
        members: vec![
            PrincipalEntry::parse(Some("corp\\ann"), None).expect("valid"),
            PrincipalEntry::parse(Some("staff"), Some("S-1-5-21-1")).expect("valid"),
        ],
        provider_id: Some(1),
        return_to: ["https://a.example/app", "http://localhost:8080/"]
            .map(|prefix| ReturnPrefix::parse(prefix).expect("valid"))
            .to_vec(),
        ..Theme::new(id, ThemeName::parse(name).expect("valid"))
    };
    StoredTheme::new(theme, "ann", T0)
}

/// The same with other settings, changed later by somebody else.
fn changed(stored: &StoredTheme, change: impl FnOnce(&mut Theme)) -> StoredTheme {
    let mut theme = stored.theme.clone();
    change(&mut theme);
    stored.changed(theme, "bob", T0 + seconds(9))
}

async fn a_theme_comes_back_as_it_went_in(engine: Engine) {
    let (desk, _place) = with_provider(engine).await;
    let bare = StoredTheme::new(Theme::standard(), "otpost", T0);
    let first = theme(7, "VPN");
    change!(desk, [themes::insert(&first), themes::insert(&bare)]).expect("added");
    assert_eq!(desk.store.list_themes().await.expect("readable"), [bare, first.clone()]);
    let second = changed(&first, |theme| {
        theme.name = ThemeName::parse("portal").expect("valid");
        (theme.provider_id, theme.is_enabled, theme.return_to) = (None, true, Vec::new());
    });
    change!(desk, [themes::update(&second)]).expect("updated");
    let found = desk.store.list_themes().await.expect("readable").remove(1);
    assert_eq!((&found.theme, found.trace.version), (&second.theme, 2));
    let trace = (&*found.trace.created_by, &*found.trace.changed_by, found.trace.created_at, found.trace.changed_at);
    assert_eq!(trace, ("ann", "bob", T0, T0 + seconds(9)));
    // Whoever read the first state comes too late.
    refused!(desk, Stale, [themes::update(&second)]);
    change!(desk, themes::delete(7)).expect("removed");
    assert_eq!(desk.store.list_themes().await.expect("readable").len(), 1);
    assert!(matches!(change!(desk, themes::delete(7)), Err(StoreError::NotFound)));
    refused!(desk, Stale, [themes::update(&found)]);
}

async fn names_are_unique_without_regard_to_case_and_providers_are_there(engine: Engine) {
    let (desk, _place) = with_provider(engine).await;
    change!(desk, [themes::insert(&theme(7, "VPN"))]).expect("added");
    assert!(matches!(change!(desk, [themes::insert(&theme(8, "vpn"))]), Err(StoreError::Taken)));
    assert!(matches!(change!(desk, [themes::insert(&theme(7, "other"))]), Err(StoreError::Taken)));
    let lost = changed(&theme(8, "other"), |theme| theme.provider_id = Some(9));
    assert!(matches!(change!(desk, [themes::insert(&lost)]), Err(StoreError::Taken)));
    assert_eq!(desk.store.list_themes().await.expect("readable").len(), 1);
}

for_each_engine! {
    a_theme_comes_back_as_it_went_in,
    names_are_unique_without_regard_to_case_and_providers_are_there,
}
