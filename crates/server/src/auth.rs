//! Signing in: the one door behind which every protocol stands.
//!
//! A protocol turns its bytes into an [`Attempt`], calls [`authenticate`], and turns the
//! [`Verdict`] into its bytes. Nothing else decides.

mod alone;
mod answer;
mod begin;
mod decoy;
pub mod enroll;
mod event;
pub mod explain;
mod facts;
pub mod front_door;
pub mod membership;
mod open;
pub mod passage;
mod passwords;
mod pin;
pub mod resend;
mod resolve;
mod shown;
mod vouched;
pub mod waiting;
pub mod who;

use domain::attempt::{Attempt, Proof};
use domain::random::NoRandomness;
use domain::verdict::{Refused, Verdict};

use crate::app::App;
use crate::directory::{DirectoryError, Freshness};
use crate::hash::HashError;
use crate::store::StoreError;

/// Why an attempt could not be judged. Nothing was accepted, and nothing ever is on an error.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// A directory could not do its part.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A PIN could not be compared: too many wait for that, or a stored hash is damaged.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The database could not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The code was right and is used up, and what was to follow failed.
    #[error("nothing came of a right code")]
    CodeUsed(#[source] Box<Self>),
}

impl AuthError {
    /// Whether we only had too much to do.
    pub fn is_overload(&self) -> bool {
        match self {
            Self::CodeUsed(source) => source.is_overload(),
            error => matches!(error, Self::Hash(HashError::Busy) | Self::Store(StoreError::Busy)),
        }
    }
}

/// Runs one step of somebody who waits to be let in: however much of the database it needs, it is answered
/// within two seconds, or not at all.
pub async fn one_step<T>(work: impl Future<Output = T>) -> T {
    crate::store::one_step(work).await
}

/// Judges an attempt. `action` names the door in the audit, for instance `POST /validate/check`.
pub async fn authenticate(app: &App, attempt: &Attempt, action: &'static str) -> Result<Verdict, AuthError> {
    let freshness = match &attempt.proof {
        Proof::Answer { .. } | Proof::AnswerShown { .. } => Freshness::Proven,
        Proof::Code { .. } => Freshness::Now,
        Proof::Checked | Proof::FirstStep { .. } | Proof::Vouched => Freshness::Recent,
    };
    let person = resolve::resolve_asked(app, &attempt.who, &attempt.client, freshness).await?;
    let scene = Scene { app, attempt, person: &person, action };
    let verdict = match &attempt.proof {
        Proof::Answer { challenge, typed } => answer::answer(&scene, challenge.as_ref(), typed).await,
        Proof::AnswerShown { challenge, response } => shown::answer(&scene, challenge.as_ref(), response).await,
        Proof::Checked => vouched::proceed(&scene).await,
        Proof::Code { given, front_door } => alone::come_in(&scene, given.as_ref(), *front_door).await,
        Proof::FirstStep { typed } => begin::first_step(&scene, typed).await,
        Proof::Vouched => vouched::trigger(&scene).await,
    }?;
    app.metrics.count_verdict(&attempt.client.group, &verdict);
    log(attempt, &verdict);
    Ok(verdict)
}

/// What every step of one attempt looks at.
struct Scene<'a> {
    app: &'a App,
    attempt: &'a Attempt,
    person: &'a resolve::Person,
    action: &'static str,
}

/// Refusals at `info`, for whoever looks for them; the rest at `debug`, because the answer's own line follows, and the
/// audit has it all.
fn log(attempt: &Attempt, verdict: &Verdict) {
    let request_id = attempt.client.request_id.as_str();
    match verdict {
        Verdict::Accept(_) => tracing::debug!(request_id, verdict = "accept"),
        Verdict::Challenge(challenged) => {
            tracing::debug!(request_id, verdict = "challenge", challenge = %challenged.id);
        }
        Verdict::Enroll(_) => tracing::debug!(request_id, verdict = "enroll"),
        Verdict::Refuse(Refused { refusal, .. }) => {
            tracing::info!(request_id, verdict = "refuse", reason = refusal.as_str());
        }
    }
}
