//! Who is it? One look-up turns a name or a serial into an account with its enrollments.

mod listed;
mod serving;

use std::sync::Arc;

use domain::attempt::{Client, Who};
use domain::code::CodeLength;
use domain::enrollment::Serial;
use domain::name::{RealmName, UserName};
use domain::provider::{FirstFactor, Provider};
use domain::subject::Subject;
use domain::theme::Theme;
use domain::verdict::Refusal;

pub(super) use self::listed::InDirectory;
use self::listed::Kept;
use super::{AuthError, passwords};
use crate::app::App;
use crate::directory::{Freshness, Said};
use crate::settings::Settings;
use crate::store::accounts::Account;
use crate::store::enrollments::StoredEnrollment;
use crate::store::realms::Realm;

/// Everything known about whom an attempt is about. A stranger is a person too: the same counters,
/// the same work.
#[derive(Debug)]
pub(super) struct Person {
    /// What guesses are charged to.
    pub(super) subject: Subject,
    /// The account, where there is one.
    pub(super) account: Option<Account>,
    /// What a directory says of them, where the account is in one.
    pub(super) listed: Option<InDirectory>,
    /// What the audit should say beside the refusal.
    pub(super) note: String,
    /// Where passwords are checked, theirs and those of strangers.
    pub(super) passwords: passwords::Places,
    /// The realm, for the audit.
    pub(super) realm_name: String,
    /// Enrollments the attempt may use, in order of serial.
    pub(super) enrollments: Vec<StoredEnrollment>,
    /// Why there is nobody, or nothing to use.
    pub(super) nobody: Option<Refusal>,
    /// What proves the first factor.
    pub(super) first_factor: FirstFactor,
    /// The provider whose limits apply.
    pub(super) provider: Arc<Provider>,
}

impl Person {
    /// Nobody, whoever it is. Guesses are counted, and tell nothing; what was open stays unanswered.
    fn turned_away(self, app: &App, settings: &Settings, refusal: Refusal) -> Self {
        let key = &app.keys.subject;
        let subject = match &self.account {
            Some(account) => Subject::of_unknown(key, &self.realm_name, &account.id),
            None => self.subject,
        };
        let (note, passwords) = (self.note, self.passwords);
        Self { nobody: Some(refusal), note, passwords, ..nobody(settings, subject, &self.realm_name) }
    }

    /// The serials of all enrollments.
    pub(super) fn serials(&self) -> Vec<Serial> {
        self.enrollments.iter().map(|stored| stored.enrollment.serial.clone()).collect()
    }

    /// The shortest code of the account: one account has one budget of guesses, the strictest.
    pub(super) fn shortest_code(&self) -> CodeLength {
        self.code_lengths().first().copied().unwrap_or(self.provider.code_length)
    }

    /// The distinct lengths of codes that may stand behind a PIN.
    pub(super) fn code_lengths(&self) -> Vec<CodeLength> {
        let mut lengths: Vec<_> = self.enrollments.iter().map(|stored| stored.enrollment.code_length).collect();
        lengths.sort_unstable();
        lengths.dedup();
        if lengths.is_empty() { vec![self.provider.code_length] } else { lengths }
    }
}

/// Looks the person up, who came in by that theme. Unknown ones are found too, as strangers. Only an answer of
/// now may end in letting somebody in.
pub(super) async fn resolve(
    app: &App,
    who: &Who,
    theme: Option<&str>,
    freshness: Freshness,
) -> Result<Person, AuthError> {
    enter(app, &app.settings(), who, theme, freshness).await
}

/// Looks up whom an attempt is about, with those of their enrollments that may answer it.
pub(super) async fn resolve_asked(
    app: &App,
    who: &Who,
    client: &Client,
    freshness: Freshness,
) -> Result<Person, AuthError> {
    let settings = app.settings();
    let person = enter(app, &settings, who, client.theme.as_deref(), freshness).await?.asked(&settings, client);
    Ok(match who {
        Who::Serial(serial) | Who::User { serial: Some(serial), .. } => person.only(&settings, serial),
        Who::Nobody(_) | Who::User { serial: None, .. } => person,
    })
}

/// Looks the person up at that provider, whichever serves them otherwise.
pub(super) async fn resolve_at(
    app: &App,
    who: &Who,
    provider: &Provider,
    freshness: Freshness,
) -> Result<Person, AuthError> {
    let settings = app.settings();
    Ok(look_up(app, &settings, (who, None), freshness).await?.at(&settings, Arc::new(provider.clone())))
}

async fn enter(
    app: &App,
    settings: &Settings,
    who: &Who,
    theme: Option<&str>,
    freshness: Freshness,
) -> Result<Person, AuthError> {
    let entrance = theme.map(|name| settings.entrance(Some(name)));
    let forced = entrance.flatten().and_then(Theme::forced_realm);
    let person = look_up(app, settings, (who, forced), freshness).await?;
    Ok(match entrance {
        None => person.at_home(settings),
        Some(None) => person.turned_away(app, settings, Refusal::UnknownTheme),
        Some(Some(theme)) => person.through(app, settings, theme),
    })
}

async fn look_up(
    app: &App,
    settings: &Settings,
    (who, forced): (&Who, Option<&RealmName>),
    freshness: Freshness,
) -> Result<Person, AuthError> {
    let mut person = match who {
        Who::Nobody(text) => unknown_serial(app, settings, text),
        Who::Serial(text) => by_serial(app, settings, text, freshness).await?,
        Who::User { name, realm, .. } => by_name(app, settings, (name, forced.or(realm.as_ref())), freshness).await?,
    };
    if let Some(fault) = person.listed.as_ref().and_then(InDirectory::why_no_address) {
        person.note = fault.to_string();
    }
    if let Some(standing) = person.listed.as_ref().and_then(InDirectory::why_barred) {
        person.note = format!("the directory has the account as {standing}");
        person = person.turned_away(app, settings, Refusal::Barred);
    }
    Ok(person)
}

async fn by_name(
    app: &App,
    settings: &Settings,
    (name, realm): (&UserName, Option<&RealmName>),
    freshness: Freshness,
) -> Result<Person, AuthError> {
    let asked = realm.map_or("", RealmName::as_str);
    let Some(realm) = settings.realm(realm) else {
        return Ok(stranger(app, settings, asked, name));
    };
    let passwords = passwords::Places::of(app, settings, &realm.resolvers, None)?;
    let Some(Found { account, enrollments, listed }) = find(app, settings, (realm, name), freshness).await? else {
        return Ok(Person { passwords, ..stranger(app, settings, realm.name.as_str(), name) });
    };
    let subject = Subject::of_user(&app.keys.subject, &account.id);
    Ok(Person {
        nobody: None,
        passwords: passwords::Places::of(app, settings, &realm.resolvers, Some(&account.resolver))?,
        account: Some(account),
        listed,
        enrollments,
        ..nobody(settings, subject, realm.name.as_str())
    })
}

async fn by_serial(app: &App, settings: &Settings, text: &str, freshness: Freshness) -> Result<Person, AuthError> {
    let found = app.store.find_enrollment_named(text).await?;
    let Some(stored) = found else { return Ok(unknown_serial(app, settings, text)) };
    let (account, listed, is_gone) = match app.store.find_account_by_id(&stored.user_id).await? {
        None => (None, None, false),
        Some(account) => match Kept::find(app, settings, account, freshness).await? {
            Kept::Gone(account) => (Some(account), None, true),
            Kept::Here(account) => (Some(account), None, false),
            Kept::There(account, listed) => (Some(account), Some(*listed), false),
        },
    };
    let subject = match &account {
        Some(account) => Subject::of_user(&app.keys.subject, &account.id),
        None => Subject::of_serial(&app.keys.subject, text),
    };
    let realm = RealmName::parse(&stored.realm).ok().and_then(|name| settings.realm(Some(&name)));
    let resolvers = realm.map_or(&[][..], |realm| &realm.resolvers);
    let own = account.as_ref().map(|account| account.resolver.as_str());
    let passwords = passwords::Places::of(app, settings, resolvers, own)?;
    let of_nobody = nobody(settings, subject, &stored.realm);
    // The others as well: a rule that asks at one of them is not passed by naming another.
    let enrollments = match &account {
        Some(account) => app.store.list_enrollments_of(&account.id).await?,
        None => vec![stored],
    };
    let person = Person { account, listed, passwords, enrollments, nobody: None, ..of_nobody };
    if !is_gone {
        return Ok(person);
    }
    // The enrollment outlives the entry; it lets nobody in by what was kept.
    let note = "the directory has the account no more".to_owned();
    Ok(Person { note, ..person }.turned_away(app, settings, Refusal::Barred))
}

/// An account with its enrollments, and what a directory says of it.
struct Found {
    account: Account,
    enrollments: Vec<StoredEnrollment>,
    listed: Option<InDirectory>,
}

/// The first resolver that knows the name has them, whether its users are kept here or in a directory.
async fn find(
    app: &App,
    settings: &Settings,
    (realm, name): (&Realm, &UserName),
    freshness: Freshness,
) -> Result<Option<Found>, AuthError> {
    let name_key = name.canonical();
    for resolver in &realm.resolvers {
        if let Some(directory) = app.directories.find(settings, &app.keys, resolver)? {
            let listed = match directory.find(name, freshness, app.now()).await? {
                Said::Nobody => continue,
                Said::Somebody(listed) => *listed,
                // To a stranger it must not look different, and nobody elsewhere is who was meant.
                Said::Unclear => return Ok(None),
            };
            let age = (freshness, app.now());
            let account = listed.account(resolver, app.now());
            let enrollments = app.store.list_enrollments_of(&account.id).await?;
            let listed = Some(InDirectory::read(settings, &directory, listed, age).await?);
            return Ok(Some(Found { account, enrollments, listed }));
        }
        if let Some((account, enrollments)) = app.store.find_enrolled(resolver, &name_key).await? {
            return Ok(Some(Found { account, enrollments, listed: None }));
        }
    }
    Ok(None)
}

/// What names nothing, charged as what was typed.
fn unknown_serial(app: &App, settings: &Settings, text: &str) -> Person {
    let subject = Subject::of_serial(&app.keys.subject, text);
    Person { nobody: Some(Refusal::UnknownSerial), ..nobody(settings, subject, "") }
}

fn stranger(app: &App, settings: &Settings, realm: &str, name: &UserName) -> Person {
    nobody(settings, Subject::of_unknown(&app.keys.subject, realm, &name.canonical()), realm)
}

fn nobody(settings: &Settings, subject: Subject, realm: &str) -> Person {
    let provider = settings.default_provider();
    let known = RealmName::parse(realm).ok().and_then(|name| settings.realm(Some(&name)));
    Person {
        subject,
        account: None,
        listed: None,
        note: String::new(),
        passwords: passwords::Places::here(),
        realm_name: realm.to_owned(),
        enrollments: Vec::new(),
        nobody: Some(Refusal::UnknownUser),
        first_factor: settings.first_factor(known, &provider),
        provider,
    }
}
