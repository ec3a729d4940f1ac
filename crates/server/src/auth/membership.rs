//! Whom a rule or a mapping may mean by somebody: themselves, and every group that holds them.

use domain::attempt::Attempt;
use domain::criteria::Principal;

use super::facts::{self, Names};
use super::{AuthError, resolve};
use crate::app::App;
use crate::directory::Freshness;

/// All of them; none where nothing is known.
pub async fn list_principals(app: &App, attempt: &Attempt) -> Result<Vec<Principal>, AuthError> {
    let theme = attempt.client.theme.as_deref();
    let mut person = resolve::resolve(app, &attempt.who, theme, Freshness::Recent).await?;
    if let Some(listed) = &mut person.listed {
        listed.groups = listed.directory.groups_of(&listed.entry, Freshness::Recent, app.now()).await?;
    }
    Ok(facts::principals(&app.settings(), &person, Names::OfTheirs).unwrap_or_default())
}
