//! A form of the console: taken only from our own page, made for this very session.

use std::collections::HashMap;

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use domain::secret::Secret;

use super::problem;
use super::session::Session;
use crate::app::App;
use crate::manage::By;
use crate::origin::Origin;
use crate::web::same_origin::SameOrigin;

/// What a form brought, and on whose behalf. The only way to act here.
pub(super) struct Posted {
    /// The session it was made for.
    pub(super) session: Session,
    origin: Origin,
    /// A password may be among them.
    fields: HashMap<String, Secret>,
}

impl FromRequest<App> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let is_ours = SameOrigin::from_request_parts(&mut parts, app).await.is_ok();
        let session = parts.extensions.get::<Session>().cloned();
        let origin = parts.extensions.get::<Origin>().cloned();
        let (true, Some(session), Some(origin)) = (is_ours, session, origin) else {
            return Err(problem::not_ours(app));
        };
        let form = Form::<HashMap<String, String>>::from_request(Request::from_parts(parts, body), app).await;
        let Form(fields) = form.map_err(|_| problem::unreadable(app))?;
        let fields = fields.into_iter().map(|(name, text)| (name, Secret::new(text))).collect();
        let posted = Self { session, origin, fields };
        if posted.session.made(posted.text("proof")) { Ok(posted) } else { Err(problem::not_ours(app)) }
    }
}

impl Posted {
    /// A field; an absent one is empty.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", Secret::expose)
    }

    /// A field that holds a password; an absent one is empty.
    pub(super) fn secret(&self, name: &str) -> Secret {
        self.fields.get(name).cloned().unwrap_or_else(|| Secret::new(""))
    }

    /// Who acts, for the audit.
    pub(super) fn by(&self, action: &str) -> By {
        self.session.by(&self.origin, action)
    }
}
