//! Sessions of administrators at the console: opening with a password, finding, ending. The token is
//! 256 random bits; only its hash is stored, so a stolen database opens no session.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::name::UserName;
use domain::random;
use domain::secret::Secret;
use sha2::{Digest, Sha256};

use super::admins::{self, Tried};
use super::{About, By, ManageError, event};
use crate::app::App;
use crate::auth::AuthError;
use crate::origin::Origin;
use crate::store::command::Change;
use crate::store::{self, StoreError, admin_sessions};

/// Checks a password and opens a session: a new token, whatever the browser had before. The session
/// of `before` ends. None when the password is not right, or cannot be tried now.
pub async fn open(
    app: &App,
    origin: &Origin,
    name: &UserName,
    password: &Secret,
    before: Option<&Secret>,
) -> Result<Option<Secret>, AuthError> {
    let tried = admins::try_password(app, name, password).await?;
    let line = |tried: &Tried| admins::sign_in_line(app, origin, name, tried, "console");
    let event = line(&tried)?;
    let Tried::Right(admin) = tried else {
        app.store.record(event).await?;
        return Ok(None);
    };
    let bytes: [u8; 32] = random::bytes(&*app.random)?;
    let token = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
    // Whoever sets a new password waits for this, and ends the session; or this waits for them.
    let mut statements = vec![store::admins::must_still_have(&admin)];
    statements.extend(before.map(|before| admin_sessions::end_session(hash(before))));
    statements.extend([
        admin_sessions::end_sessions_before(app.now() - LONGEST),
        admin_sessions::end_oldest_sessions(name, MOST_SESSIONS - 1),
        admin_sessions::open_session(hash(&token), name, app.now()),
    ]);
    match app.store.change(Change { statements, event }).await {
        Ok(()) => Ok(Some(token)),
        Err(StoreError::NotFound) => {
            app.store.record(line(&Tried::Wrong { is_known: true })?).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whose session this is, as long as it was neither ended nor opened too long ago.
pub async fn find(app: &App, token: &Secret) -> Result<Option<UserName>, ManageError> {
    let found = app.store.find_admin_session(hash(token)).await?;
    let is_young = |opened_at| app.now() < opened_at + LONGEST;
    Ok(found.filter(|session| is_young(session.opened_at)).map(|session| session.admin))
}

/// Ends a session, for good and on every node.
pub async fn end(app: &App, by: &By, token: &Secret) -> Result<(), ManageError> {
    let about = About { user_name: by.actor.clone(), ..About::default() };
    let statements = vec![admin_sessions::end_session(hash(token))];
    app.store.change(Change { statements, event: event(app, by, about, "ok")? }).await?;
    Ok(())
}

fn hash(token: &Secret) -> [u8; 32] {
    Sha256::digest(token.expose()).into()
}

/// From signing in to the end, whatever happens in between.
const LONGEST: Duration = Duration::from_hours(8);
/// At once, for one administrator.
const MOST_SESSIONS: usize = 5;
