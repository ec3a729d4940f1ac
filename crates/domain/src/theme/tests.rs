//! The rules of themes and of the addresses that people are sent on to.

use super::*;
use crate::criteria::AccountName;

fn prefix(text: &str) -> ReturnPrefix {
    ReturnPrefix::parse(text).expect("valid")
}

#[test]
fn a_name_is_a_part_of_an_address() {
    let long = "x".repeat(255);
    for name in ["Default", "vpn-2", "A.b_c", "0", &long] {
        assert!(ThemeName::parse(name).is_ok(), "{name}");
    }
    let longer = "x".repeat(256);
    for name in ["", " ", "a b", ".", "..", "-x", "_x", "a/b", "a%2fb", "ä", "a\0", "a?b", &longer] {
        assert_eq!(ThemeName::parse(name).expect_err(name), InvalidTheme::Name, "{name}");
    }
    for name in ["code", "Done", "RESEND"] {
        assert_eq!(ThemeName::parse(name).expect_err(name), InvalidTheme::Reserved(name.to_owned()));
    }
    assert_eq!(ThemeName::parse("VPN").expect("valid"), ThemeName::parse("vpn").expect("valid"));
}

#[test]
fn texts_are_held_to_their_length() {
    assert!(Note::parse(&"x".repeat(255)).is_ok() && Note::parse(&"x".repeat(256)).is_err());
    assert!(Note::parse("two\nlines").is_err() && Message::parse("two\nlines").is_ok());
    assert!(Message::parse(&"x".repeat(2048)).is_ok() && Message::parse(&"x".repeat(2049)).is_err());
    assert!(Message::parse("\u{202e}").is_err());
}

#[test]
fn the_default_theme_is_always_on() {
    assert_eq!(Theme { is_enabled: false, ..Theme::standard() }.checked(), Err(InvalidTheme::Default));
    let other = Theme::new(2, ThemeName::parse("vpn").expect("valid"));
    assert!(Theme { is_enabled: false, ..other.clone() }.checked().is_ok());
    assert_eq!(Theme { overrides_realm: true, ..other.clone() }.checked(), Err(InvalidTheme::NoRealm));
    let return_to = vec![prefix("https://a.example"); MAX_PREFIXES + 1];
    assert!(Theme { return_to, ..other }.checked().is_err());
}

#[test]
fn a_theme_is_open_while_it_is_on_and_has_a_provider() {
    let theme = Theme::standard();
    assert_eq!(theme.open_with(), None);
    let theme = Theme { provider_id: Some(7), ..theme };
    assert_eq!(theme.open_with(), Some(7));
    assert_eq!(Theme { is_enabled: false, ..theme }.open_with(), None);
}

#[test]
fn only_members_come_in_where_there_is_a_list() {
    let ann = [Principal { sid: None, names: vec![AccountName::new("corp", "Ann").expect("valid")] }];
    let entry = |name| PrincipalEntry::parse(Some(name), None).expect("valid");
    let theme = Theme { members: vec![entry("corp\\bob")], ..Theme::standard() };
    assert!(theme.admits(Some(&ann)) && theme.admits(None), "the list is not looked at");
    let theme = Theme { filters_members: true, ..theme };
    assert!(!theme.admits(Some(&ann)) && !theme.admits(None));
    let theme = Theme { members: vec![entry("corp\\bob"), entry("CORP\\ann")], ..theme };
    assert!(theme.admits(Some(&ann)) && !theme.admits(None));
    assert!(!Theme { members: Vec::new(), ..theme }.admits(Some(&ann)), "a list of nobody");
}

#[test]
fn a_return_address_is_compared_part_by_part() {
    let theme = Theme {
        return_to: vec![prefix("https://app.example.org/app"), prefix("http://localhost:8080/")],
        ..Theme::standard()
    };
    let listed = |text: &str| ReturnTo::parse(text).is_ok_and(|place| theme.returns_to(&place));
    for text in [
        "https://app.example.org/app",
        "https://APP.example.org:443/app/x?y=https://evil.example/",
        "https://app.example.org/app?x",
        "https://app.example.org/app/",
        "http://localhost:8080",
        "http://localhost:8080/anything//at/all",
    ] {
        assert!(listed(text), "{text}");
    }
    for text in [
        "https://app.example.org/apple",
        "https://app.example.org/",
        "https://app.example.org:8443/app",
        "http://app.example.org/app",
        "https://app.example.org.evil.example/app",
        "https://evil.example/app",
        "https://app.example.org@evil.example/app",
        "https://evil.example\\@app.example.org/app",
        "https://app.example.org/app/../admin",
        "https://app.example.org/app/%2E%2e/admin",
        "https://app.example.org/app%2f..%2fadmin",
        "https://app.example.org/app#x",
        "https://app.example.org /app",
        "https://app.example.org:/app",
        "https://app.example.org:0443x/app",
        "https:app.example.org/app",
        "https:///app.example.org/app",
        "//app.example.org/app",
        "/app",
        "javascript://app.example.org/app",
        "HTTPS://app.example.org/app",
        "https://äpp.example.org/app",
        "http://localhost:80/",
        "http://localhost.evil.example:8080/",
        "http://127.0.0.1.evil.example:8080/",
        "",
    ] {
        assert!(!listed(text), "{text}");
    }
}

#[test]
fn what_is_added_is_escaped_and_stands_last() {
    let place = |text| ReturnTo::parse(text).expect("valid");
    let added = [("ticket", "a_b"), ("state", "x&y=z %")];
    assert_eq!(place("https://a.example").with(&added), "https://a.example?ticket=a_b&state=x%26y%3Dz%20%25");
    assert_eq!(place("https://a.example/?q=1").with(&added[..1]), "https://a.example/?q=1&ticket=a_b");
}

#[test]
fn the_list_has_paths_and_no_questions() {
    assert_eq!(ReturnPrefix::parse("https://a.example/?x"), Err(InvalidReturnTo::Query));
    assert_eq!(ReturnPrefix::parse("http://a.example/"), Err(InvalidReturnTo::Scheme));
    assert!(ReturnPrefix::parse("http://[::1]:8080/x").is_ok());
    let long = format!("https://a.example/{}", "x".repeat(1024));
    assert_eq!(ReturnTo::parse(&long), Err(InvalidReturnTo::Length));
}
