//! The mail once more: same challenge, same code, when its time has come.

use domain::attempt::Client;
use domain::challenge::{self, ChallengeId};

use super::{AuthError, event};
use crate::app::App;
use crate::delivery::FIRST_LEASE;
use crate::store::command::{Resend, Resent};

/// What asking for the mail again came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is on its way.
    Mailed,
    /// Not yet, not any more, or never: the page says the same to all.
    NotNow(challenge::Resend),
}

/// Queues the mail of an open challenge once more.
pub async fn resend(app: &App, id: &ChallengeId, client: &Client) -> Result<Outcome, AuthError> {
    let now = app.now();
    let Some(subject) = app.store.find_challenge(id).await?.first().map(|shown| shown.subject) else {
        return Ok(Outcome::NotNow(challenge::Resend::NotOpen));
    };
    let event = event::line(app, client, "resend")?;
    let command = Resend { id: id.clone(), subject, group: client.group.clone(), now, lease: FIRST_LEASE, event };
    Ok(match app.store.resend(command).await? {
        Resent::Not(reason) => Outcome::NotNow(reason),
        Resent::Queued(mails) => {
            app.outbox.wake(mails);
            Outcome::Mailed
        }
    })
}
