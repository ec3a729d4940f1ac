//! What every management call of this dialect brings along, taken out of the request once.

use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, Method};
use domain::name::RealmName;

use crate::api_key::Scope;
use crate::app::App;
use crate::http::privacyidea::envelope::{Answer, Failure, busy};
use crate::http::privacyidea::params::Params;
use crate::http::privacyidea::{session, shape};
use crate::manage::By;
use crate::manage::enrollments::Targets;
use crate::manage::users::{Owner, find_owner};
use crate::origin::Origin;

/// A management call.
pub(in crate::http::privacyidea) struct Call {
    /// The product.
    pub(in crate::http::privacyidea) app: App,
    /// The parameters.
    pub(in crate::http::privacyidea) params: Params,
    method: Method,
    origin: Origin,
    headers: HeaderMap,
}

impl FromRequest<App> for Call {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let origin = request.extensions().get::<Origin>().cloned().ok_or_else(busy)?;
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let params = Params::from_request(request, app).await?;
        Ok(Self { app: app.clone(), params, method, origin, headers })
    }
}

impl Call {
    /// Who calls, if they may; method and `path` name the call in the audit.
    pub(in crate::http::privacyidea) async fn by(&self, scope: Scope, path: &str) -> Result<By, Failure> {
        let actor = session::require(&self.app, &self.origin, &self.headers, scope).await?;
        Ok(By {
            actor: actor.name(),
            action: format!("{} {path}", self.method),
            address: self.origin.place(),
            request_id: self.origin.request_id.clone(),
        })
    }

    /// An answer with this value.
    pub(in crate::http::privacyidea) fn answer(&self, value: impl Into<serde_json::Value>) -> Answer {
        Answer::new(value, shape::seconds(self.app.now()))
    }

    /// The user that the parameters name, if they name one.
    pub(super) async fn owner(&self) -> Result<Option<Owner>, Failure> {
        let Some(user) = self.params.text("user") else {
            return Ok(None);
        };
        let realm = self.params.text("realm");
        match find_owner(&self.app, user, realm).await? {
            Some(owner) => Ok(Some(owner)),
            None => Err(self.unknown_user(user, realm)),
        }
    }

    /// Clients are told apart: no such realm, or nobody of that name in it.
    fn unknown_user(&self, user: &str, realm: Option<&str>) -> Failure {
        let is_realm = |name| RealmName::parse(name).is_ok_and(|name| self.app.settings().realm(Some(&name)).is_some());
        match realm.filter(|name| !is_realm(name)) {
            Some(unknown) => Failure::unknown_user(&short(user), &short(unknown)),
            None => Failure::token(904, "The user can not be found in any resolver in this realm!"),
        }
    }

    /// The one enrollment of the path or of `serial`.
    pub(super) async fn one(&self, path: Option<&Path<String>>) -> Result<Targets, Failure> {
        let serial = match path {
            Some(Path(serial)) => serial.as_str(),
            None => self.params.required("serial")?,
        };
        Ok(Targets::by_serial(&self.app, serial).await?)
    }

    /// The enrollment of the path or of `serial`, or all of `user`.
    pub(super) async fn targets(&self, path: Option<&Path<String>>) -> Result<Targets, Failure> {
        if path.is_none()
            && self.params.text("serial").is_none()
            && let Some(owner) = self.owner().await?
        {
            return Ok(Targets::of(&self.app, &owner).await?);
        }
        self.one(path).await
    }

    /// The page asked for and its size.
    pub(super) fn page(&self) -> Result<(usize, usize), Failure> {
        let number = |name: &str, standard: i64, most: i64| {
            let given = self.params.number(name)?.unwrap_or(standard);
            if given < 0 {
                return Err(Failure::parameter(format!("'{name}' must be at least 1")));
            }
            Ok(usize::try_from(given.clamp(1, most)).unwrap_or(1))
        };
        Ok((number("page", 1, LAST_PAGE)?, number("pagesize", STANDARD_SIZE, MOST_SIZE)?))
    }
}

/// A text as an error may show it.
pub(in crate::http::privacyidea) fn short(text: &str) -> String {
    text.chars().filter(|c| !domain::text::is_unprintable(*c)).take(64).collect()
}

const STANDARD_SIZE: i64 = 15;
const MOST_SIZE: i64 = 1_000;
const LAST_PAGE: i64 = 1_000_000;
