//! The configuration as an operator meets it: files and variables in, checked values or all mistakes
//! at once out.

mod clients_conf;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use otpost::config::{
    self, Config, ConfigErrors, ForwardedHeader, LogFormat, LogLevel, MessageAuthenticator, StoreUrl, ValidateMessages,
};
use tempfile::TempDir;

/// A secret that no output may contain.
const CANARY: &str = "canary-canary-canary";

/// A folder with a configuration file, drop-ins and secrets, and an environment.
struct Desk {
    folder: TempDir,
    env: Vec<(String, String)>,
}

impl Desk {
    fn new(toml: &str) -> Self {
        let desk = Self::empty();
        desk.write("otpost.toml", toml);
        desk
    }

    fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), env: Vec::new() }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("otpost.toml")
    }

    fn load(&self) -> Result<Config, ConfigErrors> {
        Config::load(Some(&self.path()), true, self.env.iter().cloned())
    }

    fn config(&self) -> Config {
        self.load().unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The errors, one per line, without the folder's name.
    fn errors(&self) -> Vec<String> {
        let errors = self.load().expect_err("a configuration with mistakes");
        let folder = format!("{}/", self.folder.path().display());
        errors.to_string().lines().map(|line| line.replace(&folder, "")).collect()
    }

    /// The only error.
    fn error(&self) -> String {
        let errors = self.errors();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors.concat()
    }
}

fn variables(toml: &str, variables: &[(&str, &str)]) -> Desk {
    variables.iter().fold(Desk::new(toml), |desk, (name, value)| desk.env(name, value))
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn without_a_file_the_defaults_hold() {
    let config = Config::load(None, false, std::iter::empty()).expect("defaults");
    assert_eq!(config.http.listen, address("127.0.0.1:8080"));
    assert_eq!(config.http.public_url, None);
    assert_eq!(config.http.forwarded_header, ForwardedHeader::None);
    assert!(config.http.tls.is_none() && !config.http.allow_insecure);
    assert_eq!(config.manage.listen, address("127.0.0.1:9464"));
    assert_eq!(config.store.url, StoreUrl::Sqlite("/var/lib/otpost/otpost.db".into()));
    assert_eq!(config.store.queue, 8192);
    assert_eq!(config.keys.file, Path::new("/etc/otpost/otpost.key"));
    assert_eq!(format!("{:?}", config.validate.allow), "[127.0.0.0/8, ::1/128]");
    assert_eq!(config.validate.messages, ValidateMessages::Generic);
    assert!(config.radius.listen.is_empty() && config.radius.clients.is_empty());
    assert!(config.hash.workers >= 1);
    assert_eq!((config.hash.queue, config.mail.workers), (16, 8));
    assert_eq!((config.limits.connections, config.limits.per_address), (4096, 256));
    assert_eq!(config.limits.body_bytes, 65536);
    assert_eq!((config.log.format, config.log.level), (LogFormat::Text, LogLevel::Info));
}

#[test]
fn a_missing_file_is_fine_unless_somebody_asked_for_it() {
    let desk = Desk::empty();
    assert!(Config::load(Some(&desk.path()), false, std::iter::empty()).is_ok());
    assert_eq!(desk.error(), "otpost.toml: cannot be read: entity not found; check its name and who may read it");
}

#[test]
fn every_value_of_the_contract_is_read() {
    let desk = Desk::new(&format!(
        r#"
[http]
listen = "0.0.0.0:8443"
public_url = "https://otp.example.org/"
trusted_proxies = ["192.0.2.1", "10.1.2.3/8"]
forwarded_header = "x-forwarded-for"
allowed_hosts = ["OTP.example.org", "::1"]
tls = {{ cert_file = "/tls/cert.pem", key_file = "/tls/key.pem" }}
[validate]
get = true
messages = "privacyidea"
[radius]
listen = ["0.0.0.0:1812", "[::]:1812"]
[[radius.client]]
name = "vpn"
address = "192.0.2.10"
secret = "{CANARY}"
[[radius.client]]
name = "local"
address = "127.0.0.1/32"
secret = "short"
require_message_authenticator = "auto"
[hash]
workers = 3
[log]
format = "json"
level = "trace"
"#
    ));
    let config = desk.config();
    assert_eq!(config.http.public_url.expect("a URL").as_str(), "https://otp.example.org");
    assert_eq!(format!("{:?}", config.http.trusted_proxies), "[192.0.2.1/32, 10.0.0.0/8]");
    assert_eq!(config.http.allowed_hosts, ["otp.example.org", "[::1]"]);
    assert_eq!(config.http.tls.expect("TLS").key_file, Path::new("/tls/key.pem"));
    assert_eq!(config.validate.messages, ValidateMessages::PrivacyIdea);
    assert_eq!(config.radius.listen, [address("0.0.0.0:1812"), address("[::]:1812")]);
    let [vpn, local] = config.radius.clients.as_slice() else { panic!("two clients") };
    assert_eq!((vpn.name.as_str(), vpn.secret.expose()), ("vpn", CANARY));
    assert_eq!(vpn.require_message_authenticator, MessageAuthenticator::Yes);
    assert_eq!(local.require_message_authenticator, MessageAuthenticator::Auto);
    assert_eq!((config.hash.workers, config.log.level), (3, LogLevel::Trace));
}

#[test]
fn later_layers_win() {
    let desk = Desk::new("[log]\nlevel = \"error\"\nformat = \"json\"\n[mail]\nworkers = 1\n[hash]\nqueue = 1\n")
        .env("OTPOST_HASH__QUEUE", "4");
    desk.write("conf.d/20-later.toml", "[mail]\nworkers = 3\n");
    desk.write("conf.d/10-first.toml", "[mail]\nworkers = 2\n[log]\nlevel = \"warn\"\n[hash]\nqueue = 2\n");
    desk.write("conf.d/.hidden.toml", "[mail]\nworkers = 9\n");
    desk.write("conf.d/30-other.bak", "not read");
    let config = desk.config();
    assert_eq!((config.log.level, config.log.format), (LogLevel::Warn, LogFormat::Json));
    assert_eq!((config.mail.workers, config.hash.queue), (3, 4));
}

#[test]
fn drop_ins_add_clients_and_variables_change_or_add_them() {
    let client = |name: &str, last: u8| {
        format!("[[radius.client]]\nname = \"{name}\"\naddress = \"192.0.2.{last}\"\nsecret = \"{CANARY}\"\n")
    };
    let mut desk = Desk::new(&client("first", 1))
        .env("OTPOST_RADIUS__CLIENT__0__NAME", "renamed")
        .env("OTPOST_RADIUS__CLIENT__2__NAME", "third")
        .env("OTPOST_RADIUS__CLIENT__2__ADDRESS", "2001:db8::/32")
        .env("OTPOST_RADIUS__CLIENT__2__SECRET", CANARY);
    for row in 3..12 {
        desk = desk
            .env(&format!("OTPOST_RADIUS__CLIENT__{row}__NAME"), &format!("row {row}"))
            .env(&format!("OTPOST_RADIUS__CLIENT__{row}__ADDRESS"), &format!("10.0.0.{row}"))
            .env(&format!("OTPOST_RADIUS__CLIENT__{row}__SECRET"), CANARY);
    }
    desk.write("conf.d/second.toml", &client("second", 2));
    let clients = desk.config().radius.clients;
    let names: Vec<&str> = clients.iter().map(|client| client.name.as_str()).collect();
    assert_eq!(names.get(..4), Some(&["renamed", "second", "third", "row 3"][..]));
    assert_eq!((names.len(), names.last()), (12, Some(&"row 11")));

    let gap = variables("", &[("OTPOST_RADIUS__CLIENT__1__NAME", "x")]).error();
    assert_eq!(gap, "OTPOST_RADIUS__CLIENT__1__NAME: radius.client[1].name leaves out a number; the next one is 0");
}

#[test]
fn variables_take_lists_in_two_forms_and_plain_values() {
    let read = |value: &str| variables("", &[("OTPOST_RADIUS__LISTEN", value)]).config().radius.listen;
    let (four, six) = (address("10.0.0.1:1812"), address("[::1]:1812"));
    assert_eq!(read("[::1]:1812, 10.0.0.1:1812"), [six, four]);
    assert_eq!(read(r#"["10.0.0.1:1812", "[::1]:1812"]"#), [four, six]);
    assert_eq!(read(""), []);

    let config = variables(
        "[validate]\nget = true\n",
        &[
            ("OTPOST_VALIDATE__GET", "false"),
            ("OTPOST_STORE__URL", "sqlite:/x.db"),
            ("OTPOST_HTTP__TLS__CERT_FILE", "/c"),
            ("OTPOST_HTTP__TLS__KEY_FILE", "/k"),
            ("OTPOST_HTTP__ALLOWED_HOSTS", "[::1]"),
            ("OTPOST_CONFIG", "/elsewhere"),
            ("OTPOST_SERVICE_HOST", "10.0.0.1"),
            ("OTPOST_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("PATH", "/bin"),
        ],
    )
    .config();
    assert!(!config.validate.get);
    assert_eq!(config.store.url, StoreUrl::Sqlite("/x.db".into()));
    assert_eq!(config.http.allowed_hosts, ["[::1]"]);
    assert!(config.http.tls.is_some());
}

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
    assert!(unknown("listen = 1\n").ends_with("`listen` belongs to [http] or [manage] or [radius]"));
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
fn a_secret_given_twice_is_refused() {
    let desk = Desk::new("[store]\nurl = \"postgres://otp:canary@db/otpost\"\n").env("OTPOST_STORE__URL_FILE", "/x");
    assert_eq!(
        desk.error(),
        "OTPOST_STORE__URL_FILE: store.url_file is given twice, the other time at otpost.toml:2:7; \
         keep one of store.url and store.url_file"
    );
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

#[test]
fn show_is_toml_with_an_origin_for_each_value() {
    let desk =
        Desk::new("[log]\nlevel = \"debug\"\n[[radius.client]]\nname = \"a\"\naddress = \"::1\"\nsecret = \"b\"\n")
            .env("OTPOST_LOG__FORMAT", "json");
    let shown = desk.config().show();
    for line in [
        "listen = \"127.0.0.1:8080\"  # default".to_owned(),
        "# public_url is not set".to_owned(),
        "allow = [\"127.0.0.0/8\", \"::1\"]  # default".to_owned(),
        format!("level = \"debug\"  # {}:2:9", desk.path().display()),
        "format = \"json\"  # OTPOST_LOG__FORMAT".to_owned(),
        format!("[[radius.client]]  # {}:3:1", desk.path().display()),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    let again = Desk::new(&shown).config().show();
    let values = |shown: &str| -> Vec<String> {
        shown.lines().map(|line| line.split("  #").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn the_sample_changes_nothing_and_holds_with_its_comments_removed() {
    let sample = config::sample();
    let defaults = Config::load(None, false, std::iter::empty()).expect("defaults");
    assert_eq!(format!("{:?}", Desk::new(&sample).config().http), format!("{:?}", defaults.http));

    let is_setting = |line: &&str| {
        line.starts_with('[') || line.starts_with("#[") || (line.starts_with('#') && !line.starts_with("# "))
    };
    let live: Vec<&str> = sample.lines().filter(is_setting).map(|line| line.trim_start_matches('#')).collect();
    let desk = Desk::empty();
    let clients = desk.write("clients.conf", "");
    let live = live.join("\n").replace("/etc/freeradius/3.0/clients.conf", &clients.display().to_string());
    assert!(Desk::new(&live).error().contains("secret is too short"), "a published secret is none");
    let config = Desk::new(&live.replace("long and random", CANARY)).config();
    assert_eq!(config.radius.clients.len(), 1);
    assert!(config.http.tls.is_some());
}

#[test]
fn the_reference_names_every_key_with_its_variable() {
    let reference = config::reference();
    for text in [
        "### `http.listen`",
        "`OTPOST_HTTP__LISTEN`",
        "`OTPOST_RADIUS__CLIENT__N__SECRET_FILE`",
        "- allowed: 64 to 65536 commands",
        "- default: none, it must be set",
        "- since: 0.1.0",
    ] {
        assert!(reference.contains(text), "{text}");
    }
}
