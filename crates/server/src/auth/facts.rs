//! What is known about an attempt, in the words of the rules: criteria, and the table of first steps.

use domain::attempt::Client;
use domain::criteria::{AccountName, Explanation, Facts, Label, Principal};
use domain::decide::{Enrolled, ListedAddress, Password, Situation};

use super::Scene;
use super::resolve::Person;
use crate::app::App;
use crate::directory::Group;
use crate::store::enrollments::StoredEnrollment;

/// Whether a rule asks this person for a code here, and why.
pub(super) fn explain(app: &App, person: &Person, client: &Client) -> Explanation {
    app.settings().explain(&person.provider, &facts(person, client))
}

/// What the table of first steps looks at.
pub(super) fn situation(app: &App, person: &Person, enrolled: Enrolled, password: Password) -> Situation {
    let provider = &person.provider;
    Situation {
        enrolled,
        password,
        window: provider.user_enrollment.window(app.now()),
        show: provider.show_information,
        listed: if person.listed_address().is_some() { ListedAddress::Present } else { ListedAddress::Missing },
        external: person.external(),
    }
}

/// Where the address of these enrollments comes from; one of the person's own counts most.
pub(super) fn enrolled(enrollments: &[&StoredEnrollment]) -> Enrolled {
    let is_listed = |stored: &&StoredEnrollment| stored.enrollment.is_address_dynamic;
    match enrollments {
        [] => Enrolled::No,
        all if all.iter().all(is_listed) => Enrolled::Directory,
        _ => Enrolled::External,
    }
}

/// What is known of the person and of where they come from.
pub(super) fn facts(person: &Person, client: &Client) -> Facts {
    let device = &client.device;
    Facts {
        principals: principals(person),
        gateway: device.gateway,
        os: device.os,
        address: device.address,
        hardware_id: device.hardware_id.clone(),
        device: device.name.clone(),
    }
}

/// Nobody we know is nobody a rule can name.
pub(super) fn principals(person: &Person) -> Option<Vec<Principal>> {
    let account = person.account.as_ref()?;
    let own = AccountName::new(&person.realm_name, &account.name).ok()?;
    let Some(listed) = &person.listed else {
        return Some(vec![Principal { sid: None, names: vec![own] }]);
    };
    let domains: Vec<&str> = std::iter::once(person.realm_name.as_str())
        .chain(listed.directory.settings().domains.iter().map(String::as_str))
        .collect();
    let in_domains = |name: &str| -> Vec<AccountName> {
        domains.iter().filter_map(|domain| AccountName::new(domain, name).ok()).collect()
    };
    let sid = |text: &Option<String>| text.as_deref().and_then(|text| Label::parse(text).ok());
    let mut names = in_domains(&account.name);
    names.extend(listed.entry.names.iter().filter_map(|name| AccountName::parse(name).ok()));
    let person = Principal { sid: sid(&listed.entry.sid), names };
    let group = |group: &Group| Principal { sid: sid(&group.sid), names: in_domains(&group.name) };
    Some(std::iter::once(person).chain(listed.groups.iter().map(group)).collect())
}

impl Scene<'_> {
    /// Whether a rule asks this person for a code here, and why.
    pub(super) fn explain(&self) -> Explanation {
        explain(self.app, self.person, &self.attempt.client)
    }

    /// What the table looks at, with these of the person's enrollments.
    pub(super) fn situation(&self, enrollments: &[&StoredEnrollment], password: Password) -> Situation {
        situation(self.app, self.person, enrolled(enrollments), password)
    }
}
