//! What an OpenLDAP server was asked: counted by its own monitor, and word by word from its log.

use std::io::{Error, Result};

use crate::client::Client;
use crate::entry::Entry;

/// How many operations of each kind a server has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Operations {
    /// Proofs of who asks.
    pub bind: u64,
    /// Searches, of one entry too.
    pub search: u64,
    /// Changes of attributes.
    pub modify: u64,
    /// Whatever else changes something: entries added, deleted, renamed.
    pub other_change: u64,
    /// Extended ones, of which StartTLS is one.
    pub extended: u64,
    /// Polite ends.
    pub unbind: u64,
}

/// A search as the server understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Where it began.
    pub base: String,
    /// What it asked for.
    pub filter: String,
}

impl Operations {
    /// What came after an earlier count. What that count itself has asked is not in it.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            bind: self.bind.saturating_sub(earlier.bind + 1),
            search: self.search.saturating_sub(earlier.search + 1),
            modify: self.modify.saturating_sub(earlier.modify),
            other_change: self.other_change.saturating_sub(earlier.other_change),
            extended: self.extended.saturating_sub(earlier.extended),
            unbind: self.unbind.saturating_sub(earlier.unbind + 1),
        }
    }

    /// All of them that ask for something: not the ends, and not what only secures a connection.
    pub fn asked(&self) -> u64 {
        self.bind + self.search + self.modify + self.other_change
    }
}

/// Asks the monitor. The answer holds the bind and the search that asked, but not yet their end.
pub(crate) fn count(owner: &Client) -> Result<Operations> {
    let kinds = owner.search("cn=Operations,cn=Monitor", "(objectClass=monitorOperation)", &["cn", COUNTER])?;
    let of = |names: &[&str]| -> Result<u64> {
        let named = kinds.iter().filter(|kind| kind.text("cn").is_some_and(|cn| names.contains(&cn)));
        named.map(number).sum()
    };
    Ok(Operations {
        bind: of(&["Bind"])?,
        search: of(&["Search"])?,
        modify: of(&["Modify"])?,
        other_change: of(&["Add", "Delete", "Modrdn"])?,
        extended: of(&["Extended"])?,
        unbind: of(&["Unbind"])?,
    })
}

/// The searches a log tells of, but for those that came through the owner's socket.
pub(crate) fn searches(log: &str) -> Vec<Search> {
    let (mut owners, mut found) = (Vec::new(), Vec::new());
    for line in log.lines() {
        let Some(connection) = line.split(' ').find_map(|word| word.strip_prefix("conn=")) else {
            continue;
        };
        if line.contains(" ACCEPT from ") {
            owners.retain(|owner| *owner != connection);
        }
        if line.contains(" ACCEPT from PATH=") {
            owners.push(connection);
        }
        found.extend(search(line).filter(|_| !owners.contains(&connection)));
    }
    found
}

fn number(kind: &Entry) -> Result<u64> {
    kind.text(COUNTER).unwrap_or_default().parse().map_err(Error::other)
}

fn search(line: &str) -> Option<Search> {
    let (_, rest) = line.split_once(" SRCH base=\"")?;
    let (base, rest) = rest.split_once("\" scope=")?;
    let (_, filter) = rest.split_once(" filter=\"")?;
    Some(Search { base: base.to_owned(), filter: filter.strip_suffix('"')?.to_owned() })
}

const COUNTER: &str = "monitorOpInitiated";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_are_read_from_the_log_but_for_the_owners() {
        let log = r#"6b0c 0x7f conn=1 fd=9 ACCEPT from PATH=/x (PATH=/x)
            6b0c 0x7f conn=1 op=1 SRCH base="dc=o" scope=2 deref=0 filter="(uid=o)"
            6b0c 0x7f conn=2 op=1 SRCH base="dc=a" scope=2 deref=0 filter="(uid=a\2A)"
            6b0c 0x7f conn=2 op=1 SRCH attr=mail
            6b0c 0x7f conn=1 fd=9 ACCEPT from IP=127.0.0.1:5 (IP=127.0.0.1:389)
            6b0c 0x7f conn=1 op=1 SRCH base="dc=b" scope=0 deref=0 filter="(uid=b)""#;
        let found: Vec<_> = searches(log).into_iter().map(|search| (search.base, search.filter)).collect();
        let expected = [("dc=a", r"(uid=a\2A)"), ("dc=b", "(uid=b)")];
        assert_eq!(found, expected.map(|(base, filter)| (base.to_owned(), filter.to_owned())));
    }

    #[test]
    fn a_count_leaves_itself_out() {
        let first = Operations { bind: 5, search: 4, unbind: 2, ..Operations::default() };
        let second = Operations { bind: 7, search: 6, unbind: 3, modify: 1, ..Operations::default() };
        let between = Operations { bind: 1, search: 1, modify: 1, ..Operations::default() };
        assert_eq!(second.since(&first), between);
        assert_eq!(between.asked(), 3);
    }
}
