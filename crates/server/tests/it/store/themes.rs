//! Themes, and what hangs on them.

use domain::criteria::PrincipalEntry;
use domain::name::RealmName;
use domain::theme::{Message, Note, ReturnPrefix, Theme, ThemeName};
use otpost::store::{StoreError, themes};

use super::desk::{Desk, Engine, desk};
use super::providers::standard;

async fn with_provider(engine: Engine) -> (Desk, super::desk::Place) {
    let (desk, place) = desk(engine).await;
    change!(desk, [standard()]).expect("saved");
    (desk, place)
}

fn theme(id: i64, name: &str) -> Theme {
    Theme {
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
    }
}

async fn a_theme_comes_back_as_it_went_in(engine: Engine) {
    let (desk, _place) = with_provider(engine).await;
    let bare = Theme::standard();
    change!(desk, [themes::insert(&theme(7, "VPN")), themes::insert(&bare)]).expect("added");
    assert_eq!(desk.store.list_themes().await.expect("readable"), [bare, theme(7, "VPN")]);
    let changed = Theme { provider_id: None, is_enabled: true, return_to: Vec::new(), ..theme(7, "portal") };
    change!(desk, [themes::update(&changed)]).expect("updated");
    assert_eq!(desk.store.list_themes().await.expect("readable")[1], changed);
    change!(desk, themes::delete(7)).expect("removed");
    assert_eq!(desk.store.list_themes().await.expect("readable").len(), 1);
    assert!(matches!(change!(desk, themes::delete(7)), Err(StoreError::NotFound)));
    assert!(matches!(change!(desk, [themes::update(&changed)]), Err(StoreError::NotFound)));
}

async fn names_are_unique_without_regard_to_case_and_providers_are_there(engine: Engine) {
    let (desk, _place) = with_provider(engine).await;
    change!(desk, [themes::insert(&theme(7, "VPN"))]).expect("added");
    assert!(matches!(change!(desk, [themes::insert(&theme(8, "vpn"))]), Err(StoreError::Taken)));
    assert!(matches!(change!(desk, [themes::insert(&theme(7, "other"))]), Err(StoreError::Taken)));
    let lost = Theme { provider_id: Some(9), ..theme(8, "other") };
    assert!(matches!(change!(desk, [themes::insert(&lost)]), Err(StoreError::Taken)));
    assert_eq!(desk.store.list_themes().await.expect("readable").len(), 1);
}

for_each_engine! {
    a_theme_comes_back_as_it_went_in,
    names_are_unique_without_regard_to_case_and_providers_are_there,
}
