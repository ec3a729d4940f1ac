//! The body of a request, taken once: its media type, its version, its bytes as a tree.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use super::fault::{Code, Fault};
use super::fields::Fields;
use super::json::Json;
use super::problem::Problem;
use crate::app::App;

/// A body that was read. Handlers that take no body do not ask for one.
#[derive(Debug, Clone)]
pub(super) struct Body(Json);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let most = app.config.limits.body_bytes;
        if announced(request.headers()).is_some_and(|length| length > most) {
            return Err(Problem::too_large(most));
        }
        let media_type = read_media_type(request.headers());
        let bytes = match Bytes::from_request(request, app).await {
            Ok(bytes) => bytes,
            Err(rejection) if rejection.status() == 413 => return Err(Problem::too_large(most)),
            Err(_) => return Err(not_json("the body ended early".to_owned())),
        };
        if bytes.is_empty() {
            return Err(not_json("a JSON object is needed, the body is empty".to_owned()));
        }
        media_type?;
        Json::parse(&bytes).map(Self).map_err(|error| not_json(error.0))
    }
}

impl Body {
    /// Reads the properties of the object that the body is. All faults are found and told at once; the
    /// value comes out only if there are none.
    ///
    /// ```ignore
    /// let new = body.read(|fields| NewSite {
    ///     name: fields.required_line("name", 1..=255),
    ///     description: fields.text("description", 0..=4000),
    /// })?;
    /// ```
    pub(super) fn read<T>(self, read: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T, Problem> {
        let mut faults = Vec::new();
        let value = match self.0 {
            Json::Object(members) => {
                let mut fields = Fields::new("", members, &mut faults);
                let value = read(&mut fields);
                fields.refuse_the_rest();
                Some(value)
            }
            other => {
                let message = format!("a JSON object is needed, got {}", other.in_words());
                faults.push(Fault::new("", Code::Type, message));
                None
            }
        };
        value.filter(|_| faults.is_empty()).ok_or_else(|| Problem::invalid(faults))
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json`, in UTF-8 if it says anything of that, in version 1.0 if it says anything of that.
fn read_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let mut lines = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(line)), None) = (lines.next().map(|line| line.to_str()), lines.next()) else {
        return Err(Problem::wrong_media_type());
    };
    let mut parts = line.split(';').map(str::trim);
    if !parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(Problem::wrong_media_type());
    }
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = parameter(part);
        match name.as_str() {
            VERSION if is_ours(value) => {}
            VERSION => return Err(Problem::wrong_version(&super::fields::shown(value))),
            "charset" if !value.eq_ignore_ascii_case("utf-8") => return Err(Problem::wrong_media_type()),
            _ => {}
        }
    }
    Ok(())
}

/// What the answer may be: refused when every kind that is named is in a version that there is not.
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Problem> {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let mut other = None;
    for kind in lines.flat_map(|line| line.split(',')) {
        match kind.split(';').map(parameter).find(|(name, _)| name == VERSION) {
            Some((_, value)) if !is_ours(value) => other = other.or(Some(value)),
            _ => return Ok(()),
        }
    }
    other.map_or(Ok(()), |value| Err(Problem::wrong_version(&super::fields::shown(value))))
}

fn parameter(text: &str) -> (String, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'))
}

fn is_ours(version: &str) -> bool {
    version == "1.0" || version == "1"
}

fn not_json(message: String) -> Problem {
    Problem::invalid(vec![Fault::new("", Code::Json, message)])
}

const VERSION: &str = "api-version";
