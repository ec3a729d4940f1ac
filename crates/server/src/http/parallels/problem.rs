//! Everything that is no success: one shape (RFC 9457), and the one place where refusals of the use
//! cases become statuses.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::fault::{Code, Fault, by_path, listed};
use super::reply;
use crate::auth::AuthError;
use crate::failure;
use crate::manage::ManageError;

/// A refusal. Nothing was changed.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    /// The kind, for programs.
    kind: &'static str,
    title: &'static str,
    /// What is wrong and what to do, in a sentence.
    detail: String,
    faults: Vec<Fault>,
    /// Seconds after which the same may work.
    retry_after: Option<u16>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, title, detail: detail.into(), faults: Vec::new(), retry_after: None }
    }

    /// 400: these values are not allowed; at least one.
    pub(super) fn invalid(faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [fault] => format!("{} {}", fault.pointer.trim_start_matches('/'), fault.message).trim().to_owned(),
            many => format!("{} values are not allowed; errors says which and why", many.len()),
        };
        Self { faults, ..Self::new(StatusCode::BAD_REQUEST, "invalid", "The request is not valid", detail) }
    }

    /// 400: the value of one property is not allowed for what it means.
    pub(super) fn value(pointer: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![Fault::new(pointer, Code::Value, message)])
    }

    /// The same in the names and words of a resource: pointer, pointer there, and what is said instead.
    pub(super) fn renamed(mut self, names: &[(&str, &str, Option<&str>)]) -> Self {
        for fault in &mut self.faults {
            let found = names.iter().find(|(name, ..)| *name == fault.pointer);
            if let Some((_, pointer, message)) = found {
                (*pointer).clone_into(&mut fault.pointer);
                fault.message = message.map_or_else(|| fault.message.clone(), str::to_owned);
            }
        }
        if self.faults.is_empty() { self } else { Self::invalid(self.faults) }
    }

    /// 401: nobody is signed in.
    pub(super) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign-in", "Sign in first", detail)
    }

    /// 403: signed in, and not allowed.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "This is not allowed", detail)
    }

    /// 404: there is no such thing.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// 404: no thing of this kind has this number.
    pub(super) fn no_such(what: &str, id: i64) -> Self {
        Self::not_found(format!("there is no {what} with id {id}"))
    }

    /// 409: it would get in the way of something else.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", "This conflicts with what is there", detail)
    }

    /// 405: the path is there, the method is not.
    pub(super) fn wrong_method() -> Self {
        let detail = "this path does not take this method; the header Allow says which it takes";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "The method is not allowed", detail)
    }

    /// 408: the body did not come.
    pub(super) fn too_slow() -> Self {
        let detail = "the body did not arrive within eight seconds; nothing was changed";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", "The body is too slow", detail)
    }

    /// 413: the body has more than so many bytes.
    pub(super) fn too_large(most: usize) -> Self {
        let detail = format!("the body must have at most {most} bytes (limits.body_bytes); nothing of it was read");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// 415: the body is not JSON by its own account.
    pub(super) fn wrong_media_type() -> Self {
        let detail = "send the body as application/json, with api-version=1.0 behind a semicolon or without it";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The media type is not taken", detail)
    }

    /// 400: another version of the interface is asked for. `version` is as it was typed.
    pub(super) fn wrong_version(version: &str) -> Self {
        let detail = format!("API version {version} is not supported; use 1.0");
        Self::new(StatusCode::BAD_REQUEST, "version", "The version is not supported", detail)
    }

    /// 429: too often; the same may work after so many seconds.
    pub(super) fn too_often(detail: &str, retry_after: u16) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many attempts", detail);
        Self { retry_after: Some(retry_after), ..problem }
    }

    /// 503: not now.
    pub(super) fn busy() -> Self {
        let detail = "the server is too busy or its database is unavailable; try again in a moment";
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Not now", detail);
        Self { retry_after: Some(2), ..problem }
    }

    /// Writes itself in place of an answer, whose `Allow` stays.
    pub(super) fn written(self, response: &Response, path: &str, request_id: &str) -> Response {
        let mut body = json!({
            "type": format!("urn:otpost:problem:{}", self.kind),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": path,
            "requestId": request_id,
        });
        if let (false, Some(body)) = (self.faults.is_empty(), body.as_object_mut()) {
            body.insert("errors".to_owned(), by_path(&self.faults));
            body.insert("faults".to_owned(), listed(&self.faults));
        }
        let mut written = reply::json(self.status, &body);
        let headers = written.headers_mut();
        headers.extend(response.headers().get(header::ALLOW).map(|methods| (header::ALLOW, methods.clone())));
        headers.extend(self.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("auth_token"));
        }
        written
    }
}

impl IntoResponse for Problem {
    /// The layer around this dialect writes it: it knows the request's path and name.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        failure::log(&error, "a sign-in could not be judged");
        Self::busy()
    }
}

/// Where the use case named the value before a colon, it is named by a pointer here.
fn placed(reason: &str) -> Fault {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match reason.split_once(": ").filter(|(name, _)| is_name(name)) {
        Some((name, message)) => Fault::new(format!("/{name}"), Code::Value, message),
        None => Fault::new("", Code::Value, reason),
    }
}

impl From<ManageError> for Problem {
    /// The chain of causes of a failure goes to the log, once, here.
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::Invalid(reason) => Self::invalid(vec![placed(&reason)]),
            ManageError::NotFound(reason) => Self::not_found(reason),
            ManageError::Stale => Self::conflict(error.to_string()),
            ManageError::Taken(reason) => Self::conflict(reason),
            ManageError::Directory(error) => Self::conflict(error.to_string()),
            error => {
                failure::log(&error, "a change could not be made");
                Self::busy()
            }
        }
    }
}
