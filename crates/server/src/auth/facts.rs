//! What is known about an attempt, in the words of the rules: criteria, and the table of first steps.

use domain::attempt::Client;
use domain::criteria::{AccountName, Explanation, Facts, Label, Principal};
use domain::decide::{Enrolled, ListedAddress, Password, Situation};
use domain::provider::Provider;

use super::Scene;
use super::resolve::Person;
use crate::app::App;
use crate::directory::Group;
use crate::settings::Settings;
use crate::store::enrollments::StoredEnrollment;
use crate::store::realms::Realm;

/// Whether a rule asks this person for a code here, and why.
pub(super) fn explain(app: &App, person: &Person, client: &Client) -> Explanation {
    explain_at(&app.settings(), person, &person.provider, client)
}

/// The same at that provider. A rule that may mean them or somebody else spares them nothing.
pub(super) fn explain_at(settings: &Settings, person: &Person, provider: &Provider, client: &Client) -> Explanation {
    let explain = |names| settings.explain(provider, &facts(settings, person, client, names));
    let (meant, doubtful) = (explain(Names::OfTheirs), explain(Names::Doubtful));
    if meant.is_required() { meant } else { doubtful }
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

fn facts(settings: &Settings, person: &Person, client: &Client, names: Names) -> Facts {
    let device = &client.device;
    Facts {
        principals: principals(settings, person, names),
        gateway: device.gateway,
        os: device.os,
        address: device.address,
        hardware_id: device.hardware_id.clone(),
        device: device.name.clone(),
    }
}

/// By which `REALM\NAME` a rule means somebody. It is the same person by whichever of their realms they come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// The realm they came by, and those in which their resolver is asked first.
    OfTheirs,
    /// These, and those in which somebody of an earlier resolver may have the name.
    Doubtful,
}

impl Names {
    fn realms<'a>(self, settings: &'a Settings, person: &'a Person, resolver: &str) -> Vec<&'a str> {
        let is_theirs = |realm: &&Realm| match self {
            Self::OfTheirs => realm.resolvers.first().is_some_and(|first| first == resolver),
            Self::Doubtful => realm.resolvers.iter().any(|one| one == resolver),
        };
        let others = settings.realms.iter().filter(is_theirs).map(|realm| realm.name.as_str());
        std::iter::once(person.realm_name.as_str()).chain(others).collect()
    }
}

/// Nobody we know is nobody a rule can name.
pub(super) fn principals(settings: &Settings, person: &Person, names: Names) -> Option<Vec<Principal>> {
    let account = person.account.as_ref()?;
    AccountName::new(&person.realm_name, &account.name).ok()?;
    let mut domains = names.realms(settings, person, &account.resolver);
    if let Some(listed) = &person.listed {
        domains.extend(listed.directory.settings().domains.iter().map(String::as_str));
    }
    let in_domains = |name: &str| -> Vec<AccountName> {
        domains.iter().filter_map(|domain| AccountName::new(domain, name).ok()).collect()
    };
    let mut own = in_domains(&account.name);
    let Some(listed) = &person.listed else {
        return Some(vec![Principal { sid: None, names: own }]);
    };
    let sid = |text: &Option<String>| text.as_deref().and_then(|text| Label::parse(text).ok());
    own.extend(listed.entry.names.iter().filter_map(|name| AccountName::parse(name).ok()));
    let person = Principal { sid: sid(&listed.entry.sid), names: own };
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
