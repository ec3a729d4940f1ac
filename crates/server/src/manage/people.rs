//! People as the help desk sees them: a user with all enrollments, and what that amounts to.

use std::collections::HashMap;
use std::time::Duration;

use domain::address::MailAddress;
use domain::time::Timestamp;
use domain::verdict::Refusal;

use super::ManageError;
use super::users::{self, Found};
use crate::app::App;
use crate::store::accounts::Account;
use crate::store::enrollments::StoredEnrollment;
use crate::store::{self, Store, StoreError};

/// What a person's enrollments amount to: the best of them counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is an enrollment that can be used.
    Enrolled,
    /// Too many failures in a row.
    Locked,
    /// Switched off.
    Disabled,
    /// Switched off for good.
    Revoked,
    /// There is none.
    NotEnrolled,
}

/// Which people are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A part of the name, the full name or the address; empty for all.
    pub text: String,
    /// Only those in this state.
    pub state: Option<State>,
    /// Which page, from 1.
    pub page: usize,
}

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user.
    pub account: Account,
    /// The realm in which they are shown.
    pub realm: String,
    /// Their enrollments.
    pub enrollments: Vec<Held>,
    /// What those amount to.
    pub state: State,
}

/// An enrollment that somebody holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// The enrollment.
    pub stored: StoredEnrollment,
    /// Its state.
    pub state: State,
    /// Failures that still count.
    pub failures: u32,
}

/// What makes a failure count.
#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    clear_after: Duration,
}

/// People on one page.
pub const PAGE_SIZE: usize = 25;

/// One page of people in order of realm and name, and how many there are in all.
pub async fn list(app: &App, wanted: Wanted) -> Result<(usize, Vec<Person>), ManageError> {
    let needle = wanted.text.trim().to_lowercase();
    let mut found = users::find(app, users::Wanted::default()).await?;
    found.retain(|found| needle.is_empty() || texts(&found.account).any(|text| text.to_lowercase().contains(&needle)));
    let (reader, moment) = (app.store.clone(), Moment::of(app));
    let skip = wanted.page.saturating_sub(1).saturating_mul(PAGE_SIZE);
    let listed = store::apart(async move {
        let Some(state) = wanted.state else {
            let count = found.len();
            let mut shown = Vec::new();
            for found in found.into_iter().skip(skip).take(PAGE_SIZE) {
                let held = reader.list_enrollments_of(&found.account.id).await?;
                shown.push(Person::new(found, held, moment));
            }
            return Ok((count, shown));
        };
        let mut held = by_owner(&reader).await?;
        let people = found.into_iter().map(|found| {
            let held = held.remove(&found.account.id).unwrap_or_default();
            Person::new(found, held, moment)
        });
        let fitting: Vec<_> = people.filter(|person| person.state == state).collect();
        Ok((fitting.len(), fitting.into_iter().skip(skip).take(PAGE_SIZE).collect()))
    });
    Ok(listed.await?)
}

/// The person of that identifier.
pub async fn find(app: &App, id: &str) -> Result<Option<Person>, ManageError> {
    let Some(account) = app.store.find_account_by_id(id).await? else {
        return Ok(None);
    };
    let realm = users::realm_of(&app.settings(), &account.resolver);
    let held = app.store.list_enrollments_of(id).await?;
    Ok(Some(Person::new(Found { account, realm }, held, Moment::of(app))))
}

async fn by_owner(store: &Store) -> Result<HashMap<String, Vec<StoredEnrollment>>, StoreError> {
    let (mut owned, mut after) = (HashMap::<_, Vec<_>>::new(), String::new());
    loop {
        let batch = store.list_enrollments(&after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(owned) };
        last.enrollment.serial.as_str().clone_into(&mut after);
        for stored in batch {
            owned.entry(stored.user_id.clone()).or_default().push(stored);
        }
    }
}

fn texts(account: &Account) -> impl Iterator<Item = String> {
    let full_name = format!("{} {}", account.given_name, account.surname);
    [account.name.clone(), full_name, account.email.clone()].into_iter()
}

impl Moment {
    fn of(app: &App) -> Self {
        Self { now: app.now(), clear_after: app.settings().clear_failures_after() }
    }
}

impl Person {
    fn new(found: Found, stored: Vec<StoredEnrollment>, moment: Moment) -> Self {
        let enrollments: Vec<_> = stored.into_iter().map(|stored| Held::new(stored, moment)).collect();
        let state = enrollments.iter().map(|held| held.state).min_by_key(|state| *state as u8);
        let state = state.unwrap_or(State::NotEnrolled);
        Self { account: found.account, realm: found.realm, enrollments, state }
    }

    /// Where the mail of an enrollment goes, as far as anybody needs to see.
    pub fn masked_address(&self, held: &Held) -> Option<String> {
        if held.stored.enrollment.is_address_dynamic {
            return MailAddress::parse(&self.account.email).ok().map(|address| address.masked());
        }
        held.stored.enrollment.address.as_ref().map(MailAddress::masked)
    }
}

impl Held {
    fn new(stored: StoredEnrollment, moment: Moment) -> Self {
        let enrollment = &stored.enrollment;
        let state = match enrollment.usable(moment.now, moment.clear_after) {
            Ok(()) => State::Enrolled,
            Err(Refusal::Revoked) => State::Revoked,
            Err(Refusal::Disabled) => State::Disabled,
            Err(_) => State::Locked,
        };
        Self { failures: enrollment.failures_at(moment.now, moment.clear_after), state, stored }
    }
}

/// Rows read at a time.
const BATCH: usize = 500;
