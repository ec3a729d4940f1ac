//! Owns the configuration: what must be known before the database opens. Built-in defaults, one TOML
//! file, its drop-ins and the environment become checked values, or a list of all that is wrong.
//! What exists is valid; nobody validates later. Knows nothing about what the values are used for.

mod advice;
mod check;
mod choice;
mod clients_conf;
mod environment;
mod file;
mod files;
mod keys;
mod layers;
mod origin;
mod parse;
mod problem;
mod radius;
mod radius_profile;
mod radsec;
mod read;
mod render;
mod schema;
mod store_url;
mod toml_value;
mod web;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::secret::Secret;
use ipnet::IpNet;
use rustls::pki_types::DnsName;

pub use self::choice::{
    ForwardedHeader, LogFormat, LogLevel, MessageAuthenticator, RadiusFirstFactor, RadiusMode, ValidateMessages,
};
pub use self::environment::process_environment;
pub use self::origin::Origin;
pub use self::problem::{ConfigErrors, Problem};
pub use self::radius_profile::{Grant, GrantedBy, RadiusProfile};
pub use self::render::{columns, reference, rows, sample};
pub use self::store_url::{StoreUrl, is_encrypted};
pub use self::web::PublicUrl;

use self::check::Sections;
use self::layers::Layers;
use self::read::Noted;

/// The file that is read unless another one is named.
pub const DEFAULT_FILE: &str = "/etc/otpost/otpost.toml";

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The public HTTP server.
    pub http: Http,
    /// Health and metrics.
    pub manage: Manage,
    /// The database.
    pub store: Store,
    /// The master key.
    pub keys: Keys,
    /// The `/validate` calls.
    pub validate: Validate,
    /// The RADIUS server.
    pub radius: Radius,
    /// Checking of PINs and passwords.
    pub hash: Hash,
    /// Sending of mails.
    pub mail: Mail,
    /// What the HTTP server holds at most.
    pub limits: Limits,
    /// What is written to standard error.
    pub log: Log,
    shown: String,
}

/// The public HTTP server.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where it listens; loopback unless `tls` or `allow_insecure` is set. Default 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// The address people type. Default none.
    pub public_url: Option<PublicUrl>,
    /// Peers whose `forwarded_header` counts; never everybody. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header in which they tell the client's address. Default none.
    pub forwarded_header: ForwardedHeader,
    /// Whether plain HTTP may leave the machine. Default false.
    pub allow_insecure: bool,
    /// Hosts a request may name, besides that of `public_url`: lower case, without port, IPv6 in
    /// brackets. Default none.
    pub allowed_hosts: Vec<String>,
    /// Certificate and key. Default none: plain HTTP.
    pub tls: Option<Tls>,
}

/// Where certificate and key lie.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Chain in PEM, the server's own certificate first.
    pub cert_file: PathBuf,
    /// Private key in PEM.
    pub key_file: PathBuf,
}

/// Health and metrics.
#[derive(Clone, Debug)]
pub struct Manage {
    /// Where they are served, as plain HTTP; never where `http` listens. Default 127.0.0.1:9464.
    pub listen: SocketAddr,
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    /// Which one. Default the `SQLite` file /var/lib/otpost/otpost.db.
    pub url: StoreUrl,
    /// Commands that may wait, 64 to 65,536. Default 8,192.
    pub queue: usize,
}

/// The master key.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The file that holds it. Default /etc/otpost/otpost.key.
    pub file: PathBuf,
}

/// The `/validate` calls.
#[derive(Clone, Debug)]
pub struct Validate {
    /// Networks that need no API key. Default loopback.
    pub allow: Vec<IpNet>,
    /// Whether GET is accepted as well. Default false.
    pub get: bool,
    /// What a refusal says. Default the same for every reason.
    pub messages: ValidateMessages,
}

/// The RADIUS server.
#[derive(Clone, Debug)]
pub struct Radius {
    /// UDP addresses; none switches RADIUS off. Default none.
    pub listen: Vec<SocketAddr>,
    /// The same over TLS. Default none.
    pub tls: Option<RadSec>,
    /// A `FreeRADIUS` `clients.conf` to read in addition. Default none.
    pub clients_file: Option<PathBuf>,
    /// The clients, those of `clients_file` included; no two share a name or a network. Default none.
    pub clients: Vec<RadiusClient>,
}

/// RADIUS over TLS.
#[derive(Clone, Debug)]
pub struct RadSec {
    /// TCP addresses, at least one.
    pub listen: Vec<SocketAddr>,
    /// What the server shows.
    pub tls: Tls,
    /// Certificates in PEM of those who may vouch for clients.
    pub client_ca_file: PathBuf,
}

/// One RADIUS client.
#[derive(Clone, Debug)]
pub struct RadiusClient {
    /// Its name in logs and audit.
    pub name: String,
    /// Where its packets come from.
    pub address: IpNet,
    /// The shared secret; at least 16 characters unless the address is loopback, and none that everybody knows.
    pub secret: Secret,
    /// The name in its certificate; it then speaks over TLS alone, with the secret that RFC 6614 gives to all.
    /// Default none.
    pub certificate_name: Option<DnsName<'static>>,
    /// Whether it must sign its requests. Default yes.
    pub require_message_authenticator: MessageAuthenticator,
    /// How people sign in there. Default a challenge; always that for those of `clients_file`.
    pub profile: RadiusProfile,
}

/// Checking of PINs and passwords.
#[derive(Clone, Debug)]
pub struct Hash {
    /// Threads, 1 to 256. Default one less than there are cores, and at least one.
    pub workers: usize,
    /// Checks that may wait, 1 to 1,024. Default 16.
    pub queue: usize,
}

/// Sending of mails.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Mails sent at the same time, 1 to 64. Default 8.
    pub workers: usize,
}

/// What the HTTP server holds at most.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections, 16 to 65,536. Default 4,096.
    pub connections: usize,
    /// Open connections from one address, or one /64 by IPv6, 1 to 65,536. Default 256.
    pub per_address: usize,
    /// Bytes of a request body, 1,024 to 16,777,216. Default 65,536.
    pub body_bytes: usize,
}

/// What is written to standard error.
#[derive(Clone, Debug)]
pub struct Log {
    /// Shape of the lines. Default text.
    pub format: LogFormat,
    /// The least important messages. Default info.
    pub level: LogLevel,
}

/// Where the file is.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Here, and somebody asked for it: its absence is a problem.
    Named(&'a Path),
    /// Nowhere: there are the defaults and the environment only.
    Nowhere,
    /// Here, if there is one.
    Usual(&'a Path),
}

impl Config {
    /// Reads the file, its drop-ins, and the environment.
    pub fn load(source: Source<'_>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigErrors> {
        judge(gather(source, env)?)
    }

    /// The same, and opens the files that only listeners read.
    pub fn check(source: Source<'_>, env: impl Iterator<Item = (String, String)>) -> Result<(), ConfigErrors> {
        let mut layers = gather(source, env)?;
        layers.problems.extend(files::problems(&layers));
        judge(layers).map(drop)
    }

    /// What was loaded, as TOML, each key with where it comes from; secrets as `"[secret]"`.
    pub fn show(&self) -> String {
        self.shown.clone()
    }
}

/// All layers. Of a file that cannot be read, anything might be missing; rules would accuse the innocent.
fn gather(source: Source<'_>, env: impl Iterator<Item = (String, String)>) -> Result<Layers, ConfigErrors> {
    let mut layers = Layers::with_defaults();
    file::read(&mut layers, source);
    environment::read(&mut layers, env);
    if layers.broken { Err(ConfigErrors::new(layers.problems)) } else { Ok(layers) }
}

fn judge(mut layers: Layers) -> Result<Config, ConfigErrors> {
    let sections = check::check(&mut layers);
    let shown = render::show(&layers);
    match assemble(sections, shown) {
        Ok(config) if layers.problems.is_empty() => Ok(config),
        _ => Err(ConfigErrors::new(layers.problems)),
    }
}

fn assemble(sections: Sections, shown: String) -> Result<Config, Noted> {
    Ok(Config {
        http: sections.http?,
        manage: sections.manage?,
        store: sections.store?,
        keys: sections.keys?,
        validate: sections.validate?,
        radius: sections.radius?,
        hash: sections.hash?,
        mail: sections.mail?,
        limits: sections.limits?,
        log: sections.log?,
        shown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_in_the_documentation_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/configuration.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == reference(), "write the output of `otpost config reference` to {path}");
    }
}
