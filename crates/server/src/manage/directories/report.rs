//! Before a roll-out: who could not get a code, and why.

use std::collections::BTreeMap;

use domain::address::MailAddress;

use super::ManageError;
use crate::app::App;
use crate::directory::{Listed, Standing};
use crate::manage::users::{self, Wanted};
use crate::manage::wording::shown;

/// Everybody whom a roll-out would leave without a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// People that were looked at.
    pub people: usize,
    /// Whether the directory has more people than it lists.
    pub is_cut: bool,
    /// What was found, in order of name.
    pub findings: Vec<Finding>,
}

/// One of them, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name they sign in with.
    pub name: String,
    /// Why they could not get a code, or should not.
    pub reason: String,
}

/// Looks at everybody in a resolver.
pub async fn report(app: &App, resolver: &str) -> Result<Report, ManageError> {
    let settings = app.settings();
    let mut is_cut = false;
    let people = match app.directories.find(&settings, &app.keys, resolver)? {
        Some(directory) => {
            let found = directory.list("*", MOST, app.now()).await?;
            is_cut = found.is_cut;
            found.people.iter().map(|listed| Person { name: listed.login.clone(), state: state_of(listed) }).collect()
        }
        None if settings.resolvers.iter().any(|known| known.name == resolver) => kept_here(app, resolver).await?,
        None => return Err(ManageError::NotFound(format!("there is no resolver '{}'", shown(resolver)))),
    };
    Ok(Report { is_cut, ..judge(&people) })
}

struct Person {
    name: String,
    /// Their address, or why there is none to use.
    state: Result<String, String>,
}

fn state_of(listed: &Listed) -> Result<String, String> {
    match (listed.standing, &listed.address) {
        (Standing::Good, Ok(address)) => Ok(address.as_str().to_owned()),
        (Standing::Good, Err(none)) => Err(none.to_string()),
        (barred, _) => Err(format!("the directory has the account as {}", barred.as_str())),
    }
}

async fn kept_here(app: &App, resolver: &str) -> Result<Vec<Person>, ManageError> {
    let wanted = Wanted { resolver: Some(resolver.to_owned()), ..Wanted::default() };
    let found = users::find(app, wanted).await?;
    let person = |found: users::Found| {
        let state = MailAddress::parse(&found.account.email).map(|address| address.as_str().to_owned());
        Person { name: found.account.name, state: state.map_err(|error| error.to_string()) }
    };
    Ok(found.into_iter().map(person).collect())
}

/// Who has no usable address, and who shares one: a code that two people can read proves neither.
fn judge(people: &[Person]) -> Report {
    let mut holders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for person in people {
        if let Ok(address) = &person.state {
            holders.entry(address.to_lowercase()).or_default().push(&person.name);
        }
    }
    let finding = |person: &Person| {
        let reason = match &person.state {
            Err(reason) => reason.clone(),
            Ok(address) => {
                let others = holders.get(&address.to_lowercase()).filter(|names| names.len() > 1)?;
                let others = others.iter().filter(|name| **name != person.name).take(MOST_NAMED).copied();
                format!("the address is also that of {}", others.collect::<Vec<_>>().join(", "))
            }
        };
        Some(Finding { name: person.name.clone(), reason })
    };
    let mut findings: Vec<_> = people.iter().filter_map(finding).collect();
    findings.sort_by(|one, other| one.name.cmp(&other.name));
    Report { people: people.len(), is_cut: false, findings }
}

/// People that are looked at.
const MOST: u32 = 100_000;
/// Holders of one address that are named.
const MOST_NAMED: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_none_and_who_shares_one() {
        let person = |name: &str, state: Result<&str, &str>| Person {
            name: name.to_owned(),
            state: state.map(str::to_owned).map_err(str::to_owned),
        };
        let report = judge(&[
            person("cy", Ok("both@example.org")),
            person("ann", Ok("ann@example.org")),
            person("bob", Ok("BOTH@example.org")),
            person("al", Err("the directory has no address")),
        ]);
        let told: Vec<_> = report.findings.iter().map(|one| (one.name.as_str(), one.reason.as_str())).collect();
        let wanted = [
            ("al", "the directory has no address"),
            ("bob", "the address is also that of cy"),
            ("cy", "the address is also that of bob"),
        ];
        assert_eq!((report.people, told.as_slice()), (4, &wanted[..]));
    }
}
