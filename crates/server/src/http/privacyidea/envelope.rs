//! The envelope of every answer, and the numbers of its errors.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::auth::AuthError;
use crate::failure;
use crate::http::caller::NotAdmitted;
use crate::manage::ManageError;

/// The version announced: clients switch features on it.
pub const VERSION: &str = "3.13.3";

/// `result.authentication`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// They are in.
    Accept,
    /// A code is on its way.
    Challenge,
    /// They are not.
    Reject,
}

impl Authentication {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Challenge => "CHALLENGE",
            Self::Reject => "REJECT",
        }
    }
}

/// An answer with HTTP status 200.
#[derive(Debug, Clone)]
pub struct Answer {
    value: Value,
    detail: Value,
    authentication: Option<Authentication>,
    nonce: Option<String>,
    now: f64,
}

impl Answer {
    /// An answer to a management call. `now` is in seconds since 1970.
    pub fn new(value: impl Into<Value>, now: f64) -> Self {
        Self { value: value.into(), detail: Value::Null, authentication: None, nonce: None, now }
    }

    /// Adds `detail`.
    #[must_use]
    pub fn detail(mut self, mut detail: Map<String, Value>) -> Self {
        // Always there on the incumbent, read by nobody.
        detail.entry("threadid").or_insert(json!(1));
        self.detail = Value::Object(detail);
        self
    }

    /// Makes it an answer with an authentication outcome.
    #[must_use]
    pub fn authentication(mut self, outcome: Authentication) -> Self {
        self.authentication = Some(outcome);
        self
    }

    /// Echoes the caller's nonce.
    #[must_use]
    pub fn nonce(mut self, nonce: Option<String>) -> Self {
        self.nonce = nonce;
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut result = json!({"status": true, "value": self.value});
        let mut id = 1;
        if let (Some(outcome), Some(result)) = (self.authentication, result.as_object_mut()) {
            result.insert("authentication".to_owned(), outcome.as_str().into());
            id = 2;
        }
        let mut body = json!({
            "id": id,
            "jsonrpc": "2.0",
            "result": result,
            "time": self.now,
            "version": format!("privacyIDEA {VERSION}"),
            "versionnumber": VERSION,
        });
        if let Some(body) = body.as_object_mut() {
            if !self.detail.is_null() {
                body.insert("detail".to_owned(), self.detail);
            }
            if let Some(nonce) = self.nonce {
                body.insert("nonce".to_owned(), nonce.into());
            }
        }
        Json(body).into_response()
    }
}

/// An error: HTTP status, number, message. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    status: StatusCode,
    code: i32,
    message: String,
}

impl Failure {
    /// A parameter is missing or bad: 400, 905.
    pub fn parameter(message: impl AsRef<str>) -> Self {
        Self::numbered(StatusCode::BAD_REQUEST, 905, message)
    }

    /// The parameter of that name is missing.
    pub fn missing(name: &str) -> Self {
        Self::parameter(format!("Missing parameter: '{name}'"))
    }

    /// The user is unknown: 400, 904.
    pub fn unknown_user(name: &str, realm: &str) -> Self {
        Self::numbered(StatusCode::BAD_REQUEST, 904, format!("User <{name}@{realm}> does not exist."))
    }

    /// The object is unknown: 404, 601.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, code: 601, message: message.into() }
    }

    /// Something about the configuration forbids it: 400, 302.
    pub fn configuration(message: impl AsRef<str>) -> Self {
        Self::numbered(StatusCode::BAD_REQUEST, 302, message)
    }

    /// Something about tokens forbids it: 400 with one of their numbers (301, 1007, 1103).
    pub fn token(code: i32, message: impl AsRef<str>) -> Self {
        Self::numbered(StatusCode::BAD_REQUEST, code, message)
    }

    /// Not signed in, or not well enough: 401 with one of its numbers.
    pub fn unauthorized(code: i32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, code, message: message.into() }
    }

    /// Signed in, but not allowed: 403, 303.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code: 303, message: message.into() }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn numbered(status: StatusCode, code: i32, message: impl AsRef<str>) -> Self {
        Self { status, code, message: format!("ERR{code}: {}", message.as_ref()) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({
            "detail": null,
            "id": 1,
            "jsonrpc": "2.0",
            "result": {"error": {"code": self.code, "message": self.message}, "status": false},
            // For show: no rule ever looks at it, so it need not come from the product's one clock.
            "time": crate::os::wall_seconds(),
            "version": format!("privacyIDEA {VERSION}"),
        });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// We cannot answer now; asking again in a moment may help.
pub fn busy() -> Failure {
    Failure {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: -503,
        message: "The server is too busy or its database is unavailable. Nothing was changed; try again.".to_owned(),
    }
}

/// The body did not come.
pub fn too_slow() -> Failure {
    let reason = "The body did not arrive within eight seconds; nothing was changed";
    Failure::parameter(reason).with_status(StatusCode::REQUEST_TIMEOUT)
}

/// No such path.
pub fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": "Not found"}))).into_response()
}

/// The path exists, the method does not. The router adds which there are.
pub async fn wrong_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({"error": "Method not allowed"}))).into_response()
}

impl From<AuthError> for Failure {
    /// The chain of causes goes to the log, once, here; the caller learns that it was our fault.
    fn from(error: AuthError) -> Self {
        failure::log(&error, "an attempt could not be judged");
        busy()
    }
}

impl From<ManageError> for Failure {
    fn from(error: ManageError) -> Self {
        match &error {
            ManageError::Invalid(reason) => return Self::parameter(reason),
            ManageError::NotFound(reason) => return Self::not_found(reason),
            ManageError::Stale => return Self::configuration(error.to_string()),
            ManageError::Taken(reason) => return Self::configuration(reason),
            ManageError::Directory(error) => return Self::configuration(error.to_string()),
            _ => failure::log(&error, "a change could not be made"),
        }
        busy()
    }
}

impl From<NotAdmitted> for Failure {
    fn from(reason: NotAdmitted) -> Self {
        match reason {
            NotAdmitted::BadKey => Self::unauthorized(4031, "Authentication failure. The API key is not valid here."),
            NotAdmitted::MissingScope(scope) => {
                Self::forbidden(format!("This API key lacks the scope {}.", scope.as_str()))
            }
            NotAdmitted::NoKey => Self::forbidden("No valid API key was passed."),
        }
    }
}
