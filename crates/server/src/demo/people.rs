//! The people of the demonstration: one for each thing worth seeing. All passwords are `demo`.

use std::net::SocketAddr;

use domain::address::MailAddress;
use domain::criteria::{Access, Criteria, Group, InvalidMember, Matching, PrincipalEntry};
use domain::decide::ExternalAddress;
use domain::enrollment::MAX_FAILURES;
use domain::name::RealmName;
use domain::provider::{EnrollmentMode, FirstFactor, Provider, ProviderDraft, UserEnrollment};
use domain::secret::Secret;
use domain::theme::Theme;

use super::by;
use crate::app::App;
use crate::manage::enrollments::{self as enrolling, NewEnrollment};
use crate::manage::providers::ProviderError;
use crate::manage::users::{self, NewUser};
use crate::manage::{self, About, ManageError, providers, themes};
use crate::store::accounts::Account;
use crate::store::realms::{self, Realm, Resolver};
use crate::store::relays::{self, StoredRelay};
use crate::store::{enrollments, settings};

/// Realm, relay and people.
pub(super) async fn move_in(app: &App, sink: SocketAddr) -> Result<(), ManageError> {
    let local = Resolver { name: RESOLVER.to_owned(), kind: "local".to_owned() };
    let realm = RealmName::parse(REALM).map_err(|error| ManageError::Invalid(error.to_string()))?;
    let realm = Realm {
        name: realm,
        is_default: true,
        first_factor: Some(FirstFactor::UserStore),
        resolvers: vec![RESOLVER.to_owned()],
    };
    let mut statements = vec![realms::save_resolver(&local)];
    statements.extend(realms::save_realm(&realm));
    statements.push(relays::save(&relay(sink)));
    // Long enough that Dave stays locked out for the visit.
    statements.push(settings::save("failcounter_clear_timeout", "1440"));
    manage::apply(app, &by("set-up"), About::default(), statements).await?;
    set_up_providers(app).await?;
    let closed = add_closed_provider(app).await?;
    for (name, surname) in
        [("alice", "Archer"), ("bob", "Baker"), ("carol", "Carter"), ("dave", "Dyer"), ("erin", "Ellis")]
    {
        let account = add(app, name, surname).await?;
        match name {
            "alice" => drop(enroll(app, &account).await?),
            "carol" => providers::assign(app, &by("set-up"), &account, Some(closed)).await?,
            "dave" => lock(app, &account).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn add(app: &App, name: &str, surname: &str) -> Result<Account, ManageError> {
    let new = NewUser {
        resolver: RESOLVER.to_owned(),
        name: name.to_owned(),
        password: Some(Secret::new(PASSWORD)),
        email: format!("{name}@demo.example"),
        given_name: name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect(),
        surname: surname.to_owned(),
        ..NewUser::default()
    };
    users::add(app, &by("set-up"), new).await
}

async fn enroll(app: &App, account: &Account) -> Result<domain::enrollment::Serial, ManageError> {
    let address = MailAddress::parse(&account.email).map_err(|error| ManageError::Invalid(error.to_string()))?;
    let new = NewEnrollment {
        owner: Some((account.clone(), REALM.to_owned())),
        address: Some(address),
        ..NewEnrollment::default()
    };
    enrolling::enroll(app, &by("set-up"), new).await
}

/// Ten failures in a row, just now.
async fn lock(app: &App, account: &Account) -> Result<(), ManageError> {
    let serial = enroll(app, account).await?;
    let statement = enrollments::set_failures(&serial, MAX_FAILURES, app.now());
    manage::apply(app, &by("set-up"), About::default(), vec![statement]).await
}

/// The one that serves everybody lets people enroll and excepts Erin; another one serves Carol.
async fn set_up_providers(app: &App) -> Result<(), ManageError> {
    let invalid = |error: InvalidMember| ManageError::Invalid(error.to_string());
    let erin = PrincipalEntry::parse(Some(&format!("{REALM}\\erin")), None).map_err(invalid)?;
    let except_erin = Criteria {
        access: Access::Deny,
        principals: Group::enabled(Matching::IsOneOf, vec![erin]),
        ..Criteria::default()
    };
    let open = |provider| {
        Ok::<_, ManageError>(Provider {
            user_enrollment: UserEnrollment::Allow,
            external_address: ExternalAddress::Allowed,
            inherits_criteria: false,
            criteria: except_erin.clone(),
            ..provider
        })
    };
    providers::edit(app, &by("set-up"), Provider::STANDARD, open).await?;
    let entrance = Theme { provider_id: Some(Provider::STANDARD), ..Theme::standard() };
    themes::update(app, &by("set-up"), entrance).await
}

/// A provider at which nobody enrolls themselves.
async fn add_closed_provider(app: &App) -> Result<i64, ManageError> {
    let closed = ProviderDraft {
        name: Some("E-mail for guests".to_owned()),
        display_name: Some(String::new()),
        is_enabled: Some(true),
        user_enrollment: Some(EnrollmentMode::DoNotAllow),
        ..ProviderDraft::default()
    };
    match providers::create(app, &by("set-up"), 1, closed).await {
        Err(ProviderError::Manage(error)) => Err(error),
        Err(error @ ProviderError::Faults(_)) => Err(ManageError::Invalid(error.to_string())),
        Ok(made) => Ok(made.provider.id),
    }
}

fn relay(sink: SocketAddr) -> StoredRelay {
    StoredRelay {
        name: "demo".to_owned(),
        host: sink.ip().to_string(),
        port: sink.port(),
        security: "plaintext".to_owned(),
        user_name: String::new(),
        sealed_password: None,
        mechanism: "auto".to_owned(),
        sender: "otpost@demo.example".to_owned(),
        timeout_seconds: 10,
        ca_file: String::new(),
        allow_plaintext: false,
        description: "into the demonstration's own mailbox".to_owned(),
        position: 0,
    }
}

const REALM: &str = "demo";
const RESOLVER: &str = "local";
const PASSWORD: &str = "demo";
