//! Whose rule a call is about: that of the provider in the path, or that of the site in the query.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::Method;
use axum::http::request::Parts;
use domain::admin::Right;

use crate::app::App;
use crate::http::parallels::id::Id;
use crate::http::parallels::problem::Problem;
use crate::http::parallels::query::Query;
use crate::http::parallels::signed::Signed;
use crate::manage::criteria::Owner;
use crate::manage::{By, sites};

/// A rule that the caller may read, or change where the method changes something.
#[derive(Debug)]
pub(super) struct Rule {
    /// Whose it is.
    pub(super) owner: Owner,
    signed: Signed,
    method: Method,
}

impl FromRequestParts<App> for Rule {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let signed = Signed::from_request_parts(parts, app).await?;
        let method = parts.method.clone();
        let right = if method == Method::GET { Right::View } else { Right::Connections };
        let has_id = RawPathParams::from_request_parts(parts, app).await.is_ok_and(|path| path.iter().next().is_some());
        let owner = if has_id {
            let Id(id) = Id::from_request_parts(parts, app).await?;
            Owner::Provider(super::find(app, &signed, id, right).await?.provider.id)
        } else {
            let site_id = site_of(app, &Query::from_request_parts(parts, app).await?)?;
            signed.may(right, site_id)?;
            Owner::Site(site_id)
        };
        Ok(Self { owner, signed, method })
    }
}

impl Rule {
    /// For the audit; `part` is for instance `/Devices`.
    pub(super) fn by(&self, part: &str) -> By {
        let place = match self.owner {
            Owner::Provider(_) => "/api/MFA/<id>",
            Owner::Site(_) => "/api/MFADefaultSettings",
        };
        self.signed.by(&format!("{} {place}/Criteria{part}", self.method))
    }

    /// Where a part of the rule is found.
    pub(super) fn path(&self, part: &str) -> String {
        match self.owner {
            Owner::Provider(id) => format!("/api/MFA/{id}/Criteria{part}"),
            Owner::Site(id) => format!("/api/MFADefaultSettings/Criteria{part}?siteId={id}"),
        }
    }
}

/// The site that the query names, or the first one.
pub(super) fn site_of(app: &App, query: &Query) -> Result<i64, Problem> {
    site(app, query.id("siteId")?)
}

/// That site, which must be there, or the first one.
pub(super) fn site(app: &App, id: Option<i64>) -> Result<i64, Problem> {
    Ok(sites::find(app, id.unwrap_or(sites::FIRST))?.id)
}
