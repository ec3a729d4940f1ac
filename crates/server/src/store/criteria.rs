//! Criteria as they are stored: one JSON document, checked on its way in and on its way out.

use std::net::IpAddr;

use domain::criteria::{Access, AddressRange, Criteria, Group, Label, Matching, Os, PrincipalEntry};
use serde::{Deserialize, Serialize};

use super::sql::{Row, Statement, values};
use super::{Store, StoreError};

impl Store {
    /// The criteria of all sites that have some, in order of site.
    pub async fn list_site_criteria(&self) -> Result<Vec<(i64, Criteria)>, StoreError> {
        self.select("site_criteria", SELECT, &[], read_site).await
    }

    /// The criteria of a site, if it has some.
    pub async fn find_site_criteria(&self, site_id: i64) -> Result<Option<Criteria>, StoreError> {
        let found = self.select_one("site_criteria", SELECT_ONE, &values![site_id], read_site).await?;
        Ok(found.map(|(_, criteria)| criteria))
    }
}

/// Sets the criteria of a site, which must still be those that were read; otherwise [`StoreError::Stale`].
pub fn save_site(site_id: i64, read: Option<&Criteria>, criteria: &Criteria) -> Statement {
    match read {
        Some(read) => Statement::must_be_current(UPDATE, values![site_id, to_json(criteria), to_json(read)]),
        None => Statement::must_be_current(INSERT, values![site_id, to_json(criteria)]),
    }
}

/// Removes the criteria of a site that goes.
pub fn delete_of_site(site_id: i64) -> Statement {
    Statement::new("DELETE FROM site_criteria WHERE site_id = ?1", values![site_id])
}

fn read_site(row: &mut Row) -> Result<(i64, Criteria), StoreError> {
    Ok((row.take()?, row.take_as(|text: String| from_json(&text))?))
}

/// The document.
pub fn to_json(criteria: &Criteria) -> String {
    serde_json::to_string(&Document::of(criteria)).unwrap_or_else(|_| unreachable!("no map with keys that are no text"))
}

/// Reads the document; nothing if any part of it is not valid.
pub fn from_json(text: &str) -> Option<Criteria> {
    serde_json::from_str::<Document>(text).ok()?.criteria()
}

/// Users and groups as a document of their own.
pub(crate) fn principals_to_json(entries: &[PrincipalEntry]) -> String {
    let stored: Vec<_> = entries.iter().map(StoredPrincipal::of).collect();
    serde_json::to_string(&stored).unwrap_or_else(|_| unreachable!("no map with keys that are no text"))
}

/// Reads them back; nothing if any of them is not valid.
pub(crate) fn principals_from_json(text: &str) -> Option<Vec<PrincipalEntry>> {
    let stored: Vec<StoredPrincipal> = serde_json::from_str(text).ok()?;
    stored.into_iter().map(StoredPrincipal::entry).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    access: StoredAccess,
    principals: StoredGroup<StoredPrincipal>,
    gateways: StoredGroup<IpAddr>,
    oses: StoredGroup<String>,
    addresses: StoredGroup<StoredRange>,
    hardware_ids: StoredGroup<String>,
    devices: StoredGroup<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredAccess {
    Allow,
    Deny,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGroup<T> {
    is_enabled: bool,
    matching: StoredMatching,
    members: Vec<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredMatching {
    IsOneOf,
    IsNotOneOf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPrincipal {
    account: Option<String>,
    sid: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRange {
    from: IpAddr,
    to: IpAddr,
}

impl Document {
    fn of(criteria: &Criteria) -> Self {
        let label = |label: &Label| label.as_str().to_owned();
        Self {
            access: match criteria.access {
                Access::Allow => StoredAccess::Allow,
                Access::Deny => StoredAccess::Deny,
            },
            principals: StoredGroup::of(&criteria.principals, StoredPrincipal::of),
            gateways: StoredGroup::of(&criteria.gateways, |gateway| *gateway),
            oses: StoredGroup::of(&criteria.oses, |os| os.as_str().to_owned()),
            addresses: StoredGroup::of(&criteria.addresses, |range| StoredRange { from: range.from(), to: range.to() }),
            hardware_ids: StoredGroup::of(&criteria.hardware_ids, label),
            devices: StoredGroup::of(&criteria.devices, label),
        }
    }

    fn criteria(self) -> Option<Criteria> {
        let label = |text: String| Label::parse(&text).ok();
        Some(Criteria {
            access: match self.access {
                StoredAccess::Allow => Access::Allow,
                StoredAccess::Deny => Access::Deny,
            },
            principals: self.principals.group(StoredPrincipal::entry)?,
            gateways: self.gateways.group(Some)?,
            oses: self.oses.group(|name| Os::parse(&name))?,
            addresses: self.addresses.group(StoredRange::range)?,
            hardware_ids: self.hardware_ids.group(label)?,
            devices: self.devices.group(label)?,
        })
    }
}

impl<T> StoredGroup<T> {
    fn of<U>(group: &Group<U>, member: impl Fn(&U) -> T) -> Self {
        Self {
            is_enabled: group.is_enabled,
            matching: match group.matching {
                Matching::IsOneOf => StoredMatching::IsOneOf,
                Matching::IsNotOneOf => StoredMatching::IsNotOneOf,
            },
            members: group.members.iter().map(member).collect(),
        }
    }

    fn group<U>(self, member: impl Fn(T) -> Option<U>) -> Option<Group<U>> {
        Some(Group {
            is_enabled: self.is_enabled,
            matching: match self.matching {
                StoredMatching::IsOneOf => Matching::IsOneOf,
                StoredMatching::IsNotOneOf => Matching::IsNotOneOf,
            },
            members: self.members.into_iter().map(member).collect::<Option<_>>()?,
        })
    }
}

impl StoredPrincipal {
    fn of(entry: &PrincipalEntry) -> Self {
        Self {
            account: entry.account().map(|account| account.as_str().to_owned()),
            sid: entry.sid().map(|sid| sid.as_str().to_owned()),
        }
    }

    fn entry(self) -> Option<PrincipalEntry> {
        PrincipalEntry::parse(self.account.as_deref(), self.sid.as_deref()).ok()
    }
}

impl StoredRange {
    fn range(self) -> Option<AddressRange> {
        AddressRange::parse(&self.from.to_string(), Some(&self.to.to_string())).ok()
    }
}

const SELECT: &str = "SELECT site_id, criteria FROM site_criteria ORDER BY site_id";

const SELECT_ONE: &str = "SELECT site_id, criteria FROM site_criteria WHERE site_id = ?1";

const INSERT: &str = "INSERT INTO site_criteria (site_id, criteria) VALUES (?1, ?2) ON CONFLICT (site_id) DO NOTHING";

const UPDATE: &str = "UPDATE site_criteria SET criteria = ?2 WHERE site_id = ?1 AND criteria = ?3";
