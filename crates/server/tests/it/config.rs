//! The configuration as an operator meets it: files and variables in, checked values or all mistakes
//! at once out.

mod clients_conf;
mod mistakes;
mod radius_profile;
mod secrets;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use otpost::config::{
    self, Config, ConfigErrors, ForwardedHeader, LogFormat, LogLevel, MessageAuthenticator, Source, StoreUrl,
    ValidateMessages,
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
        Config::load(Source::Named(&self.path()), self.env.iter().cloned())
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
    let config = Config::load(Source::Nowhere, std::iter::empty()).expect("defaults");
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
    assert!(Config::load(Source::Usual(&desk.path()), std::iter::empty()).is_ok());
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
    let defaults = Config::load(Source::Nowhere, std::iter::empty()).expect("defaults");
    assert_eq!(format!("{:?}", Desk::new(&sample).config().http), format!("{:?}", defaults.http));

    let is_setting = |line: &&str| {
        line.starts_with('[') || line.starts_with("#[") || (line.starts_with('#') && !line.starts_with("# "))
    };
    // A client has either a secret or a name in a certificate.
    let is_of_radsec = |line: &&str| line.starts_with("#certificate_name");
    let settings = sample.lines().filter(is_setting).filter(|line| !is_of_radsec(line));
    let live: Vec<&str> = settings.map(|line| line.trim_start_matches('#')).collect();
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
