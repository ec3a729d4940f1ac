//! A domain controller of Samba's with made-up people: its directory alone, `ldap://` that asks for
//! StartTLS, and `ldaps://`. Its ports are fixed, so each has an address of its own on this machine.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;

use private_home::deadline::until;
use private_home::home::Home;

use crate::certificate::{Authority, Flaw};
use crate::client::{Client, Security, Who};
use crate::domain;
use crate::entry::Entry;
use crate::home;
use crate::service::{PATIENCE, Service};

/// One domain controller. Dropping it ends it and removes its folder.
pub struct Samba {
    authority: Authority,
    address: Ipv4Addr,
    service: Service,
    // Last: whatever still runs in there ends with it.
    home: Home,
}

/// Below this is everything.
pub const BASE: &str = "DC=ad,DC=example,DC=org";
/// Below this are the people.
pub const PEOPLE: &str = "OU=People,DC=ad,DC=example,DC=org";
/// The domain's short name, as in `EXAMPLE\alice`.
pub const DOMAIN: &str = "EXAMPLE";
/// What follows the name in `alice@ad.example.org`.
pub const REALM: &str = "ad.example.org";
/// Who may read what everybody in the domain may read.
pub const READER: &str = "svc-read@ad.example.org";
/// Who may also write `mail`, `otherMailbox` and `extensionAttribute5` of people, and nothing else.
pub const WRITER: &str = "svc-write@ad.example.org";
/// The password of all people and of both services.
pub const PASSWORD: &str = "Demo-1234"; // tidy: not a secret, because it opens made-up data
/// The password of the domain's administrator.
pub(crate) const ADMINISTRATOR_PASSWORD: &str = "Administers-1234"; // tidy: not a secret, because it opens made-up data

impl Samba {
    /// A domain controller as most tests want it. Its ports are for the superuser.
    pub fn start() -> Result<Self> {
        let home = home::open()?;
        let (authority, service) = (Authority::new("private domain")?, Service::new(&home));
        let mut samba = Self { authority, address: free()?, service, home };
        samba.home.write(CA, &samba.authority.pem())?;
        samba.certify(Flaw::None)?;
        domain::configure(&samba.home, &samba.address.to_string())?;
        domain::place(&samba.home)?;
        samba.run().map(|()| samba)
    }

    /// Where it listens without TLS at first.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((self.address, PORT))
    }

    /// Where it listens with TLS.
    pub fn tls_address(&self) -> SocketAddr {
        SocketAddr::from((self.address, TLS_PORT))
    }

    /// Its URL without TLS at first.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// Its URL with TLS.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// The certificate of its authority, in PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.home.join(CA)
    }

    /// Somebody with a password who asks with TLS: `alice@ad.example.org`, `EXAMPLE\alice` or a whole name.
    // tidy: not a secret, because it opens made-up data and ends with the test
    pub fn client(&self, name: &str, password: &str) -> Client {
        let who = Who::Name { name: name.to_owned(), password: password.to_owned() };
        Client { url: self.tls_url(), ca_file: self.ca_file(), security: Security::OfUrl, who }
    }

    /// The domain's administrator.
    pub fn administrator(&self) -> Client {
        self.client(&format!("{DOMAIN}\\Administrator"), ADMINISTRATOR_PASSWORD)
    }

    /// A person, group or service as the administrator sees it; the groups with those they are in.
    pub fn account(&self, name: &str) -> Result<Entry> {
        let (administrator, filter) = (self.administrator(), format!("(sAMAccountName={name})"));
        let found = administrator.search(BASE, &filter, &["1.1"])?;
        let dn = found.first().ok_or_else(|| Error::other(format!("nobody is called {name}")))?;
        administrator.read(&dn.dn, &["*", "tokenGroups"])
    }

    /// The security identifier of a person or group.
    pub fn sid(&self, name: &str) -> Result<String> {
        let sids = self.account(name)?.sids("objectSid");
        sids.into_iter().next().ok_or_else(|| Error::other(format!("{name} has no identifier")))
    }

    /// Guesses somebody's password wrong until the domain has had enough.
    pub fn lock_out(&self, name: &str) -> Result<()> {
        let guess = self.client(&format!("{name}@{REALM}"), "wrong");
        until("the account to be locked", PATIENCE, || {
            let said = guess.bind().err().map(|error| error.to_string()).unwrap_or_default();
            // ERROR_ACCOUNT_LOCKED_OUT, 1909.
            Ok(said.contains("data 775").then_some(()))
        })
    }

    /// Everything it has written so far.
    pub fn log(&self) -> String {
        self.service.log()
    }

    /// Stops it and waits for its end.
    pub fn stop(&mut self) -> Result<()> {
        self.service.stop()
    }

    /// Ends it without a word, as a power cut does.
    pub fn kill_9(&mut self) -> Result<()> {
        self.service.kill_9()
    }

    /// Starts it again where it was, once it answers.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop()?;
        until("the ports to be free", PATIENCE, || Ok(listens(self.address).ok()))?;
        self.run()
    }

    /// Gives it another certificate and starts it again.
    pub fn start_again_with(&mut self, flaw: Flaw) -> Result<()> {
        self.certify(flaw)?;
        self.start_again()
    }

    /// Makes it stand still; connections stay open and silent.
    pub fn pause(&self) -> Result<()> {
        self.service.pause()
    }

    /// Lets it go on.
    pub fn resume(&self) -> Result<()> {
        self.service.resume()
    }

    fn certify(&self, flaw: Flaw) -> Result<()> {
        let issued = self.authority.issue(IpAddr::V4(self.address), flaw)?;
        self.home.write("server.pem", &issued.chain)?;
        self.home.write("server.key", &issued.key).map(drop)
    }

    fn run(&mut self) -> Result<()> {
        let mut command = domain::command(&self.home, "samba", "samba", &[])?;
        command.args(["--foreground", "--model=single", "--no-process-group", "--debug-stdout"]);
        self.service.spawn(&mut command, &self.home)?;
        let addresses = [self.address(), self.tls_address()];
        self.service.wait_ready(|_| addresses.iter().all(|address| TcpStream::connect(address).is_ok()))
    }
}

/// Whether this process may have one at all: its ports are for the superuser.
pub fn may_start() -> Result<bool> {
    match free() {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
        found => found.map(|_| true),
    }
}

/// An address of this machine at which nobody has any of the ports.
fn free() -> Result<Ipv4Addr> {
    let mut random = File::open("/dev/urandom")?;
    for _ in 0..TRIES {
        let mut octets = [0; 3];
        random.read_exact(&mut octets)?;
        let [second, third, fourth] = octets;
        let address = Ipv4Addr::new(127, second % 64 + 64, third, fourth.clamp(1, 254));
        match listens(address) {
            Ok(()) => return Ok(address),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(Error::new(error.kind(), "a domain listens on ports that are for the superuser"));
            }
            Err(_) => (),
        }
    }
    Err(Error::other("no address of this machine is free"))
}

/// Whether a server could listen there.
fn listens(address: Ipv4Addr) -> Result<()> {
    PORTS.iter().try_for_each(|port| TcpListener::bind((address, *port)).map(drop))
}

const PORT: u16 = 389;
const TLS_PORT: u16 = 636;
/// The last two are those of the global catalogue.
const PORTS: [u16; 4] = [PORT, TLS_PORT, 3268, 3269];
const CA: &str = "ca.pem";
const TRIES: usize = 16;
