//! Owns the step from gathered values to the checked configuration, and every rule that takes more
//! than one key.

use std::net::SocketAddr;
use std::thread;

use ipnet::IpNet;

use super::layers::Layers;
use super::radius::radius;
use super::read::{Noted, Reader};
use super::store_url::StoreUrl;
use super::web::HostName;
use super::{Hash, Http, Keys, Limits, Log, Mail, Manage, Radius, Store, Tls, Validate};

/// The sections, as far as their values are right.
pub(super) struct Sections {
    pub(super) http: Result<Http, Noted>,
    pub(super) manage: Result<Manage, Noted>,
    pub(super) store: Result<Store, Noted>,
    pub(super) keys: Result<Keys, Noted>,
    pub(super) validate: Result<Validate, Noted>,
    pub(super) radius: Result<Radius, Noted>,
    pub(super) hash: Result<Hash, Noted>,
    pub(super) mail: Result<Mail, Noted>,
    pub(super) limits: Result<Limits, Noted>,
    pub(super) log: Result<Log, Noted>,
}

/// Checks everything; what is wrong is added to the problems.
pub(super) fn check(layers: &mut Layers) -> Sections {
    let mut reader = Reader::new(layers);
    let sections = Sections {
        http: http(&mut reader),
        manage: manage(&mut reader),
        store: store(&mut reader),
        keys: keys(&mut reader),
        validate: validate(&mut reader),
        radius: radius(&mut reader),
        hash: hash(&mut reader),
        mail: mail(&mut reader),
        limits: limits(&mut reader),
        log: log(&mut reader),
    };
    let problems = reader.into_problems();
    layers.problems.extend(problems);
    sections
}

fn http(reader: &mut Reader<'_>) -> Result<Http, Noted> {
    let listen = reader.required::<SocketAddr>("http.listen");
    let public_url = reader.optional("http.public_url");
    let trusted_proxies = reader.required::<Vec<IpNet>>("http.trusted_proxies");
    let forwarded_header = reader.required("http.forwarded_header");
    let allow_insecure = reader.required("http.allow_insecure");
    let allowed_hosts = reader.required::<Vec<HostName>>("http.allowed_hosts");
    let tls = tls(reader);
    if reader.good_items::<IpNet>("http.trusted_proxies").iter().any(|network| network.prefix_len() == 0) {
        let remedy = "name the networks of your proxies";
        reader.refuse("http.trusted_proxies", "trusts everybody's word about who they are", remedy);
    }
    if let (Ok(listen), Ok(false), Ok(None)) = (&listen, &allow_insecure, &tls)
        && !listen.ip().is_loopback()
    {
        let remedy = "set http.tls, or listen on 127.0.0.1 behind a proxy, or set http.allow_insecure = true";
        reader.refuse("http.listen", "offers plain HTTP beyond this machine", remedy);
    }
    Ok(Http {
        listen: listen?,
        public_url: public_url?,
        trusted_proxies: trusted_proxies?,
        forwarded_header: forwarded_header?,
        allow_insecure: allow_insecure?,
        allowed_hosts: allowed_hosts?.into_iter().map(|host| host.0).collect(),
        tls: tls?,
    })
}

fn tls(reader: &mut Reader<'_>) -> Result<Option<Tls>, Noted> {
    let (cert, key) = ("http.tls.cert_file", "http.tls.key_file");
    let (cert_file, key_file) = (reader.optional(cert), reader.optional(key));
    match (cert_file?, key_file?) {
        (Some(cert_file), Some(key_file)) => Ok(Some(Tls { cert_file, key_file })),
        (None, None) => Ok(None),
        (cert_file, _) => {
            let (here, missing) = if cert_file.is_some() { (cert, key) } else { (key, cert) };
            reader.refuse(here, "stands alone", &format!("set {missing} too, or neither"));
            Err(Noted)
        }
    }
}

fn manage(reader: &mut Reader<'_>) -> Result<Manage, Noted> {
    let listen = reader.required::<SocketAddr>("manage.listen")?;
    if reader.glance::<SocketAddr>("http.listen").is_some_and(|public| do_clash(public, listen)) {
        let remedy = "give it another port; health and metrics never stand on the public one";
        reader.refuse("manage.listen", "is taken by http.listen", remedy);
    }
    Ok(Manage { listen })
}

fn store(reader: &mut Reader<'_>) -> Result<Store, Noted> {
    let url = reader.required_secret::<StoreUrl>("store.url");
    let queue = reader.whole("store.queue");
    Ok(Store { url: url?, queue: queue? })
}

fn keys(reader: &mut Reader<'_>) -> Result<Keys, Noted> {
    Ok(Keys { file: reader.required("keys.file")? })
}

fn validate(reader: &mut Reader<'_>) -> Result<Validate, Noted> {
    let allow = reader.required("validate.allow");
    let get = reader.required("validate.get");
    let messages = reader.required("validate.messages");
    Ok(Validate { allow: allow?, get: get?, messages: messages? })
}

fn hash(reader: &mut Reader<'_>) -> Result<Hash, Noted> {
    let workers = reader.whole("hash.workers");
    let queue = reader.whole("hash.queue");
    let workers = match workers? {
        0 => thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1)),
        workers => workers,
    };
    Ok(Hash { workers, queue: queue? })
}

fn mail(reader: &mut Reader<'_>) -> Result<Mail, Noted> {
    Ok(Mail { workers: reader.whole("mail.workers")? })
}

fn limits(reader: &mut Reader<'_>) -> Result<Limits, Noted> {
    let connections = reader.whole("limits.connections");
    let per_address = reader.whole("limits.per_address");
    let body_bytes = reader.whole("limits.body_bytes");
    Ok(Limits { connections: connections?, per_address: per_address?, body_bytes: body_bytes? })
}

fn log(reader: &mut Reader<'_>) -> Result<Log, Noted> {
    let format = reader.required("log.format");
    let level = reader.required("log.level");
    Ok(Log { format: format?, level: level? })
}

/// Whether two listeners want the same port; port 0 is any free one.
fn do_clash(one: SocketAddr, other: SocketAddr) -> bool {
    let same_address = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && same_address
}
