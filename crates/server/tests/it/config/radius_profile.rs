//! How people sign in at a RADIUS client: the keys, and what does not go together.

use domain::attempt::FrontDoor;
use otpost::config::{GrantedBy, RadiusFirstFactor, RadiusMode};

use super::{CANARY, Desk};

fn client(keys: &str) -> Desk {
    let row = "[[radius.client]]\nname = \"vpn\"\naddress = \"192.0.2.10\"\nsecret = \"a secret of some length\"\n";
    Desk::new(&format!("{row}{keys}"))
}

#[test]
fn a_client_is_challenged_unless_it_says_otherwise() {
    let profile = client("").config().radius.clients.remove(0).profile;
    assert_eq!((profile.mode, profile.first_factor), (RadiusMode::Challenge, RadiusFirstFactor::Check));
    assert_eq!((profile.front_door, profile.is_believed), (FrontDoor::Closed, false));
    assert!(profile.client_group.is_none() && profile.theme.is_none() && profile.prompt.is_none());
    assert!(profile.max_reply_length.is_none() && profile.grants.is_empty());
}

#[test]
fn every_key_of_a_client_is_read() {
    let keys = r#"
        mode = "code"
        first_factor = "none"
        client_group = "web"
        theme = "VPN"
        prompt = "Code?"
        max_reply_length = 64
        assert_client = true
        front_door = "any-source"
        groups = ["CORP\\VPN Admins -> Filter-Id = admins", "s-1-5-32-544 -> class=a=b", "a -> b -> Class=c"]
    "#;
    let profile = client(keys).config().radius.clients.remove(0).profile;
    assert_eq!((profile.mode, profile.first_factor), (RadiusMode::Code, RadiusFirstFactor::None));
    assert_eq!((profile.front_door, profile.is_believed), (FrontDoor::AnySource, true));
    assert_eq!((profile.client_group.as_deref(), profile.prompt.as_deref()), (Some("web"), Some("Code?")));
    assert_eq!((profile.theme.unwrap().as_str(), profile.max_reply_length), ("VPN", Some(64)));
    let grants: Vec<_> = profile.grants.iter().map(|grant| (grant.by, grant.text.as_str())).collect();
    assert_eq!(grants, [(GrantedBy::FilterId, "admins"), (GrantedBy::Class, "a=b"), (GrantedBy::Class, "c")]);
    let to: Vec<_> = profile.grants.iter().map(|grant| &grant.to).collect();
    assert_eq!(to[0].account().unwrap().as_str(), "CORP\\VPN Admins");
    assert_eq!((to[1].sid().unwrap().as_str(), to[1].account()), ("s-1-5-32-544", None));
    assert_eq!(to[2].account().unwrap().as_str(), "a -> b");
}

#[test]
fn the_environment_names_them_too() {
    let name = |key: &str| format!("OTPOST_RADIUS__CLIENT__0__{key}");
    let desk = client("").env(&name("MODE"), "password+code").env(&name("GROUPS"), "[\"a -> Class=b\"]");
    let profile = desk.config().radius.clients.remove(0).profile;
    assert_eq!((profile.mode, profile.grants.len()), (RadiusMode::PasswordAndCode, 1));
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (keys, key) in [
        ("mode = \"password+code\"\nfirst_factor = \"none\"", "first_factor leaves no password"),
        ("front_door = \"same-address\"\nassert_client = true", "front_door opens only with mode"),
        ("mode = \"code\"", "client_group is missing: no code could ever be good there"),
        ("mode = \"code\"\nfront_door = \"same-address\"", "front_door needs to know where people are"),
        ("mode = \"code\"\nfront_door = \"any-source\"", "front_door would let in whoever knows a name"),
    ] {
        let error = client(keys).error();
        assert!(error.contains(key), "{error}");
    }
}

#[test]
fn what_cannot_be_is_refused_and_not_repeated() {
    for keys in [
        format!("mode = \"{CANARY}\""),
        "first_factor = \"maybe\"".to_owned(),
        "theme = \"no such name!\"".to_owned(),
        "max_reply_length = 15".to_owned(),
        "front_door = \"open\"".to_owned(),
        format!("groups = [\"{CANARY}\"]"),
        "groups = [\"a -> Class\"]".to_owned(),
        "groups = [\"a -> Session-Timeout=1\"]".to_owned(),
        "groups = [\" -> Class=a\"]".to_owned(),
        "groups = [\"a -> Class=\"]".to_owned(),
        "groups = [\"S-1-x -> Class=a\"]".to_owned(),
        format!("groups = [\"a -> Class={}\"]", "b".repeat(254)),
    ] {
        let error = client(&keys).error();
        assert!(!error.contains(CANARY) && error.contains("radius.client[0]."), "{keys}: {error}");
    }
}
