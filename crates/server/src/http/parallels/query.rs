//! The query of a request; letter case of its names does not matter. Nothing secret is read from it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::fault::{Code, Fault};
use super::problem::Problem;
use super::{fields, id};
use crate::app::App;

/// The parameters of a query.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl FromRequestParts<App> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let unreadable = |_| Problem::value("", "the query is not valid: names and values are percent-encoded UTF-8");
        let pairs = pairs.map_err(unreadable)?.0;
        let folded: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let mut names: Vec<_> = folded.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows().find(|[one, other]| one == other) {
            let message = "is given more than once in the query";
            let fault = Fault::new(format!("/{}", fields::shown(name)), Code::Repeated, message);
            return Err(Problem::invalid(vec![fault]));
        }
        Ok(Self(folded))
    }
}

impl Query {
    /// A text; an empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The number of a thing.
    pub(super) fn id(&self, name: &str) -> Result<Option<i64>, Problem> {
        let read = |text| id::parse(name, text).map_err(|fault| Problem::invalid(vec![fault]));
        self.text(name).map(read).transpose()
    }

    /// `true` or `false`; no without it.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.text(name) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(text) => {
                let message = format!("must be true or false, got '{}'", fields::shown(text));
                Err(Problem::invalid(vec![Fault::new(format!("/{name}"), Code::Choice, message)]))
            }
        }
    }
}
