//! Asking a directory as anybody can: through OpenLDAP's `ldapsearch` and `ldapmodify`. What these see
//! is what counts, whoever has written it.

use std::io::{Error, Result};
use std::path::PathBuf;
use std::process::Command;

use private_home::program::finish_with;

use crate::entry::{self, Entry};
use crate::programs::find;

/// Who asks, where, and over which kind of connection.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) url: String,
    /// Whom to trust.
    pub(crate) ca_file: PathBuf,
    pub(crate) security: Security,
    pub(crate) who: Who,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Who {
    /// The owner of this process, by the socket's own word.
    Owner,
    /// Somebody with a password.
    // These are made up, and end with the server: other users of this machine may see them.
    Name { name: String, password: String }, // tidy: not a secret, because it opens made-up data and ends with the test
}

/// Whether a connection that began in clear goes on so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// As the URL says.
    OfUrl,
    /// TLS is asked for first, and nothing said without.
    StartTls,
}

impl Client {
    /// The same over another kind of connection.
    #[must_use]
    pub fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// The same at another address.
    #[must_use]
    pub fn at(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Whether it is let in at all.
    pub fn bind(&self) -> Result<()> {
        self.read("", &["1.1"]).map(drop)
    }

    /// What matches below a base, at any depth.
    pub fn search(&self, base: &str, filter: &str, attributes: &[&str]) -> Result<Vec<Entry>> {
        self.ask(&["-s", "sub", "-b", base, filter], attributes)
    }

    /// One entry by its name.
    pub fn read(&self, dn: &str, attributes: &[&str]) -> Result<Entry> {
        let found = self.ask(&["-s", "base", "-b", dn, "(objectClass=*)"], attributes)?;
        found.into_iter().next().ok_or_else(|| Error::other(format!("no entry: {dn}")))
    }

    /// Makes the changes of an LDIF text; what says nothing else is added.
    pub fn modify(&self, ldif: &str) -> Result<()> {
        finish_with(self.command("ldapmodify")?.arg("-a"), ldif).map(drop)
    }

    fn ask(&self, words: &[&str], attributes: &[&str]) -> Result<Vec<Entry>> {
        let mut command = self.command("ldapsearch")?;
        command.args(["-LLL", "-o", "ldif_wrap=no", "-o", "nettimeout=10"]).args(words).args(attributes);
        entry::parse(&finish_with(&mut command, "")?)
    }

    fn command(&self, program: &str) -> Result<Command> {
        // They wait for ever for the rest of half an answer.
        let mut command = Command::new("timeout");
        command.arg(PATIENCE_SECONDS).arg(find(program, "ldap-utils")?);
        // What the machine's own configuration says is not for us.
        command.env("LDAPCONF", "/dev/null").env("LDAPTLS_CACERT", &self.ca_file).env("LDAPTLS_REQCERT", "demand");
        command.args(["-H", &self.url]);
        if self.security == Security::StartTls {
            command.arg("-ZZ");
        }
        match &self.who {
            Who::Owner => command.args(["-Q", "-Y", "EXTERNAL"]),
            Who::Name { name, password } => command.args(["-x", "-D", name, "-w", password]),
        };
        Ok(command)
    }
}

const PATIENCE_SECONDS: &str = "30";
