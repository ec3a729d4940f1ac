//! Use cases: who is enrolled at a provider. Listing, enrolling for somebody, taking it back.

use domain::address::MailAddress;
use domain::enrollment::Serial;
use domain::subject::Subject;

use super::enrollments::{self, pattern};
use super::users::{self, Owner};
use super::wording::shown;
use super::{About, By, ManageError, apply, providers};
use crate::app::App;
use crate::store::accounts::Account;
use crate::store::enrollments::StoredEnrollment;
use crate::store::sql::Statement;
use crate::store::{self, Store, StoreError, audit, challenges, enrolled, notices, providers as rows};

/// Somebody who is enrolled at a provider.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The user.
    pub account: Account,
    /// The enrollment.
    pub stored: StoredEnrollment,
}

/// Users of one list, and users that one call may take back, at most.
pub const MOST_USERS: usize = 1000;

/// Who is enrolled at these providers, in order of provider and name, the first thousand. The name
/// fits `filter`, where `*` stands for any text and letter case does not matter.
pub async fn find(app: &App, provider_ids: Vec<i64>, filter: String) -> Result<Vec<Enrolled>, ManageError> {
    let reader = app.store.clone();
    let search = async move {
        let mut found = Vec::new();
        for id in provider_ids {
            found.extend(fitting(&reader, id, &filter).await?);
        }
        Ok::<_, StoreError>(found)
    };
    let mut found = store::apart(search).await?;
    found.truncate(MOST_USERS);
    Ok(found)
}

/// Enrolls somebody who is not enrolled at the provider: at this address, which nobody has proven,
/// or at the one in the directory, read at each sign-in.
pub async fn enroll(
    app: &App,
    by: &By,
    provider_id: i64,
    user: &str,
    address: Option<MailAddress>,
) -> Result<Enrolled, ManageError> {
    let provider = providers::find(app, provider_id).await?.provider;
    let (account, realm) = users::find_owner(app, user, None).await?.ok_or_else(|| unknown(&[user]))?;
    if address.is_none() && MailAddress::parse(&account.email).is_err() {
        let reason = format!("the user '{}' has no e-mail address in the directory: give one", shown(user));
        return Err(ManageError::Invalid(reason));
    }
    let serial = Serial::new(&*app.random)?;
    let mut stored = StoredEnrollment::new(serial, &provider, app.settings().max_failures(), app.now());
    stored.enrollment.is_address_dynamic = address.is_none();
    stored.enrollment.address = address;
    stored.user_id.clone_from(&account.id);
    stored.realm = realm;
    "enrolled by an administrator".clone_into(&mut stored.description);
    let source = if stored.enrollment.is_address_dynamic { "directory" } else { "external" };
    let about = About {
        user_name: account.name.clone(),
        realm: stored.realm.clone(),
        serials: stored.enrollment.serial.as_str().to_owned(),
        detail: format!("enrolled at provider id {provider_id}, {source} address"),
    };
    let mut statements = account.hold();
    statements.extend(enrolled::insert_only(&stored));
    statements.extend(enrollments::told(app, &account, &stored)?);
    match apply(app, by, about, statements).await {
        Err(ManageError::Stale) => {
            let reason = format!("the user '{}' is enrolled at provider {provider_id} already", shown(user));
            Err(ManageError::Taken(reason))
        }
        done => done.map(|()| Enrolled { account, stored }),
    }
}

/// Makes these users unenrolled at a provider and ends their open challenges: all of them or, where one
/// is not known, none. Who is not enrolled stays so. Answers how many enrollments there were.
pub async fn reset(app: &App, by: &By, provider_id: i64, users: &[String]) -> Result<usize, ManageError> {
    providers::find(app, provider_id).await?;
    let owners = find_all(app, users).await?;
    let (mut statements, mut serials) = (Vec::new(), Vec::new());
    for (account, _) in &owners {
        let held = app.store.list_enrollments_of(&account.id).await?;
        let here = held.into_iter().filter(|stored| stored.enrollment.provider_id == provider_id);
        for stored in here {
            statements.extend(unenroll(app, account, &stored.enrollment.serial));
            serials.push(stored.enrollment.serial);
        }
    }
    let names = owners.iter().map(|(account, _)| shown(&account.name)).collect::<Vec<_>>().join(", ");
    let about = About {
        user_name: if let [(account, _)] = owners.as_slice() { account.name.clone() } else { String::new() },
        realm: String::new(),
        serials: audit::join(&serials),
        detail: format!("reset at provider id {provider_id}: {} enrollments of {names}", serials.len()),
    };
    apply(app, by, about, statements).await?;
    Ok(serials.len())
}

/// Makes everybody unenrolled at a provider and ends their open challenges. Answers how many
/// enrollments there were.
pub async fn reset_all(app: &App, by: &By, provider_id: i64) -> Result<i64, ManageError> {
    providers::find(app, provider_id).await?;
    let hanging = app.store.count_provider_use(provider_id).await?;
    let (enrollments, challenges) = (hanging.enrollments, hanging.challenges);
    let detail = format!(
        "reset at provider id {provider_id}: all {enrollments} enrollments, {challenges} open challenges ended"
    );
    apply(app, by, About { detail, ..About::default() }, Vec::from(rows::unenroll_all(provider_id, app.now()))).await?;
    Ok(enrollments)
}

/// A serial that somebody else removed meanwhile is gone as wanted.
fn unenroll(app: &App, account: &Account, serial: &Serial) -> [Statement; 3] {
    let subject = Subject::of_user(&app.keys.subject, &account.id);
    [challenges::cancel_of(subject), notices::leave(serial, app.now()), enrolled::discard(serial)]
}

async fn find_all(app: &App, users: &[String]) -> Result<Vec<Owner>, ManageError> {
    if !(1..=MOST_USERS).contains(&users.len()) {
        let got = users.len();
        return Err(ManageError::Invalid(format!("one call names 1 to {MOST_USERS} users, got {got}")));
    }
    let (mut owners, mut missing) = (Vec::new(), Vec::new());
    for user in users {
        match users::find_owner(app, user, None).await? {
            Some(owner) => owners.push(owner),
            None => missing.push(user.as_str()),
        }
    }
    if missing.is_empty() { Ok(owners) } else { Err(unknown(&missing)) }
}

fn unknown(users: &[&str]) -> ManageError {
    let names = users.iter().take(MOST_NAMED).map(|user| format!("'{}'", shown(user))).collect::<Vec<_>>().join(", ");
    let more = if users.len() > MOST_NAMED { " and others" } else { "" };
    ManageError::NotFound(format!("there is no user {names}{more}"))
}

/// The enrolled of one provider whose name fits, in order of name.
async fn fitting(store: &Store, provider_id: i64, filter: &str) -> Result<Vec<Enrolled>, StoreError> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let batch = store.list_enrolled_at(provider_id, &after, BATCH).await?;
        let Some((_, last)) = batch.last() else { break };
        last.enrollment.serial.as_str().clone_into(&mut after);
        let fits = |(account, _): &(Account, StoredEnrollment)| pattern::fits(filter, &account.name);
        found.extend(batch.into_iter().filter(fits).map(|(account, stored)| Enrolled { account, stored }));
    }
    found.sort_by(|one, other| one.account.name_key.cmp(&other.account.name_key));
    Ok(found)
}

/// Rows read at a time.
const BATCH: usize = 500;
/// Unknown users that an answer names.
const MOST_NAMED: usize = 10;
