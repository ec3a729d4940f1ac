//! Owns the rules of the section `[radius]`: who may be a client, whether listed here or in a
//! `clients.conf`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use domain::secret::Secret;
use ipnet::IpNet;
use rustls::pki_types::DnsName;

use super::choice::MessageAuthenticator;
use super::clients_conf::{self, Block, Pair};
use super::file;
use super::origin::Origin;
use super::parse::FromText;
use super::problem::Problem;
use super::radius_profile::{self, RadiusProfile};
use super::radsec;
use super::read::{Noted, Reader};
use super::schema::ROWS;
use super::{Radius, RadiusClient};

/// A client, if all is right with it.
struct Found {
    client: Result<RadiusClient, Noted>,
    /// Its name, if that alone is right.
    name: Option<Told<String>>,
    /// What it is known by, if that alone is right and no certificate.
    address: Option<Told<IpNet>>,
}

/// What no two clients may share, and where it stands.
struct Told<T> {
    value: T,
    origin: Origin,
    key: String,
}

/// Reads the section and the file it names.
pub(super) fn radius(reader: &mut Reader<'_>) -> Result<Radius, Noted> {
    let listen = reader.required("radius.listen");
    let tls = radsec::radsec(reader);
    let clients_file = reader.optional::<PathBuf>("radius.clients_file");
    let mut clients: Vec<Found> = (0..reader.rows()).map(|row| from_row(reader, row)).collect();
    if let Ok(Some(path)) = &clients_file {
        clients.extend(from_file(reader, path));
    }
    let remedy = "give each its own";
    check_distinct(reader, clients.iter().filter_map(|found| found.name.as_ref()), ("name", remedy));
    let remedy = "merge the two, or make one network narrower";
    check_distinct(reader, clients.iter().filter_map(|found| found.address.as_ref()), ("address", remedy));
    radsec::check_distinct(reader, clients.iter().filter_map(|found| found.client.as_ref().ok()));
    let clients = clients.into_iter().map(|found| found.client).collect::<Result<_, Noted>>();
    Ok(Radius { listen: listen?, tls: tls?, clients_file: clients_file?, clients: clients? })
}

/// What one client is known by must not be another's, whatever else is wrong with either.
fn check_distinct<'a, T: PartialEq + 'a>(
    reader: &mut Reader<'_>,
    told: impl Iterator<Item = &'a Told<T>>,
    (what, remedy): Refusal,
) {
    let mut before: Vec<&T> = Vec::new();
    for Told { value, origin, key } in told {
        if before.contains(&value) {
            reader.add(Problem::new(origin, key, format!("is another client's {what} too")).remedy(remedy));
        }
        before.push(value);
    }
}

fn from_row(reader: &mut Reader<'_>, row: usize) -> Found {
    let path = |name: &str| format!("{ROWS}[{row}].{name}");
    let name = reader.required::<String>(&path("name"));
    let address = reader.required::<IpNet>(&path("address"));
    let certificate_name = reader.optional::<DnsName<'static>>(&path("certificate_name"));
    let is_radsec = !matches!(certificate_name, Ok(None));
    let secret =
        if is_radsec { radsec::secret(reader, &path("secret")) } else { reader.required_secret(&path("secret")) };
    let authenticator = reader.required::<MessageAuthenticator>(&path("require_message_authenticator"));
    let profile = radius_profile::read(reader, row);
    if let Ok(address) = &address
        && !is_radsec
        && let Err((what, remedy)) = check_address(*address)
    {
        reader.refuse(&path("address"), what, remedy);
    }
    if let (Ok(address), Ok(secret)) = (&address, &secret)
        && !is_radsec
        && let Err((what, remedy)) = check_secret(*address, secret)
    {
        reader.refuse(&path("secret"), what, remedy);
    }
    let place = |name: &str| (reader.origin(&path(name)), path(name));
    let (named, addressed) = (told(name.as_ref().ok(), place("name")), told(address.as_ref().ok(), place("address")));
    let client = || {
        Ok(RadiusClient {
            name: name?,
            address: address?,
            secret: secret?,
            certificate_name: certificate_name?,
            require_message_authenticator: authenticator?,
            profile: profile?,
        })
    };
    Found { client: client(), name: named, address: addressed.filter(|_| !is_radsec) }
}

fn told<T: Clone>(value: Option<&T>, (origin, key): (Origin, String)) -> Option<Told<T>> {
    value.map(|value| Told { value: value.clone(), origin, key })
}

/// The clients of a `clients.conf`; everything wrong with it is noted.
fn from_file(reader: &mut Reader<'_>, path: &Path) -> Vec<Found> {
    let blocks = match file::read_text(path) {
        Ok(text) => clients_conf::parse(path, &text),
        Err(error) => {
            let what = format!("cannot be read: {}: {}", path.display(), file::reason(&error));
            reader.refuse("radius.clients_file", &what, "check its name and who may read it");
            return vec![UNREADABLE];
        }
    };
    let blocks = match blocks {
        Ok(blocks) => blocks,
        Err(problem) => {
            reader.add(*problem);
            return vec![UNREADABLE];
        }
    };
    let client = |block: &Block| {
        from_block(block)
            .map_err(|problem| {
                reader.add(*problem);
                Noted
            })
            .unwrap_or(UNREADABLE)
    };
    blocks.iter().map(client).collect()
}

/// One block as a client, or the first thing wrong with it.
fn from_block(block: &Block) -> Result<Found, Box<Problem>> {
    if let Some(proto) = block.find("proto").filter(|proto| !matches!(proto.value.expose(), "*" | "udp")) {
        return Err(refuse(
            block,
            proto,
            ("asks for something else than UDP", "take the client out, or set proto = udp"),
        ));
    }
    let (address, address_at) = address(block)?;
    let Some(secret) = block.find("secret") else {
        let key = format!("client {} secret", block.name);
        return Err(Box::new(Problem::new(&block.origin, &key, "is missing").remedy("add secret = …")));
    };
    check_secret(address, &secret.value).map_err(|refusal| refuse(block, secret, refusal))?;
    let named = block.find("shortname");
    let name = named.map_or(block.name.as_str(), |pair| pair.value.expose()).to_owned();
    let name_at = (named.map_or(&block.origin, |pair| &pair.origin).clone(), format!("client {} name", block.name));
    let require_message_authenticator = authenticator(block)?;
    let (secret, certificate_name, profile) = (secret.value.clone(), None, RadiusProfile::default());
    let client = RadiusClient { name, address, secret, certificate_name, require_message_authenticator, profile };
    let named = told(Some(&client.name), name_at);
    let addressed = told(Some(&client.address), (address_at, format!("client {} address", block.name)));
    Ok(Found { client: Ok(client), name: named, address: addressed })
}

/// There is no "no" here: from a client that can sign, nothing else is taken.
fn authenticator(block: &Block) -> Result<MessageAuthenticator, Box<Problem>> {
    let Some(pair) = block.find("require_message_authenticator") else {
        return Ok(MessageAuthenticator::Yes);
    };
    match pair.value.expose().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(MessageAuthenticator::Yes),
        "auto" | "no" | "false" | "off" | "0" => Ok(MessageAuthenticator::Auto),
        _ => Err(refuse(block, pair, ("is none of the allowed words", "write yes or auto"))),
    }
}

/// The network of a block: one of three keys, or in old files the block's name.
fn address(block: &Block) -> Result<(IpNet, Origin), Box<Problem>> {
    let Some(pair) = ["ipaddr", "ipv4addr", "ipv6addr"].into_iter().find_map(|key| block.find(key)) else {
        let network = IpNet::from_text(&block.name).ok().filter(|network| network.prefix_len() > 0);
        let missing = || {
            let key = format!("client {} ipaddr", block.name);
            Box::new(Problem::new(&block.origin, &key, "is missing").remedy("add ipaddr = ADDRESS"))
        };
        return Ok((network.ok_or_else(missing)?, block.origin.clone()));
    };
    let mut text = if pair.value.expose() == "*" { "0.0.0.0/0" } else { pair.value.expose() }.to_owned();
    if let Some(mask) = block.find("netmask").filter(|_| !text.contains('/')) {
        text = format!("{text}/{}", mask.value.expose());
    }
    let network = IpNet::from_text(&text).map_err(|_| {
        let remedy = "write ADDRESS or ADDRESS/BITS; host names are not looked up";
        refuse(block, pair, ("is no address and no network", remedy))
    })?;
    check_address(network).map_err(|refusal| refuse(block, pair, refusal))?;
    Ok((network, pair.origin.clone()))
}

fn refuse(block: &Block, pair: &Pair, (what, remedy): Refusal) -> Box<Problem> {
    let key = format!("client {} {}", block.name, pair.key);
    Box::new(Problem::new(&pair.origin, &key, what).remedy(remedy))
}

/// A client of which nothing is known but that it is wrong.
const UNREADABLE: Found = Found { client: Err(Noted), name: None, address: None };

/// What is wrong, and what to do about it.
type Refusal = (&'static str, &'static str);

fn check_address(network: IpNet) -> Result<(), Refusal> {
    if network.prefix_len() == 0 {
        return Err(("lets everybody ask", "name the addresses or networks of your clients"));
    }
    Ok(())
}

fn check_secret(network: IpNet, secret: &Secret) -> Result<(), Refusal> {
    let text = secret.expose();
    if WELL_KNOWN.contains(&text.to_ascii_lowercase().as_str()) {
        return Err(("is an example that everybody knows", NEW_SECRET));
    }
    let is_local = |address: IpAddr| address.is_loopback();
    let is_local = is_local(network.network()) && is_local(network.broadcast());
    if !is_local && text.chars().count() < SHORTEST_SECRET {
        return Err(("is too short to keep RADIUS safe", NEW_SECRET));
    }
    Ok(())
}

const NEW_SECRET: &str = "make a longer one, such as by `openssl rand -hex 16`, and set it at the client too";
/// Characters below which a RADIUS secret can be guessed from one packet.
const SHORTEST_SECRET: usize = 16;
/// Secrets of examples and factories, in lower case.
const WELL_KNOWN: [&str; 16] = [
    "changeme",
    "cisco",
    "mysecret",
    "password",
    "radius",
    "radiuskey",
    "radiussecret",
    "secret",
    "shared_secret",
    "sharedsecret",
    "test",
    "testing",
    "testing123",
    "testing123-1",
    "testing123-2",
    "whatever",
];
