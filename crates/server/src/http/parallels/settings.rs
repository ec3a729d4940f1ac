//! `/api/Settings/apply`: for programs that stage their changes. Here every change acts at once.

use axum::Router;
use axum::response::Response;
use axum::routing::post;
use serde_json::json;

use super::reply;
use super::signed::Signed;
use crate::app::App;

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/settings/apply", post(apply))
}

/// `POST /api/Settings/apply`
async fn apply(_: Signed) -> Response {
    reply::ok(&json!({"applied": 0, "message": "Every change acts at once; there was nothing left to apply."}))
}
