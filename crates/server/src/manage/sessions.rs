//! Sessions of administrators, at the console and at the REST interface: opening with a password,
//! finding, ending. The token is 256 random bits; only its hash is stored, so a stolen database opens
//! no session.

use std::time::Duration;

use domain::name::UserName;
use domain::secret::Secret;

use super::admins::{self, Tried};
use super::{About, By, ManageError, event};
use crate::app::App;
use crate::auth::AuthError;
use crate::origin::Origin;
use crate::store::admin_sessions::{self, NewSession};
pub use crate::store::admin_sessions::{AdminSession, SessionKind};
use crate::store::admins::Admin;
use crate::store::command::Change;
use crate::store::sql::Statement;
use crate::store::{self, StoreError};
use crate::telemetry::Chain;
use crate::token::{self, hash};

/// Where somebody signs in.
#[derive(Debug, Clone, Copy)]
pub enum Door<'a> {
    /// The REST interface.
    Api,
    /// The console, which is for administrators who may everything. The session that the browser had
    /// before ends.
    Console {
        /// Its token.
        before: Option<&'a Secret>,
    },
}

/// What came of signing in.
#[derive(Debug)]
pub enum Opening {
    /// A session with a new token, whatever there was before.
    Open(Box<Opened>),
    /// The password is not right, or not enough here.
    Refused,
    /// Too many wrong passwords were tried under this name, known or not, or from that place.
    Spent,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Opened {
    /// Its token, shown once.
    pub token: Secret,
    /// The rest of it.
    pub session: AdminSession,
}

/// Checks a password and opens a session.
pub async fn open(
    app: &App,
    origin: &Origin,
    door: Door<'_>,
    name: &UserName,
    password: &Secret,
) -> Result<Opening, AuthError> {
    let tried = admins::try_password(app, origin, name, password).await?;
    let refuse = |tried: &Tried| admins::sign_in_line(app, origin, name, tried, door.in_words());
    let admin = match tried {
        Tried::Right(admin) if door.admits(&admin) => admin,
        Tried::Right(_) => {
            app.store.record(refuse(&Tried::Wrong { is_known: true, is_spent: false })?).await?;
            return Ok(Opening::Refused);
        }
        Tried::Wrong { is_spent, .. } => {
            app.store.record(refuse(&tried)?).await?;
            return Ok(if is_spent { Opening::Spent } else { Opening::Refused });
        }
    };
    let event = refuse(&Tried::Right(admin.clone()))?;
    let token = token::fresh(&*app.random)?;
    let statements = opening(app, origin, door, &admin, &token);
    match app.store.change(Change { statements, event }).await {
        Ok(()) => {}
        Err(StoreError::NotFound) => {
            app.store.record(refuse(&Tried::Wrong { is_known: true, is_spent: false })?).await?;
            return Ok(Opening::Refused);
        }
        Err(error) => return Err(error.into()),
    }
    let found = app.store.find_admin_session(hash(&token), door.kind()).await?;
    Ok(found.map_or(Opening::Refused, |session| Opening::Open(Box::new(Opened { token, session }))))
}

fn opening(app: &App, origin: &Origin, door: Door<'_>, admin: &Admin, token: &Secret) -> Vec<Statement> {
    let (kind, now) = (door.kind(), app.now());
    // Whoever sets a new password waits for this, and ends the session; or this waits for them.
    let mut statements = vec![store::admins::must_still_have(admin)];
    if let Door::Console { before: Some(before) } = door {
        statements.push(admin_sessions::end_session(hash(before)));
    }
    statements.extend([
        admin_sessions::end_sessions_before(now - LONGEST),
        admin_sessions::end_idle_sessions(SessionKind::Api, now - app.settings().session_idle()),
        admin_sessions::end_oldest_sessions(&admin.name, kind, door.most() - 1),
    ]);
    let (admin, address) = (admin.name.clone(), origin.place());
    statements.extend(admin_sessions::open_session(&NewSession { token_hash: hash(token), kind, admin, address, now }));
    statements
}

/// The session of a token of this kind, as long as it was neither ended nor opened too long ago nor, at
/// the REST interface, left idle. There its use is written down, at most once a minute, so it may end up
/// to a minute early.
pub async fn find(app: &App, kind: SessionKind, token: &Secret) -> Result<Option<AdminSession>, ManageError> {
    let now = app.now();
    let Some(session) = app.store.find_admin_session(hash(token), kind).await? else {
        return Ok(None);
    };
    let (door, idle) = match kind {
        SessionKind::Api => (Door::Api, app.settings().session_idle()),
        // The cookie holds the instant until which this one may lie idle.
        SessionKind::Console => (Door::Console { before: None }, LONGEST),
    };
    if now >= session.opened_at + LONGEST || now >= session.last_used_at + idle || !door.admits(&session.admin) {
        return Ok(None);
    }
    if kind == SessionKind::Api
        && now >= session.last_used_at + BETWEEN_MARKS
        && let Err(error) = app.store.touch_admin_session(hash(token), now).await
    {
        tracing::warn!(error = %Chain(&error), "the use of a session was not written down; it may end early");
    }
    Ok(Some(session))
}

/// All sessions that may still be used, the oldest first.
pub async fn list(app: &App) -> Result<Vec<AdminSession>, ManageError> {
    let (now, idle) = (app.now(), app.settings().session_idle());
    let is_open = |session: &AdminSession| {
        let is_used = session.kind == SessionKind::Console || now < session.last_used_at + idle;
        now < session.opened_at + LONGEST && is_used && session.admin.is_enabled
    };
    Ok(app.store.list_admin_sessions().await?.into_iter().filter(is_open).collect())
}

/// Ends a session, for good and on every node.
pub async fn end(app: &App, by: &By, token: &Secret) -> Result<(), ManageError> {
    let about = About { user_name: by.actor.clone(), ..About::default() };
    let statements = vec![admin_sessions::end_session(hash(token))];
    app.store.change(Change { statements, event: event(app, by, about, "ok")? }).await?;
    Ok(())
}

/// Ends a session of anybody.
pub async fn end_one(app: &App, by: &By, session: &AdminSession) -> Result<(), ManageError> {
    let detail = format!("session {}", session.id);
    let about = About { user_name: session.admin.name.as_str().to_owned(), detail, ..About::default() };
    let statements = vec![admin_sessions::end_session_by_id(session.id)];
    app.store.change(Change { statements, event: event(app, by, about, "ok")? }).await?;
    Ok(())
}

impl Door<'_> {
    const fn kind(self) -> SessionKind {
        match self {
            Self::Api => SessionKind::Api,
            Self::Console { .. } => SessionKind::Console,
        }
    }

    /// In the audit.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Api => "REST",
            Self::Console { .. } => "console",
        }
    }

    /// The pages ask for no single right.
    fn admits(self, admin: &Admin) -> bool {
        match self {
            Self::Api => admin.is_enabled,
            Self::Console { .. } => admin.is_acting_root(),
        }
    }

    /// Sessions of one administrator at once. Programs seldom sign out.
    const fn most(self) -> usize {
        match self {
            Self::Api => 20,
            Self::Console { .. } => 5,
        }
    }
}

/// From signing in to the end, whatever happens in between.
pub const LONGEST: Duration = Duration::from_hours(8);
const BETWEEN_MARKS: Duration = Duration::from_mins(1);
