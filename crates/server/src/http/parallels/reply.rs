//! Successes.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::time::Timestamp;
use serde_json::Value;

/// 200 with a value.
pub(super) fn ok(value: &Value) -> Response {
    json(StatusCode::OK, value)
}

/// 201 with the new thing; `location` is its path.
pub(super) fn created(location: &str, value: &Value) -> Response {
    let mut response = json(StatusCode::CREATED, value);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204: done, and nothing to say.
pub(super) fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// An instant as this dialect writes it: RFC 3339 with milliseconds, in UTC.
pub(super) fn instant(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Any status with a value, in the one media type.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], value.to_string()).into_response()
}

const MEDIA_TYPE: &str = "application/json; api-version=1.0";
