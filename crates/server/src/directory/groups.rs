//! The groups of somebody: those that hold them, and those that hold these.

use std::collections::{BTreeMap, BTreeSet};

use ldap_wire::filter::Filter;
use ldap_wire::reply::Entry;
use ldap_wire::request::{Scope, Search};

use super::connection::Connection;
use super::error::Fault;
use super::identity::sid_text;
use super::listed::Listed;
use super::pool::Operation;
use super::settings::{Groups, LdapSettings};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name; empty where the directory names it by its identifier alone.
    pub name: String,
    /// Its security identifier, in directories that have one.
    pub sid: Option<String>,
}

/// The question for all groups of somebody.
pub(super) struct Of<'a> {
    pub(super) settings: &'a LdapSettings,
    pub(super) listed: &'a Listed,
}

impl Operation for Of<'_> {
    type Answer = Vec<Group>;

    async fn run(&self, connection: &mut Connection) -> Result<Vec<Group>, Fault> {
        match self.settings.groups {
            Groups::ActiveDirectory => by_token(self.settings, connection, self.listed).await,
            Groups::Members => by_members(self.settings, connection, self.listed).await,
        }
    }
}

/// The server knows the identifiers of all of them, however deep, the primary one too (MS-ADTS 3.1.1.4.5.19);
/// their names are looked up beside.
async fn by_token(settings: &LdapSettings, connection: &mut Connection, listed: &Listed) -> Result<Vec<Group>, Fault> {
    let everybody = Filter::Present("objectClass".to_owned());
    let own = Search {
        base: &listed.dn,
        scope: Scope::Base,
        most: 1,
        attributes: &["tokenGroups"],
        ..search(settings, &everybody)
    };
    let entries = connection.search(&own).await?.entries;
    let Some(entry) = entries.first() else {
        return Err(Fault::Refused("the groups of somebody cannot be read: their entry is gone or hidden".to_owned()));
    };
    let sids = entry.values("tokenGroups");
    let mut names = BTreeMap::new();
    for some in sids.chunks(AT_ONCE) {
        let wanted = some.iter().map(|sid| Filter::Equals("objectSid".to_owned(), sid.clone()));
        let filter = Filter::Or(wanted.collect());
        let attributes = ["sAMAccountName", "objectSid"];
        let found = connection.search(&Search { attributes: &attributes, ..search(settings, &filter) }).await?;
        if found.is_cut {
            return Err(too_many());
        }
        let with_name = found.entries.iter().filter_map(|group| {
            Some((group.values("objectSid").first()?.clone(), group.text("sAMAccountName")?.to_owned()))
        });
        names.extend(with_name);
    }
    let group = |sid: &Vec<u8>| Group { name: names.get(sid).cloned().unwrap_or_default(), sid: sid_text(sid) };
    Ok(sids.iter().map(group).collect())
}

/// Groups that name somebody as a member, then groups that name those, until there are no new ones.
async fn by_members(
    settings: &LdapSettings,
    connection: &mut Connection,
    listed: &Listed,
) -> Result<Vec<Group>, Fault> {
    let mut members = member_filters(&listed.dn);
    members.push(Filter::equals("memberUid", &listed.login));
    let (mut groups, mut seen) = (Vec::new(), BTreeSet::new());
    for _ in 0..MOST_LEVELS {
        let filter = Filter::Or(members);
        let found = connection.search(&Search { attributes: &["cn"], ..search(settings, &filter) }).await?;
        let new: Vec<Entry> =
            found.entries.into_iter().filter(|group| seen.insert(group.name.to_lowercase())).collect();
        let named = new.iter().map(|group| group.text("cn").unwrap_or_default().to_owned());
        groups.extend(named.map(|name| Group { name, sid: None }));
        if found.is_cut || groups.len() > MOST_GROUPS {
            return Err(too_many());
        }
        if new.is_empty() {
            return Ok(groups);
        }
        members = new.iter().flat_map(|group| member_filters(&group.name)).collect();
    }
    Err(Fault::Refused(format!("groups are in groups more than {MOST_LEVELS} deep")))
}

/// A rule must not be judged by a part of them.
fn too_many() -> Fault {
    Fault::Refused("somebody is in more groups than can be looked at".to_owned())
}

fn member_filters(dn: &str) -> Vec<Filter> {
    vec![Filter::equals("member", dn), Filter::equals("uniqueMember", dn)]
}

fn search<'a>(settings: &'a LdapSettings, filter: &'a Filter) -> Search<'a> {
    let seconds = u32::try_from(settings.timeout.as_secs()).unwrap_or(1);
    let (base, most) = (settings.group_base.as_str(), u32::try_from(MOST_GROUPS).unwrap_or(u32::MAX));
    Search { base, scope: Scope::Subtree, most, seconds, filter, attributes: &[] }
}

/// Groups asked about in one search.
const AT_ONCE: usize = 100;
/// Groups of one person that are looked at.
const MOST_GROUPS: usize = 1_000;
/// Groups in groups in groups.
const MOST_LEVELS: usize = 10;
