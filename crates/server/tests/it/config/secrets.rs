//! Secrets stand in the file or in files of their own, and are never shown.

use super::*;

#[test]
fn a_secret_may_stand_in_a_file() {
    let client = "[[radius.client]]\nname = \"a\"\naddress = \"192.0.2.1\"\n";
    for text in ["canary-canary-canary", "canary-canary-canary\n", "canary-canary-canary\r\n"] {
        let desk = Desk::empty();
        let secret = desk.write("secret", text);
        desk.write("otpost.toml", &format!("{client}secret_file = \"{}\"\n", secret.display()));
        let config = desk.config();
        assert!(config.radius.clients.iter().all(|client| client.secret.expose() == CANARY));
        assert!(config.show().contains(&format!("secret_file = \"{}\"", secret.display())));
    }
    let desk = Desk::empty();
    let url = desk.write("url", "postgres://otp:canary@db/otpost\n");
    desk.write("otpost.toml", &format!("[store]\nurl_file = \"{}\"\n", url.display()));
    assert!(matches!(desk.config().store.url, StoreUrl::Postgres(_)));
}

#[test]
fn a_secret_file_that_will_not_do_is_named_and_not_repeated() {
    let with_file = |text: &str| {
        let desk = Desk::empty();
        let url = desk.write("url", text);
        desk.write("otpost.toml", &format!("[store]\nurl_file = \"{}\"\n", url.display()));
        desk.error()
    };
    assert!(with_file("").contains("store.url_file names a file whose text is empty"));
    assert!(!with_file("mysql://canary").contains("canary"));
    assert!(!with_file("postgres://otp:can@ary@db/o").contains("ary@db"));

    let error = Desk::new("[store]\nurl_file = \"/nowhere/url\"\n").error();
    assert!(error.starts_with("otpost.toml:2:12: store.url_file cannot be read: /nowhere/url: entity not found"));
    assert!(Desk::new("[store]\nurl_file = 3\n").error().contains("allowed: a file name"));
}

#[test]
fn a_secret_given_twice_in_one_place_is_refused() {
    let desk = Desk::new("[store]\nurl = \"postgres://otp:canary@db/otpost\"\nurl_file = \"/x\"\n");
    assert_eq!(
        desk.error(),
        "otpost.toml:3:12: store.url_file is given twice, the other time at otpost.toml:2:7; \
         keep one of store.url and store.url_file"
    );
    let desk = Desk::new("").env("OTPOST_STORE__URL", "sqlite:/x").env("OTPOST_STORE__URL_FILE", "/x");
    assert!(desk.error().contains("is given twice, the other time at OTPOST_STORE__URL;"));
}

#[test]
fn a_later_layer_wins_with_either_form_of_a_secret_over_both() {
    let url = |config: &Config| config.store.url.masked();
    let in_file = Desk::new("[store]\nurl_file = \"/nowhere\"\n").env("OTPOST_STORE__URL", "sqlite:/new.db").config();
    assert_eq!(url(&in_file), "sqlite:/new.db");
    assert!(in_file.show().contains("url = \"sqlite:/new.db\"  # OTPOST_STORE__URL"), "{}", in_file.show());

    let desk = Desk::new("[store]\nurl = \"sqlite:/old.db\"\n");
    let file = desk.write("url", "sqlite:/new.db\n");
    assert_eq!(url(&desk.env("OTPOST_STORE__URL_FILE", &file.display().to_string()).config()), "sqlite:/new.db");

    let client = "[[radius.client]]\nname = \"a\"\naddress = \"192.0.2.1\"\nsecret_file = \"/nowhere\"\n";
    let clients = Desk::new(client).env("OTPOST_RADIUS__CLIENT__0__SECRET", CANARY).config().radius.clients;
    assert!(clients.iter().all(|client| client.secret.expose() == CANARY));

    let desk = Desk::new("[store]\nurl_file = \"/nowhere\"\n");
    desk.write("conf.d/10-store.toml", "[store]\nurl = \"sqlite:/new.db\"\n");
    assert_eq!(url(&desk.config()), "sqlite:/new.db");
}

#[test]
fn secrets_are_neither_shown_nor_printed() {
    let toml = format!(
        "[store]\nurl = \"postgres://otp:{CANARY}@db/otpost\"\n[[radius.client]]\nname = \"a\"\n\
         address = \"192.0.2.1\"\nsecret = \"{CANARY}\"\n"
    );
    let config = Desk::new(&toml).config();
    assert!(!format!("{config:?}").contains("canary"));
    assert!(!config.show().contains("canary"));
    assert!(config.show().contains("secret = \"[secret]\""));
    assert!(config.show().contains("url = \"postgres://otp:[secret]@db/otpost\""));

    // The same text where it does not belong: in no error either.
    for key in ["http.listen", "http.public_url", "keys.file", "log.level", "mail.workers", "validate.allow"] {
        let desk = Desk::new(&format!("{key} = \"{CANARY}\\n\"\n"));
        assert!(!desk.error().contains("canary"), "{key}");
    }
}
