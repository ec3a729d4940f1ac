//! What an administrator says about a directory: where it is, who we are to it, which entries are people and
//! which attributes say what about them. Read from names and texts, as they are stored; a value that exists
//! is valid.

mod read;
mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ldap_wire::filter::Filter;
use ldap_wire::request::Scope;

pub use read::{Known, known};
pub use server::{Security, Server};

/// One directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapSettings {
    /// Its servers, in the order in which they are asked.
    pub servers: Vec<Server>,
    /// PEM file with further trusted certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Where people are.
    pub base: String,
    /// How far below.
    pub scope: Scope,
    /// Longest wait for one operation.
    pub timeout: Duration,
    /// Whom we look people up as; empty for nobody.
    pub reader: String,
    /// Whom addresses are written as; empty where none are.
    pub writer: String,
    /// What every person's entry is like.
    pub filter: Filter,
    /// Attributes that hold the names people sign in with; the first one is shown.
    pub login_attributes: Vec<String>,
    /// What never changes about an entry.
    pub id: IdAttribute,
    /// Attributes that hold the mail address, in order of preference.
    pub mail_attributes: Vec<String>,
    /// Attributes of what else is shown.
    pub profile: Profile,
    /// Names of the domain that people write before or behind their own.
    pub domains: Vec<String>,
    /// How groups are found.
    pub groups: Groups,
    /// Where groups are.
    pub group_base: String,
    /// Attributes in which providers keep addresses that people have named; said by those, not here.
    pub kept_attributes: Vec<&'static str>,
}

/// What an entry is recognised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdAttribute {
    /// Its distinguished name, which changes when the entry is moved.
    Name,
    /// An attribute of 16 octets, as Microsoft writes them.
    Guid(String),
    /// An attribute that is text.
    Text(String),
}

/// Attributes of what is shown about somebody; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub surname: String,
    /// Telephone.
    pub phone: String,
    /// Mobile telephone.
    pub mobile: String,
}

/// How the groups of somebody are found, also those that hold their groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// The server knows them all (Active Directory).
    ActiveDirectory,
    /// Groups that name their members (RFC 4519 `member` and `uniqueMember`, RFC 2307 `memberUid`).
    Members,
}

/// A setting that cannot be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Its name.
    pub name: &'static str,
    /// What is allowed, and what was given.
    pub reason: String,
}

impl LdapSettings {
    /// Reads all settings, or says everything that is wrong with them.
    pub fn parse(data: &BTreeMap<String, String>) -> Result<Self, Vec<Wrong>> {
        read::read(data)
    }

    /// Whether it is a directory of Microsoft's kind, with its own account flags.
    pub fn is_active_directory(&self) -> bool {
        matches!(self.groups, Groups::ActiveDirectory)
    }

    /// The part of the tree that all domain components of the base name, else the base itself: people and groups
    /// are often beside each other.
    pub(super) fn root(base: &str) -> &str {
        let components = base.split_inclusive(',');
        let mut at = 0;
        for component in components {
            if component.trim_start().to_ascii_lowercase().starts_with("dc=") {
                return base.get(at..).unwrap_or(base).trim_start();
            }
            at += component.len();
        }
        base
    }

    /// The person of that name. The name is compared as a whole, with each of the attributes.
    pub fn filter_for_name(&self, name: &str) -> Filter {
        let mut attributes: Vec<&str> = self.login_attributes.iter().map(String::as_str).collect();
        if self.is_active_directory() && name.contains('@') && !attributes.contains(&PRINCIPAL_NAME) {
            attributes.push(PRINCIPAL_NAME);
        }
        let names = attributes.into_iter().map(|attribute| Filter::equals(attribute, name));
        Filter::And(vec![self.filter.clone(), Filter::Or(names.collect())])
    }

    /// The person of that identifier; nothing where it is the name of the entry, which is no attribute.
    pub fn filter_for_id(&self, id: &str) -> Option<Filter> {
        let wanted = match &self.id {
            IdAttribute::Name => return None,
            IdAttribute::Guid(attribute) => Filter::Equals(attribute.clone(), super::identity::guid_octets(id)?),
            IdAttribute::Text(attribute) => Filter::equals(attribute, id),
        };
        Some(Filter::And(vec![self.filter.clone(), wanted]))
    }

    /// A name without the domain that may stand with it: `CORP\bob` is `bob` where `CORP` is a name of the
    /// domain. What names another domain is left as it is, and fits nobody.
    pub fn bare_name<'a>(&self, name: &'a str) -> &'a str {
        let is_ours = |domain: &str| self.domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
        let split = name.split_once('\\').map(|(domain, bare)| (bare, domain));
        match split {
            Some((bare, domain)) if is_ours(domain) => bare,
            _ => name,
        }
    }
}

/// `name@domain` in Active Directory.
const PRINCIPAL_NAME: &str = "userPrincipalName";

#[cfg(test)]
mod tests;
