//! Whom a rule or a mapping may mean by somebody: themselves, and every group that holds them.

use domain::attempt::Attempt;
use domain::criteria::Principal;

use super::{AuthError, facts, resolve};
use crate::app::App;

/// All of them; none where nothing is known.
pub async fn list_principals(app: &App, attempt: &Attempt) -> Result<Vec<Principal>, AuthError> {
    let person = resolve::resolve(app, &attempt.who, attempt.client.theme.as_deref()).await?;
    Ok(facts::principals(&person).unwrap_or_default())
}
