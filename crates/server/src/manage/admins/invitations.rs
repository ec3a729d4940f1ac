//! Inviting the first administrator: a link with a token that works once, for a while, and only as long as there
//! is no administrator. So nobody can take over a new installation, and it has no password that somebody knows.

use std::time::Duration;

use domain::secret::Secret;
use domain::time::Timestamp;
use subtle::ConstantTimeEq;

use super::{About, Admin, By, ManageError, apply, check_password, owner, parse_name};
use crate::app::App;
use crate::store::admins;
use crate::store::invitations::{self, Invitation};
use crate::token;

/// What came of accepting an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// There is an administrator now.
    Done,
    /// The token is not good, or not any more. Nothing was changed.
    NotGood,
}

/// How long an invitation is good.
pub const LIFETIME: Duration = Duration::from_mins(15);

/// Invites; answers with the token and the first instant at which it is not good any more. An earlier invitation ends.
pub async fn invite(app: &App, by: &By) -> Result<(Secret, Timestamp), ManageError> {
    let token = token::fresh(&*app.random)?;
    let invitation = Invitation { token_hash: token::hash(&token), expires_at: app.now() + LIFETIME };
    let mut statements = Vec::from(invitations::nobody_may_be_there());
    statements.push(invitations::save(&invitation));
    match apply(app, by, About::default(), statements).await {
        Err(ManageError::NotFound(_)) => Err(ManageError::Taken(ONE_IS_THERE.to_owned())),
        done => done.map(|()| (token, invitation.expires_at)),
    }
}

/// Whether a token is good now.
pub async fn is_good(app: &App, token: &Secret) -> Result<bool, ManageError> {
    Ok(find(app, token).await?.is_some() && app.store.list_admins().await?.is_empty())
}

/// Makes the first administrator, who may everything. The token is good for nothing then.
pub async fn accept(
    app: &App,
    by: &By,
    token: &Secret,
    name: &str,
    password: &Secret,
) -> Result<Accepted, ManageError> {
    let Some(invitation) = find(app, token).await? else {
        return Ok(Accepted::NotGood);
    };
    let name = parse_name(name)?;
    check_password(password)?;
    let hash = app.admin_hasher.hash(password, &owner(&name)).await?;
    let about = About { user_name: name.as_str().to_owned(), ..About::default() };
    let mut statements = Vec::from(invitations::nobody_may_be_there());
    statements.push(invitations::accept(&invitation));
    statements.extend(admins::insert(&Admin::root(name, hash, &by.actor, app.now())));
    match apply(app, by, about, statements).await {
        // Somebody was faster, with this invitation or without one.
        Err(ManageError::NotFound(_)) => Ok(Accepted::NotGood),
        done => done.map(|()| Accepted::Done),
    }
}

async fn find(app: &App, token: &Secret) -> Result<Option<Invitation>, ManageError> {
    let hash = token::hash(token);
    let is_good = |found: &Invitation| bool::from(found.token_hash.ct_eq(&hash)) && app.now() < found.expires_at;
    Ok(app.store.find_invitation().await?.filter(is_good))
}

const ONE_IS_THERE: &str = "there is an administrator already, who can add others; `otpost admin reset` gives one a new \
    password";
