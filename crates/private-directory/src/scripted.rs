//! A directory that lies: it lets everybody in and answers searches as no honest server does. It
//! remembers every request as it came. In clear, on this machine only.

use std::io::{Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use crate::ber::{ENUMERATED, SEQUENCE, SET, element, group, integer, octets, read_message};
use crate::request::{Request, Search};

/// How it answers a search, or a bind; then searches find one person. Everything else it grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lie {
    /// None: nobody is found.
    Nobody,
    /// None: one person is found, whoever is asked for.
    One,
    /// Two people are found, whatever the limit was.
    Two,
    /// People without end.
    Endless,
    /// Somebody else should be asked, at this URL.
    Referral(String),
    /// Nobody is found here, but somebody else might know, at this URL.
    Reference(String),
    /// Somebody else knows whether the password is right, at this URL.
    ReferralOfBind(String),
    /// One person, in an answer to a question that was not asked.
    OtherNumber,
    /// An answer of two gigabytes begins.
    LongMessage,
    /// An element in an element in an element, a hundred thousand deep.
    DeepMessage,
    /// One person who is in a group, and not all names of their groups.
    GroupsCut,
    /// Octets that mean nothing.
    Garbage,
    /// Half a person, and an end.
    Half,
    /// An end without an answer, in the hardest way.
    Reset,
    /// Nothing at all.
    Silence,
    /// Nothing at all, to a bind.
    SilenceOfBind,
    /// An end without an answer to a bind.
    ResetOfBind,
    /// This password of somebody is wrong; asked about another one, it ends without an answer.
    KnowsOneWrong(String),
}

/// The name of the one who is found.
pub const SOMEBODY: &str = "uid=alice,ou=people,dc=example,dc=org";

/// The running server. It goes on until the process ends; a test is over before that matters.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    lie: Lie,
    requests: Vec<Request>,
}

impl Scripted {
    /// A server that answers like this.
    pub fn start(lie: Lie) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared { lie, requests: Vec::new() }));
        let server = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                // Who hangs up has heard enough.
                thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Ok(server)
    }

    /// From now on it answers like this.
    pub fn tell(&self, lie: Lie) {
        lock(&self.shared).lie = lie;
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// Every request so far, in the order they came.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared).requests.clone()
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) -> Result<()> {
    // A client that stops listening is not waited for.
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    while let Some(message) = read_message(&mut stream)? {
        let Some((id, request)) = Request::parse(&message) else {
            return Ok(());
        };
        let lie = {
            let mut shared = lock(shared);
            shared.requests.push(request.clone());
            shared.lie.clone()
        };
        let goes_on = match request {
            Request::Unbind => false,
            Request::Bind { name, password } => answer_bind(&mut stream, id, &lie, (&name, &password))?,
            Request::Search(search) => answer_search(&mut stream, id, &lie, &search)?,
            Request::Modify { .. } => send(&mut stream, &message_of(id, result(0x67, SUCCESS)))?,
            Request::Extended(_) | Request::Other(_) => send(&mut stream, &message_of(id, result(0x78, REFUSED)))?,
        };
        if !goes_on {
            return Ok(());
        }
    }
    Ok(())
}

fn answer_bind(stream: &mut TcpStream, id: u32, lie: &Lie, (name, password): (&str, &[u8])) -> Result<bool> {
    match lie {
        Lie::KnowsOneWrong(wrong) if name == SOMEBODY && password == wrong.as_bytes() => {
            send(stream, &message_of(id, result(0x61, WRONG)))
        }
        Lie::KnowsOneWrong(_) if name == SOMEBODY => reset(stream),
        Lie::SilenceOfBind => Ok(true),
        Lie::ResetOfBind => reset(stream),
        Lie::ReferralOfBind(url) => send(stream, &message_of(id, referral(0x61, url))),
        _ => send(stream, &message_of(id, result(0x61, SUCCESS))),
    }
}

/// Whether the connection goes on.
fn answer_search(stream: &mut TcpStream, id: u32, lie: &Lie, search: &Search) -> Result<bool> {
    let (one, done) = (message_of(id, person(SOMEBODY)), message_of(id, result(0x65, SUCCESS)));
    match lie {
        Lie::Nobody => send(stream, &done),
        Lie::One | Lie::ReferralOfBind(_) | Lie::SilenceOfBind | Lie::ResetOfBind | Lie::KnowsOneWrong(_) => {
            send(stream, &[one, done].concat())
        }
        Lie::Two => {
            let other = message_of(id, person("uid=alice,ou=others,dc=example,dc=org"));
            send(stream, &[one, other, done].concat())
        }
        Lie::Endless => loop {
            stream.write_all(&one)?;
        },
        Lie::Referral(url) => send(stream, &message_of(id, referral(0x65, url))),
        Lie::Reference(url) => send(stream, &[message_of(id, group(0x73, &[octets(url)])), done].concat()),
        Lie::OtherNumber => {
            let other = id.wrapping_add(1000);
            send(stream, &[message_of(other, person(SOMEBODY)), message_of(other, result(0x65, SUCCESS))].concat())
        }
        Lie::GroupsCut => {
            let is_about_names = search.attributes == ["sAMAccountName", "objectSid"];
            let cut = message_of(id, result(0x65, TOO_MANY));
            if is_about_names { send(stream, &cut) } else { send(stream, &[one, done].concat()) }
        }
        Lie::LongMessage => send(stream, &[&[SEQUENCE, 0x84, 0x7F, 0xFF, 0xFF, 0xFF], one.as_slice()].concat()),
        Lie::DeepMessage => send(stream, &deep()),
        Lie::Garbage => send(stream, &garbage(4_096)),
        Lie::Half => send(stream, one.split_at(one.len() / 2).0).map(|_| false),
        Lie::Reset => reset(stream),
        Lie::Silence => Ok(true),
    }
}

fn send(stream: &mut TcpStream, octets: &[u8]) -> Result<bool> {
    stream.write_all(octets).map(|()| true)
}

/// Ends the connection with a reset instead of a farewell.
fn reset(stream: &TcpStream) -> Result<bool> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO)).map(|()| false)
}

fn message_of(id: u32, operation: Vec<u8>) -> Vec<u8> {
    group(SEQUENCE, &[integer(id), operation])
}

fn result(tag: u8, code: u8) -> Vec<u8> {
    group(tag, &[element(ENUMERATED, &[code]), octets(""), octets("")])
}

fn referral(tag: u8, url: &str) -> Vec<u8> {
    group(tag, &[element(ENUMERATED, &[ELSEWHERE]), octets(""), octets(""), group(0xA3, &[octets(url)])])
}

fn person(dn: &str) -> Vec<u8> {
    let attribute = |(name, value): &(&str, &str)| group(SEQUENCE, &[octets(name), group(SET, &[octets(value)])]);
    let attributes: Vec<Vec<u8>> = ATTRIBUTES.iter().map(attribute).collect();
    group(0x64, &[octets(dn), group(SEQUENCE, &attributes)])
}

/// Every element has room for the next one and says so truly; reading it is a matter of depth alone.
fn deep() -> Vec<u8> {
    let mut inside_out = Vec::new();
    for depth in 0..100_000_u32 {
        // Each head has six octets.
        let length = (depth * 6).to_be_bytes();
        inside_out.extend(length.iter().rev());
        inside_out.extend([0x84, SEQUENCE]);
    }
    inside_out.reverse();
    inside_out
}

/// The same at every run.
pub(crate) fn garbage(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()
    };
    (0..length.div_ceil(4)).flat_map(next).take(length).collect()
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

const ATTRIBUTES: [(&str, &str); 8] = [
    ("objectClass", "inetOrgPerson"),
    ("uid", "alice"),
    ("sAMAccountName", "alice"),
    ("cn", "Alice Example"),
    ("mail", "alice@example.org"),
    ("userAccountControl", "512"),
    // A security identifier: any octets do.
    ("tokenGroups", "sid"),
    ("entryUUID", "3f1a6c9e-9a1b-4c59-8f3e-0a1b2c3d4e5f"),
];
const SUCCESS: u8 = 0;
/// `sizeLimitExceeded`.
const TOO_MANY: u8 = 4;
const ELSEWHERE: u8 = 10;
/// `invalidCredentials`.
const WRONG: u8 = 49;
/// `unwillingToPerform`.
const REFUSED: u8 = 53;
