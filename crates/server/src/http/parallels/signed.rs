//! The administrator behind a request: the header `auth_token`, and nothing else. A token in the address
//! or in a cookie opens nothing.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::admin::Right;
use domain::secret::Secret;

use super::problem::Problem;
use crate::app::App;
use crate::manage::By;
use crate::manage::sessions::{self, AdminSession, SessionKind};
use crate::origin::Origin;

/// A signed-in administrator. Rights are those of this moment: a change of them acts on the next request.
#[derive(Debug)]
pub(super) struct Signed {
    /// The session.
    pub(super) session: AdminSession,
    /// Its token.
    pub(super) token: Secret,
    origin: Origin,
}

impl FromRequestParts<App> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let origin = parts.extensions.get::<Origin>().cloned().ok_or_else(Problem::busy)?;
        let mut lines = parts.headers.get_all("auth_token").iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return Err(Problem::unauthorized(NO_TOKEN));
        };
        let token = Secret::new(line.to_str().unwrap_or_default());
        match sessions::find(app, SessionKind::Api, &token).await? {
            Some(session) => Ok(Self { session, token, origin }),
            None => Err(Problem::unauthorized(DEAD_TOKEN)),
        }
    }
}

impl Signed {
    /// Refuses with 403 unless this is allowed on this site.
    pub(super) fn may(&self, right: Right, site: i64) -> Result<(), Problem> {
        if self.session.admin.rights.may(right, site) {
            return Ok(());
        }
        Err(Problem::forbidden(match right {
            Right::Farm => "this takes a root administrator".to_owned(),
            Right::Connections => format!("this takes allowConnectionChanges on site {site}"),
            Right::Site => format!("this takes allowSiteChanges on site {site}"),
            Right::View => format!("this takes allowViewingSiteInfo on site {site}"),
        }))
    }

    /// Refuses with 403 unless this is a root administrator.
    pub(super) fn must_be_root(&self) -> Result<(), Problem> {
        self.may(Right::Farm, 0)
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        self.session.admin.name.as_str()
    }

    /// For the audit; `action` is for instance `PUT /api/Site/<id>`.
    pub(super) fn by(&self, action: &str) -> By {
        By {
            actor: self.name().to_owned(),
            action: action.to_owned(),
            address: self.origin.place(),
            request_id: self.origin.request_id.clone(),
        }
    }
}

const NO_TOKEN: &str = "send the token from POST /api/Session/logon in the header auth_token";
const DEAD_TOKEN: &str = "the token is not known or its session has ended; sign in again with POST /api/Session/logon";
