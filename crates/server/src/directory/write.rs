//! Writing an address where an administrator said it is kept: by an account of its own, into an attribute that
//! may be written, and never over another value.

use domain::address::MailAddress;
use domain::provider::AttributeName;
use ldap_wire::filter::Filter;
use ldap_wire::reply::code;
use ldap_wire::request::{Change, Modify, Scope, Search};

use super::connection::Connection;
use super::error::{Fault, code_in_words};
use super::pool::{Operation, Pool};
use super::settings::LdapSettings;
use super::{Directory, DirectoryError, Listed};

/// What became of writing an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is there.
    Done,
    /// Another value is there, and stays.
    Occupied,
}

impl Directory {
    /// Writes an address into an attribute that has no value yet, or replaces the one that is given.
    pub async fn write(
        &self,
        listed: &Listed,
        attribute: AttributeName,
        address: &MailAddress,
        known: Option<&str>,
    ) -> Result<Written, DirectoryError> {
        let (name, address) = (listed.dn.as_str(), address.as_str());
        let write = Write { name, attribute: attribute.as_str(), address, known };
        let written = self.told("write", self.writers()?.perform_once(&write).await);
        self.cache.forget(&listed.id);
        written
    }

    /// Proves that an attribute of that entry may be written, by writing what is there already.
    pub async fn try_writing(&self, name: &str, attribute: AttributeName) -> Result<(), DirectoryError> {
        let trial = Trial { name, attribute: attribute.as_str() };
        self.told("write", self.writers()?.perform_once(&trial).await).map(drop)
    }

    /// Proves the same of the entry of the account that writes.
    pub async fn try_writing_itself(&self, attribute: AttributeName) -> Result<(), DirectoryError> {
        let trial = OwnTrial { settings: &self.settings, attribute: attribute.as_str() };
        self.told("write", self.writers()?.perform_once(&trial).await).map(drop)
    }

    fn writers(&self) -> Result<&Pool, DirectoryError> {
        let missing = || Fault::Unusable("no account writes addresses there: set WRITEDN and WRITEPW".to_owned());
        self.writers.as_ref().ok_or_else(|| missing().at(&self.stored.resolver))
    }
}

struct Write<'a> {
    name: &'a str,
    attribute: &'a str,
    address: &'a str,
    known: Option<&'a str>,
}

impl Operation for Write<'_> {
    type Answer = Written;

    async fn run(&self, connection: &mut Connection) -> Result<Written, Fault> {
        let Self { name, attribute, address, known } = *self;
        let values = values_of(connection, name, attribute).await?;
        let change = match values.as_slice() {
            [] => Change::Add(address),
            [only] if only == address => return Ok(Written::Done),
            [only] if known == Some(only.as_str()) => Change::Replace(Some(address)),
            _ => return Ok(Written::Occupied),
        };
        modify(connection, &Modify { name, attribute, change }).await
    }
}

struct Trial<'a> {
    name: &'a str,
    attribute: &'a str,
}

impl Operation for Trial<'_> {
    type Answer = Written;

    async fn run(&self, connection: &mut Connection) -> Result<Written, Fault> {
        let Self { name, attribute } = *self;
        let values = values_of(connection, name, attribute).await?;
        let change = match values.as_slice() {
            // Replacing nothing by nothing is allowed everywhere and changes nothing (RFC 4511 section 4.6).
            [] => Change::Replace(None),
            [only] => Change::Replace(Some(only)),
            _ => return Err(Fault::Refused(format!("{attribute} of {name} has several values: name another entry"))),
        };
        modify(connection, &Modify { name, attribute, change }).await
    }
}

struct OwnTrial<'a> {
    settings: &'a LdapSettings,
    attribute: &'a str,
}

impl Operation for OwnTrial<'_> {
    type Answer = Written;

    async fn run(&self, connection: &mut Connection) -> Result<Written, Fault> {
        let name = own_entry(connection, self.settings).await?;
        // An account may write what belongs to people without being one of them.
        let own = |what| format!("{what}; this is the entry of the account that writes: name a user to try theirs");
        Trial { name: &name, attribute: self.attribute }.run(connection).await.map_err(|fault| match fault {
            Fault::Refused(what) => Fault::Refused(own(what)),
            other => other,
        })
    }
}

/// The name of the entry of the account that writes. Directories of Microsoft sign it in by `name@domain` and
/// `DOMAIN\name`, too.
async fn own_entry(connection: &mut Connection, settings: &LdapSettings) -> Result<String, Fault> {
    let writer = settings.writer.as_str();
    if writer.contains('=') {
        return Ok(writer.to_owned());
    }
    let account = writer.rsplit_once('\\').map_or(writer, |(_, account)| account);
    let account = account.split_once('@').map_or(account, |(account, _)| account);
    let filter =
        Filter::Or(vec![Filter::equals("userPrincipalName", writer), Filter::equals("sAMAccountName", account)]);
    let base = LdapSettings::root(&settings.base);
    let search = Search { base, scope: Scope::Subtree, most: 2, seconds: 3, filter: &filter, attributes: &[] };
    let found = connection.search(&search).await?;
    match found.entries.as_slice() {
        [entry] if !found.is_cut => Ok(entry.name.clone()),
        _ => Err(Fault::Refused(format!(
            "WRITEDN '{writer}' is not the name of an entry (CN=…,DC=…), and no single entry below {base} is of that \
             account: name a user to try theirs, or write WRITEDN as the name of its entry"
        ))),
    }
}

async fn modify(connection: &mut Connection, modify: &Modify<'_>) -> Result<Written, Fault> {
    let outcome = connection.modify(modify).await?;
    match outcome.code {
        code::SUCCESS => Ok(Written::Done),
        // A single-valued attribute got its value from somebody else meanwhile.
        code::ATTRIBUTE_OR_VALUE_EXISTS => Ok(Written::Occupied),
        other => {
            let Modify { name, attribute, .. } = modify;
            Err(Fault::Refused(format!("{attribute} of {name} cannot be written: {}", code_in_words(other))))
        }
    }
}

async fn values_of(connection: &mut Connection, name: &str, attribute: &str) -> Result<Vec<String>, Fault> {
    let filter = Filter::Present("objectClass".to_owned());
    let attributes = [attribute];
    let search =
        Search { base: name, scope: Scope::Base, most: 1, seconds: 3, filter: &filter, attributes: &attributes };
    let entries = connection.search(&search).await?.entries;
    match entries.first() {
        Some(entry) => Ok(entry.texts(attribute).map(str::to_owned).collect()),
        None => Err(Fault::Refused(format!("the account that writes does not see {name}"))),
    }
}
