//! An OpenLDAP server with made-up people: `ldap://` with StartTLS, `ldaps://`, and a socket for its owner.

use std::fs;
use std::io::Result;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;

use private_home::deadline::until;
use private_home::home::{Home, private};
use private_home::port;
use private_home::program::finish;

use crate::certificate::{Authority, Flaw};
use crate::client::{Client, Security, Who};
use crate::entry::Entry;
use crate::home;
use crate::operations::{self, Operations, Search};
use crate::programs::find;
use crate::service::{PATIENCE, Service};

/// One server. Dropping it ends it and removes its folder.
pub struct Slapd {
    authority: Authority,
    setup: Setup,
    plain: SocketAddr,
    tls: SocketAddr,
    service: Service,
    // Last: whatever still runs in there ends with it.
    home: Home,
}

/// What differs from one server to another.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// How many more people there are: `u0@example.org` and so on, loaded before the first start.
    pub crowd: u32,
    /// What is wrong with its certificate.
    pub flaw: Flaw,
    /// Whether it tells every operation in its log.
    pub log: Log,
    /// How many entries it lists at once, in one page as without pages; 500 unless it is said.
    pub most_listed: Option<u32>,
    /// Further lines of its configuration, ahead of the database: `idletimeout 1`.
    pub directives: Vec<String>,
}

/// What the server's log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Log {
    /// Every connection and operation, with its filter.
    #[default]
    Operations,
    /// What cannot be left out: for measurements.
    Least,
}

/// Below this is everything.
pub const BASE: &str = "dc=example,dc=org";
/// Below this are the people; a second `uid=twin` is beside it.
pub const PEOPLE: &str = "ou=people,dc=example,dc=org";
/// Who may read everything but passwords.
pub const READER: &str = "cn=reader,ou=services,dc=example,dc=org";
/// The password of the one who reads.
pub const READER_PASSWORD: &str = "may-read"; // tidy: not a secret, because it opens made-up data
/// Who may also write `mail`, `otherMailbox` and `extensionAttribute5`, and nothing else.
pub const WRITER: &str = "cn=writer,ou=services,dc=example,dc=org";
/// The password of the one who writes.
pub const WRITER_PASSWORD: &str = "may-write"; // tidy: not a secret, because it opens made-up data
/// The password of all people.
pub const PASSWORD: &str = "demo"; // tidy: not a secret, because it opens made-up data

impl Slapd {
    /// A server as most tests want it.
    pub fn start() -> Result<Self> {
        Self::start_with(Setup::default())
    }

    /// A server with another setup.
    pub fn start_with(setup: Setup) -> Result<Self> {
        let home = home::open()?;
        let (authority, service) = (Authority::new("private directory")?, Service::new(&home));
        let mut slapd = Self { authority, setup, plain: port::keep()?, tls: port::keep()?, service, home };
        slapd.furnish()?;
        slapd.run()?;
        slapd.owner().modify(INHABITANTS)?;
        Ok(slapd)
    }

    /// Where it listens without TLS at first.
    pub fn address(&self) -> SocketAddr {
        self.plain
    }

    /// Where it listens with TLS.
    pub fn tls_address(&self) -> SocketAddr {
        self.tls
    }

    /// Its URL without TLS at first.
    pub fn url(&self) -> String {
        format!("ldap://{}", self.plain)
    }

    /// Its URL with TLS.
    pub fn tls_url(&self) -> String {
        format!("ldaps://{}", self.tls)
    }

    /// The certificate of its authority, in PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.home.join(CA)
    }

    /// Somebody with a password who asks with TLS.
    // tidy: not a secret, because it opens made-up data and ends with the test
    pub fn client(&self, name: &str, password: &str) -> Client {
        let who = Who::Name { name: name.to_owned(), password: password.to_owned() };
        Client { url: self.tls_url(), ca_file: self.ca_file(), security: Security::OfUrl, who }
    }

    /// The owner, who may do everything, through the socket.
    pub fn owner(&self) -> Client {
        Client { url: self.socket_url(), ca_file: self.ca_file(), security: Security::OfUrl, who: Who::Owner }
    }

    /// A person as the owner sees her.
    pub fn person(&self, uid: &str) -> Result<Entry> {
        self.owner().read(&format!("uid={uid},{PEOPLE}"), &["*", "+"])
    }

    /// What it has been asked since it was started.
    pub fn operations(&self) -> Result<Operations> {
        operations::count(&self.owner())
    }

    /// Every search it has logged, as it understood it; its owner's are left out.
    pub fn searches(&self) -> Vec<Search> {
        operations::searches(&self.log())
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
        until("the ports to be free", PATIENCE, || {
            Ok([self.plain, self.tls].iter().all(|at| is_free(*at)).then_some(()))
        })?;
        self.run()
    }

    /// Gives it another certificate and starts it again.
    pub fn start_again_with(&mut self, flaw: Flaw) -> Result<()> {
        self.setup.flaw = flaw;
        self.certify()?;
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

    /// Everything that is there before the first start.
    fn furnish(&self) -> Result<()> {
        private(&self.home.join("data"))?;
        // Under its own name Debian lets it reach its own folders only.
        fs::copy(find("slapd", "slapd")?, self.home.join(PROGRAM))?;
        self.home.write("ad.schema", include_str!("slapd/ad.schema"))?;
        self.home.write(CA, &self.authority.pem())?;
        self.certify()?;
        self.home.write(CONFIG, &self.config()?)?;
        let tree = self.home.write("tree.ldif", &(include_str!("slapd/tree.ldif").to_owned() + &self.crowd()))?;
        let mut load = Command::new(self.home.join(PROGRAM));
        load.args(["-T", "add", "-q", "-f"]).arg(self.home.join(CONFIG)).args(["-b", BASE, "-l"]).arg(tree);
        finish(load.current_dir(self.home.path())).map(drop)
    }

    fn certify(&self) -> Result<()> {
        let issued = self.authority.issue(self.plain.ip(), self.setup.flaw)?;
        self.home.write(CERTIFICATE, &issued.chain)?;
        self.home.write(KEY, &issued.key).map(drop)
    }

    fn run(&mut self) -> Result<()> {
        let level = if self.setup.log == Log::Operations { "stats" } else { "none" };
        let mut command = Command::new(self.home.join(PROGRAM));
        command.arg("-f").arg(self.home.join(CONFIG)).args(["-d", level, "-h"]);
        command.arg(format!("{}/ {}/ {}/", self.url(), self.tls_url(), self.socket_url()));
        self.service.spawn(&mut command, &self.home)?;
        let plain = self.plain;
        self.service
            .wait_ready(|service| service.current_log().contains("slapd starting") && TcpStream::connect(plain).is_ok())
    }

    fn socket_url(&self) -> String {
        format!("ldapi://{}", self.home.join("ldapi").display().to_string().replace('/', "%2F"))
    }

    fn crowd(&self) -> String {
        let person = |number| {
            let uid = format!("u{number}");
            let entry = Entry::new(format!("uid={uid},{PEOPLE}"));
            let entry = entry.with("objectClass", "inetOrgPerson").with("uid", &uid).with("cn", &uid).with("sn", &uid);
            entry.with("mail", format!("{uid}@example.org")).with("userPassword", PASSWORD).to_ldif()
        };
        (0..self.setup.crowd).map(person).collect()
    }

    fn config(&self) -> Result<String> {
        let home = self.home.path();
        let meta = fs::metadata(home)?;
        let owner = format!("gidNumber={}+uidNumber={},cn=peercred,cn=external,cn=auth", meta.gid(), meta.uid());
        let text = include_str!("slapd/slapd.conf").replace("{home}", &home.display().to_string());
        let most = self.setup.most_listed.unwrap_or(MOST_LISTED).to_string();
        let text = text.replace("{owner}", &owner).replace("{most_listed}", &most);
        Ok(text.replace("{directives}", &self.setup.directives.join("\n")))
    }
}

fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

const INHABITANTS: &str = include_str!("slapd/people.ldif");
const PROGRAM: &str = "slapd";
const CONFIG: &str = "slapd.conf";
const CA: &str = "ca.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";
/// As many as a server out there lists.
const MOST_LISTED: u32 = 500;
