//! The number of a thing in a path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::fault::{Code, Fault};
use super::problem::Problem;
use crate::app::App;

/// The parameter `{id}` of the path: 1 to 2,147,483,647.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id(pub(super) i64);

impl FromRequestParts<App> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, app).await.map(|path| path.0).unwrap_or_default();
        parse("id", &text).map(Self).map_err(|fault| Problem::invalid(vec![fault]))
    }
}

/// Reads the number of a thing.
pub(super) fn parse(name: &str, text: &str) -> Result<i64, Fault> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<i32>().ok().filter(|number| is_plain && *number > 0);
    number.map(i64::from).ok_or_else(|| {
        let message = format!("must be a whole number from 1 to 2147483647, got '{}'", super::fields::shown(text));
        Fault::new(format!("/{name}"), Code::Format, message)
    })
}
