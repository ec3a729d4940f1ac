//! A `clients.conf` of FreeRADIUS, read as it is, and every way in which it is not taken.

use super::{CANARY, Desk};
use otpost::config::MessageAuthenticator::{Auto, Yes};

/// A desk whose configuration names a `clients.conf` with this text.
fn desk(text: &str, more: &str) -> Desk {
    let desk = Desk::empty();
    let file = desk.write("clients.conf", text);
    desk.write("otpost.toml", &format!("[radius]\nclients_file = \"{}\"\n{more}", file.display()));
    desk
}

#[test]
fn clients_are_read_as_freeradius_writes_them() {
    let text = r#"
# -*- text -*-
client localhost {
	ipaddr = 127.0.0.1          # loopback may be short
	proto = *
	secret = localsecret
	require_message_authenticator = no
	nas_type	 = other
	limit {
		max_connections = 16
		idle_timeout = 30
		deeper { and = deeper }
	}
}

client vpn-1 { ipv4addr := 192.0.2.0/24, shortname = "the vpn", secret = "a \"quoted\" # \\ secret"
	require_message_authenticator = auto }
client six {
	ipv6addr = 2001:db8::/48
	secret = 'single quotes are plain'
}
"#;
    let old = "client 198.51.100.7 {\n secret = canary+canary/canary==\n}\nclient old {\nipaddr=10.1.2.3\nnetmask = 16\nsecret = canary-canary-canary\n}\n";
    let clients = desk(&format!("{text}{old}"), "").config().radius.clients;
    let read: Vec<_> = clients
        .iter()
        .map(|client| {
            let address = client.address.to_string();
            (client.name.as_str(), address, client.secret.expose(), client.require_message_authenticator)
        })
        .collect();
    let expected = [
        ("localhost", "127.0.0.1/32", "localsecret", Auto),
        ("the vpn", "192.0.2.0/24", r#"a "quoted" # \ secret"#, Auto),
        ("six", "2001:db8::/48", "single quotes are plain", Yes),
        ("198.51.100.7", "198.51.100.7/32", "canary+canary/canary==", Yes),
        ("old", "10.1.0.0/16", CANARY, Yes),
    ];
    let expected: Vec<_> = expected.map(|(name, at, secret, word)| (name, at.to_owned(), secret, word)).into();
    assert_eq!(read, expected);
}

#[test]
fn what_is_wrong_with_a_client_is_said_with_its_place_and_a_remedy() {
    let client = |lines: &str| format!("client a {{\n{lines}\n}}\n");
    let address = "ipaddr = 192.0.2.1\n";
    let good = format!("secret = {CANARY}\n");
    for (text, words) in [
        (
            client(&format!("{address}secret = testing123")),
            "clients.conf:3:10: client a secret is an example that everybody knows; make a longer one, such as by `openssl rand -hex 16`",
        ),
        (client(&format!("{address}secret = fifteen-letters")), "clients.conf:3:10: client a secret is too short"),
        (client(address), "clients.conf:1:1: client a secret is missing"),
        (client(&good), "clients.conf:1:1: client a ipaddr is missing"),
        (client(&format!("{good}ipaddr = *")), "clients.conf:3:10: client a ipaddr lets everybody ask"),
        (
            client(&format!("{good}ipaddr = vpn.example.org")),
            "is no address and no network; write ADDRESS or ADDRESS/BITS; host names are not looked up",
        ),
        (client(&format!("{good}{address}proto = tcp")), "client a proto asks for something else than UDP"),
        (
            client(&format!("{good}{address}require_message_authenticator = maybe")),
            "is none of the allowed words; write yes or auto",
        ),
        (
            "$INCLUDE clients.d/\n".to_owned(),
            "clients.conf:1:1: other files are not read from here; write their clients into this file",
        ),
        (client("$INCLUDE more"), "clients.conf:2:1: other files are not read from here"),
        ("clients mine {\n}\n".to_owned(), "a list of clients for one listener is not offered"),
        ("home_server x {\n}\n".to_owned(), "only `client NAME { … }` may stand here"),
        (client("ipaddr 192.0.2.1"), "clients.conf:2:8: `=` should stand here"),
        (client("secret = \"canary"), "clients.conf:2:10: a quote is not closed"),
        (client("secret = \"can\\nary\""), "a \\ stands before something else than a quote"),
        (client("secret = can#ary"), "the value could be read in two ways; put it in double quotes"),
        (client("secret = \"${canary}\""), "the value names another one by ${…}"),
        (client("secret ="), "clients.conf:2:9: a value should stand here"),
        ("client a {\nsecret = x\n".to_owned(), "clients.conf:3:1: a block is not closed; end it with }"),
        ("client a {\nlimit {\n".to_owned(), "a block is not closed"),
        ("}".to_owned(), "a name should stand here"),
    ] {
        let error = desk(&text, "").error();
        assert!(error.contains(words), "{text}\n{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn clients_of_both_kinds_share_neither_name_nor_address() {
    let file = format!("client a {{\nipaddr = 192.0.2.1\nsecret = {CANARY}\n}}\n");
    let row = format!("[[radius.client]]\nname = \"a\"\naddress = \"192.0.2.1\"\nsecret = \"{CANARY}\"\n");
    let errors = desk(&file, &row).errors();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors[0].starts_with("clients.conf:1:1: client a name is another client's name too"), "{errors:#?}");
    assert!(
        errors[1].starts_with("clients.conf:2:10: client a address is another client's address too"),
        "{errors:#?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Desk::new("[radius]\nclients_file = \"/nowhere/clients.conf\"\n").error();
    let words = "otpost.toml:2:16: radius.clients_file cannot be read: /nowhere/clients.conf: entity not found";
    assert!(error.starts_with(words), "{error}");
}

#[test]
fn no_depth_and_no_noise_brings_it_down() {
    let deep = format!("client a {{ {}", "b { ".repeat(100_000));
    assert!(desk(&deep, "").error().contains("a block is not closed"));
    let noise = "\u{1}\\\"'{}=:;,#$ ä";
    for start in noise.char_indices().map(|(at, _)| at) {
        let turned = [&noise[start..], &noise[..start]].concat();
        for text in [
            turned.clone(),
            format!("client {turned}"),
            format!("client a {{ {turned}"),
            format!("client a {{ b = {turned}"),
        ] {
            drop(desk(&text, "").load());
        }
    }
}
