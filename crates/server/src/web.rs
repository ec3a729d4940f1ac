//! The pages of the person signing in.

pub mod demo;

use axum::Router;

use crate::app::App;

/// The routes of the pages.
pub fn routes() -> Router<App> {
    Router::new()
}
