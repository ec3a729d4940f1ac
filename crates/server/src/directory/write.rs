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
