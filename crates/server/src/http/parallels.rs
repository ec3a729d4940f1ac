//! The Parallels RAS dialect, under `/api` in any letter case: JSON in, changes through `manage`, JSON out.
//! Decides nothing.
//!
//! A resource is a file with `routes()` (paths in lower case) and handlers that take, in this order, what
//! they need of: `Signed` (401 comes first), `Id`, `Query`,
//! `Body`. They answer with `reply` or a `Problem`.

mod admin_account;
mod body;
mod fault;
mod fields;
mod id;
mod json;
mod mailbox;
mod mfa;
mod permission;
mod problem;
mod query;
mod reply;
mod session;
mod settings;
mod signed;
mod site;
mod theme;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use self::problem::Problem;
use crate::app::App;
use crate::origin::Origin;

/// The routes of this dialect, in lower case.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(admin_account::routes())
        .merge(mailbox::routes())
        .merge(mfa::routes())
        .merge(permission::routes())
        .merge(session::routes())
        .merge(settings::routes())
        .merge(site::routes())
        .merge(theme::routes())
        .fallback(no_such_path)
}

/// Whether a path belongs to this dialect.
pub fn owns(path: &str) -> bool {
    let start = path.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
    start || path.eq_ignore_ascii_case("/api")
}

/// Answers a request whose path is of this dialect, however it is spelled.
pub async fn answer(routes: Router, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let request_id = request.extensions().get::<Origin>().map(|origin| origin.request_id.clone());
    if let Some(folded) = folded(request.uri()) {
        *request.uri_mut() = folded;
    }
    let mut response = match body::check_accept(request.headers()) {
        Ok(()) => routes.oneshot(request).await.into_response(),
        Err(problem) => problem.into_response(),
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.extensions_mut().insert(Problem::wrong_method());
    }
    let problem = response.extensions_mut().remove::<Problem>();
    let mut response = match problem {
        Some(problem) => problem.written(&response, &path, &request_id.unwrap_or_default()),
        None => response,
    };
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// What is said when the whole took too long.
pub fn busy(path: &str, request_id: &str) -> Response {
    Problem::busy().written(&Response::default(), path, request_id)
}

/// What is said when the body took too long.
pub fn too_slow(path: &str, request_id: &str) -> Response {
    Problem::too_slow().written(&Response::default(), path, request_id)
}

async fn no_such_path(State(_): State<App>) -> Response {
    Problem::not_found("there is no such path; every path is described at /openapi").into_response()
}

/// The path in lower case and without a slash at its end. Values that matter in their letter case stand
/// in the body alone.
fn folded(uri: &Uri) -> Option<Uri> {
    let path = uri.path().to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").parse().ok()
}

const PREFIX: &str = "/api/";
