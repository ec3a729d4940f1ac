//! What is wrong is named with its place and a remedy; all of it at once.

use super::*;

#[test]
fn an_unknown_key_names_the_nearest_or_its_section() {
    let unknown = |toml: &str| Desk::new(toml).error();
    assert_eq!(
        unknown("[http]\n\n  lisen = \"127.0.0.1:1\"\n"),
        "otpost.toml:3:3: http.lisen is no key of ours; did you mean `listen`?"
    );
    assert_eq!(
        unknown("[htpp]\nlisten = \"127.0.0.1:1\"\n"),
        "otpost.toml:1:2: htpp is no key of ours; did you mean `http`?"
    );
    assert_eq!(
        unknown("[log]\nbody_bytes = 1\n"),
        "otpost.toml:2:1: log.body_bytes is no key of ours; `body_bytes` belongs to [limits]"
    );
    assert!(unknown("listen = 1\n").ends_with("`listen` belongs to [http] or [manage] or [radius] or [radius.tls]"));
    assert!(unknown("[mail]\nprovider = 1\n").ends_with("it may hold workers"));
    assert!(unknown("[store]\nurl_fil = \"x\"\n").ends_with("did you mean `url_file`?"));
    assert!(unknown("[http]\ntls = { cert_fle = \"x\" }\n").ends_with("did you mean `cert_file`?"));
    assert!(unknown("[http]\n\"x\\ny\" = 1\n").starts_with("otpost.toml:2:1: http.x\\ny is no key"));
}

#[test]
fn an_unknown_variable_names_the_nearest() {
    let unknown = |name: &str| variables("", &[(name, CANARY)]).error();
    for (wrong, right) in [
        ("OTPOST_HTTP_LISTEN", "OTPOST_HTTP__LISTEN"),
        ("OTPOST_http__listen", "OTPOST_HTTP__LISTEN"),
        ("OTPOST_STORE__URL_FIL", "OTPOST_STORE__URL_FILE"),
        ("OTPOST_RADIUS__CLIENT__7__NAMES", "OTPOST_RADIUS__CLIENT__7__NAME"),
        ("OTPOST_RADIUS__CLIENT__07__NAME", "OTPOST_RADIUS__CLIENT__7__NAME"),
    ] {
        let error = unknown(wrong);
        assert!(error.starts_with(&format!("{wrong}: names no key of ours")), "{error}");
        assert!(error.contains(right) && !error.contains(CANARY), "{error}");
    }
    assert!(unknown("OTPOST_BANANA_SPLIT_WITH_CREAM").contains("remove it"));
    assert!(unknown("OTPOST_RADIUS__CLIENT").contains("names no key of ours"));
}

#[test]
fn a_value_of_the_wrong_kind_names_what_is_allowed_and_an_example() {
    let wrong = |toml: &str| Desk::new(toml).error();
    assert_eq!(
        wrong("[http]\nlisten = \"localhost:8080\"\n"),
        "otpost.toml:2:10: http.listen is no address with a port (host names are not looked up); \
         allowed: ADDRESS:PORT, IPv6 as [ADDRESS]:PORT; such as listen = \"127.0.0.1:8080\""
    );
    assert_eq!(
        wrong("[store]\nqueue = 63\n"),
        "otpost.toml:2:9: store.queue is out of range; allowed: 64 to 65536 commands; such as queue = 8192"
    );
    assert_eq!(
        wrong("[log]\nlevel = \"loud\"\n"),
        "otpost.toml:2:9: log.level is none of the allowed words; \
         allowed: error | warn | info | debug | trace; such as level = \"debug\""
    );
    for (toml, what) in [
        ("[manage]\nlisten = \"127.0.0.1\"", "lacks the port"),
        ("[manage]\nlisten = 9464", "must be text"),
        ("[manage]\nlisten = \"\"", "is empty"),
        ("[http]\npublic_url = \"otp.example.org\"", "is no web address"),
        ("[http]\nallow_insecure = \"yes\"", "must be true or false"),
        ("[http]\nallowed_hosts = \"a\"", "must be a list"),
        ("[http]\nallowed_hosts = [\"a:80\"]", "is no host name"),
        ("[http]\ntrusted_proxies = [\"0.0.0.0/0\"]", "trusts everybody"),
        ("[hash]\nqueue = \"4\"", "must be a whole number"),
        ("[hash]\nqueue = 4.5", "must be a whole number"),
        ("[hash]\nqueue = 99999999999999999999", "must be a whole number"),
        ("[hash]\nqueue = -1", "is out of range"),
        ("[hash]\nqueue = 1025", "is out of range"),
        ("[keys]\nfile = \"a\\nb\"", "holds control characters"),
        ("[store]\nurl = \"mysql://u@h/d\"", "names no database we know"),
        ("keys = 3", "is a section, not a value; write [keys]"),
        ("[radius]\nclient = 3", "is a section, not a value; write [[radius.client]]"),
        ("[radius.client]\nname = \"x\"", "is a section, not a value; write [[radius.client]]"),
        ("[radius]\nclient = [3]", "is a section, not a value; write [[radius.client]]"),
    ] {
        let error = wrong(toml);
        assert!(error.contains(what), "{error}");
    }
    let error = variables("", &[("OTPOST_VALIDATE__ALLOW", "10.0.0.0/8, ten")]).error();
    assert_eq!(
        error,
        "OTPOST_VALIDATE__ALLOW: validate.allow is no network; allowed: a list of ADDRESS or ADDRESS/BITS; \
         such as OTPOST_VALIDATE__ALLOW=127.0.0.0/8,::1"
    );
    assert!(variables("", &[("OTPOST_HASH__QUEUE", "\u{fffd}")]).error().contains("is not UTF-8"));
}

#[test]
fn an_entry_of_a_list_is_found_on_its_own_line() {
    let desk = Desk::new("# ä\n[validate]\nallow = [\n  \"10.0.0.0/8\",\n  \"ten\",\n  \"::1\", 7,\n]\n");
    let errors = desk.errors();
    let starts = ["otpost.toml:5:3: validate.allow is no", "otpost.toml:6:10: validate.allow must be text"];
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors.iter().zip(starts).all(|(error, start)| error.starts_with(start)), "{errors:#?}");
}

#[test]
fn a_wrong_entry_of_a_list_hides_no_other() {
    let errors = Desk::new("[http]\ntrusted_proxies = [\"0.0.0.0/0\", \"everywhere\"]\n").errors();
    assert!(errors.iter().any(|error| error.contains("trusts everybody's word")), "{errors:#?}");
    assert!(errors.iter().any(|error| error.contains("is no network")), "{errors:#?}");
}

#[test]
fn a_wrong_key_of_a_row_hides_no_other() {
    let row = |secret: &str| format!("[[radius.client]]\nname = \"a\"\naddress = \"192.0.2.1\"\n{secret}\n");
    let errors = Desk::new(&(row("secret = \"0123456789abcdef-\"") + &row("secret = 3"))).errors();
    for words in ["is another client's name too", "is another client's address too", "client[1].secret must be text"] {
        assert!(errors.iter().any(|error| error.contains(words)), "{words} in {errors:#?}");
    }
}

#[test]
fn plain_http_stays_on_this_machine_unless_allowed() {
    let open = "[http]\nlisten = \"0.0.0.0:8080\"\n";
    let error = Desk::new(open).error();
    assert!(error.starts_with("otpost.toml:2:10: http.listen offers plain HTTP beyond this machine; set http.tls"));
    assert!(Desk::new(&format!("{open}allow_insecure = true")).load().is_ok());
    assert!(Desk::new(&format!("{open}tls = {{ cert_file = \"c\", key_file = \"k\" }}")).load().is_ok());
    assert!(Desk::new("[http]\nlisten = \"[::1]:8080\"").load().is_ok());
}

#[test]
fn certificate_and_key_come_together() {
    let error = Desk::new("[http.tls]\nkey_file = \"k\"").error();
    assert_eq!(error, "otpost.toml:2:12: http.tls.key_file stands alone; set http.tls.cert_file too, or neither");
}

#[test]
fn health_and_metrics_never_stand_on_the_public_port() {
    let clash = |http: &str, manage: &str| {
        let toml = format!("[http]\nallow_insecure = true\nlisten = \"{http}\"\n[manage]\nlisten = \"{manage}\"");
        Desk::new(&toml).load().is_err()
    };
    assert!(clash("127.0.0.1:80", "127.0.0.1:80"));
    assert!(clash("0.0.0.0:80", "127.0.0.1:80"));
    assert!(!clash("127.0.0.1:0", "127.0.0.1:0"));
    assert!(!clash("127.0.0.1:80", "127.0.0.2:80"));
}

#[test]
fn radius_clients_are_complete_distinct_and_hard_to_guess() {
    let errors = Desk::new("[[radius.client]]\n").errors();
    let missing = ["address", "name", "secret"];
    assert_eq!(errors.len(), 3, "{errors:#?}");
    for (error, name) in errors.iter().zip(missing) {
        assert!(error.starts_with(&format!("otpost.toml:1:1: radius.client[0].{name} is missing")), "{error}");
    }
    let short = "[[radius.client]]\nname = \"a\"\naddress = \"192.0.2.0/24\"\nsecret = \"canary-15-chars\"\n";
    let error = Desk::new(short).error();
    assert!(error.starts_with("otpost.toml:4:10: radius.client[0].secret is too short"), "{error}");
    assert!(!error.contains("canary"));
    let known = short.replace("canary-15-chars", "Testing123").replace("192.0.2.0/24", "127.0.0.1");
    assert!(
        Desk::new(&known).error().contains("radius.client[0].secret is an example that everybody knows; make a longer")
    );
    for everybody in ["0.0.0.0/0", "::/0"] {
        let open = short.replace("canary-15-chars", CANARY).replace("192.0.2.0/24", everybody);
        assert!(Desk::new(&open).error().contains("radius.client[0].address lets everybody ask; name the addresses"));
    }

    let twin = short.replace("canary-15-chars", CANARY).replace("2.0/24", "2.9/24");
    let errors = Desk::new(&format!("{twin}{twin}")).errors();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert!(errors.concat().contains("is another client's name too"));
    assert!(errors.concat().contains("is another client's address too"));
}

#[test]
fn radsec_is_complete_and_its_clients_have_names_instead_of_secrets() {
    let errors = Desk::new("[radius.tls]\nlisten = [\"0.0.0.0:2083\"]\n").errors();
    assert_eq!(errors.len(), 3, "{errors:#?}");
    for name in ["cert_file", "client_ca_file", "key_file"] {
        assert!(errors.concat().contains(&format!("radius.tls.{name} is missing")), "{errors:#?}");
    }
    let branch = "[[radius.client]]\nname = \"a\"\naddress = \"::/0\"\ncertificate_name = \"a.example.org\"\n";
    let clients = Desk::new(branch).config().radius.clients;
    let name = clients[0].certificate_name.as_ref().map(AsRef::as_ref);
    assert_eq!((name, clients[0].secret.expose()), (Some("a.example.org"), "radsec"));
    let error = Desk::new(&format!("{branch}secret = \"{CANARY}\"\n")).error();
    assert!(error.starts_with("otpost.toml:5:10: radius.client[0].secret stands beside certificate_name"), "{error}");
    assert!(!error.contains(CANARY), "{error}");
    let error = Desk::new(&branch.replace("a.example.org", "no name")).error();
    assert!(error.contains("radius.client[0].certificate_name is no DNS name"), "{error}");
    let error = Desk::new(&format!("{branch}{}", branch.replace("\"a\"", "\"b\""))).error();
    assert!(error.contains("a.example.org is another client's certificate_name too"), "{error}");
}

#[test]
fn all_mistakes_come_at_once_in_order() {
    let desk =
        Desk::new("[log]\nlevel = \"loud\"\ncolour = true\n[http]\nlisten = \"0.0.0.0:80\"\n[store]\nqueue = 1\n")
            .env("OTPOST_MAIL__WORKERS", "many")
            .env("OTPOST_MAIL__WORKER", "1");
    desk.write("conf.d/a.toml", "[hash]\nqueue = 0\n");
    let errors = desk.errors();
    let places: Vec<&str> = errors.iter().filter_map(|error| error.split(": ").next()).collect();
    assert_eq!(
        places,
        [
            "conf.d/a.toml:2:9",
            "otpost.toml:2:9",
            "otpost.toml:3:1",
            "otpost.toml:5:10",
            "otpost.toml:7:9",
            "OTPOST_MAIL__WORKER",
            "OTPOST_MAIL__WORKERS",
        ]
    );
}

#[test]
fn broken_toml_is_placed_and_not_repeated() {
    let errors = Desk::new(&format!("[store]\nurl = \"postgres://otp:{CANARY}@db\nqueue = 7\n[log\n")).errors();
    assert!(errors.iter().all(|error| error.contains(": not TOML: ") && !error.contains("canary")), "{errors:#?}");
    assert!(errors.concat().starts_with("otpost.toml:2:"), "{errors:#?}");
    let errors = Desk::new("[log]\nlevel = \"info\"\nlevel = \"warn\"\n").errors();
    assert!(errors.concat().starts_with("otpost.toml:3:1: not TOML: duplicate key"), "{errors:#?}");
    let desk = Desk::empty();
    fs::write(desk.path(), [0xff, 0xfe]).expect("a file");
    assert!(desk.error().contains("cannot be read: not UTF-8 text"));
}
