//! Why somebody is asked for a code, or not, and what they would see: looked at, never acted on.

use domain::attempt::{Client, Who};
use domain::criteria::Explanation;
use domain::decide::{Course, Enrolled, Password, decide};
use domain::provider::{FirstFactor, Provider};
use domain::verdict::Refusal;

use super::resolve::{self, Person};
use super::{AuthError, facts};
use crate::app::App;
use crate::directory::Freshness;
use crate::store::enrollments::StoredEnrollment;

/// What would follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Whether there is such a user.
    pub is_known: bool,
    /// Why they are turned away at this door like a stranger, if they are.
    pub turned_away: Option<Refusal>,
    /// What has to be right first.
    pub first_factor: FirstFactor,
    /// Whether nothing has to be: an empty text stands for a PIN that nobody set.
    pub takes_empty: bool,
    /// The provider that serves them.
    pub provider: String,
    /// Whether a rule asks them for a code.
    pub asked: Explanation,
    /// What follows a right password on our own pages; nothing where no code is asked for.
    pub right: Option<Course>,
    /// What follows a wrong one.
    pub wrong: Course,
}

/// Explains what would follow if they signed in now, from there.
pub async fn explain(app: &App, who: &Who, client: &Client) -> Result<Explained, AuthError> {
    Ok(of(app, &resolve::resolve_asked(app, who, client, Freshness::Now).await?, client))
}

/// The same at a provider, whichever serves them otherwise: enrolled is who is enrolled there.
pub async fn explain_at(app: &App, provider: &Provider, who: &Who, client: &Client) -> Result<Explained, AuthError> {
    Ok(of(app, &resolve::resolve_at(app, who, provider, Freshness::Now).await?, client))
}

fn of(app: &App, person: &Person, client: &Client) -> Explained {
    let (now, clear_after) = (app.now(), app.settings().clear_failures_after());
    let is_usable = |stored: &&StoredEnrollment| stored.enrollment.usable(now, clear_after).is_ok();
    let usable: Vec<_> = person.enrollments.iter().filter(is_usable).collect();
    let asked = facts::explain(app, person, client);
    let course = |enrolled: Enrolled, password| decide(facts::situation(app, person, enrolled, password));
    let wrong =
        if asked.is_required() { course(facts::enrolled(&usable), Password::Wrong) } else { Course::WrongCredentials };
    let is_locked_out = usable.is_empty() && !person.enrollments.is_empty();
    let right = match () {
        () if is_locked_out => Some(wrong),
        () if !asked.is_required() => None,
        () if person.account.is_none() => Some(wrong),
        () => Some(course(facts::enrolled(&usable), Password::Right)),
    };
    let provider = person.provider.shown_name().to_owned();
    let takes_empty = match person.first_factor {
        FirstFactor::None => true,
        FirstFactor::TokenPin => person.enrollments.iter().any(|stored| stored.enrollment.pin.is_none()),
        FirstFactor::UserStore => false,
    };
    Explained {
        is_known: person.account.is_some(),
        turned_away: person.nobody.filter(|_| person.account.is_none()),
        first_factor: person.first_factor,
        takes_empty,
        provider,
        asked,
        right,
        wrong,
    }
}
