//! What the waiting page shows of an open challenge.

use domain::challenge::{ChallengeId, MAX_TRIES, State};

use super::AuthError;
use crate::app::App;
pub use crate::store::challenges::ShownChallenge;

/// The challenge as long as a code could still be accepted. A decoy looks like any other.
pub async fn find(app: &App, id: &ChallengeId) -> Result<Option<ShownChallenge>, AuthError> {
    let now = app.now();
    let is_open =
        |row: &ShownChallenge| row.state == State::Open && row.tries < i64::from(MAX_TRIES) && now < row.expires_at;
    Ok(app.store.find_challenge(id).await?.into_iter().find(is_open))
}
