//! `/token/`: enrollments, under the name this interface has for them.

pub(super) mod call;
mod challenges;
mod change;
mod csv;
mod init;
mod list;
mod object;

use axum::Router;
use axum::handler::Handler;
use axum::http::Uri;
use axum::response::Redirect;
use axum::routing::{delete, get, post};

use super::envelope::{Failure, wrong_method};
use crate::app::App;
use crate::manage::enrollments::EnrollmentError;

/// The routes of this part.
pub fn routes() -> Router<App> {
    let router = Router::new()
        .route("/token", get(to_slash).fallback(wrong_method))
        .route("/token/", get(list::list).fallback(wrong_method))
        .route("/token/init", post(init::init).fallback(wrong_method))
        .route("/token/{serial}", delete(change::remove).fallback(wrong_method))
        .route("/token/info/{serial}/{key}", post(change::set_info).delete(change::remove_info).fallback(wrong_method))
        .route("/token/realm/{serial}", post(change::realm).fallback(wrong_method))
        .route("/token/challenges/", get(challenges::list).fallback(wrong_method))
        .route("/token/challenges/expired", delete(challenges::remove_expired).fallback(wrong_method))
        .route("/token/challenges/{serial}", get(challenges::list).fallback(wrong_method));
    let router = with_serial(router, "/token/assign", change::assign);
    let router = with_serial(router, "/token/description", change::description);
    let router = with_serial(router, "/token/disable", change::disable);
    let router = with_serial(router, "/token/enable", change::enable);
    let router = with_serial(router, "/token/reset", change::reset);
    let router = with_serial(router, "/token/revoke", change::revoke);
    let router = with_serial(router, "/token/set", change::set);
    let router = with_serial(router, "/token/setpin", change::set_pin);
    with_serial(router, "/token/unassign", change::unassign)
}

/// A call that takes its serial from the path or from the parameters.
fn with_serial<H, T>(router: Router<App>, path: &str, handler: H) -> Router<App>
where
    H: Handler<T, App>,
    T: 'static,
{
    let methods = post(handler).fallback(wrong_method);
    router.route(path, methods.clone()).route(&format!("{path}/{{serial}}"), methods)
}

/// The same path with a slash, and the query as it was.
pub(super) async fn to_slash(uri: Uri) -> Redirect {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{}/{query}", uri.path()))
}

impl From<EnrollmentError> for Failure {
    fn from(error: EnrollmentError) -> Self {
        match error {
            EnrollmentError::Assigned(_) => Self::token(1103, error.to_string()),
            EnrollmentError::Locked => Self::token(1007, error.to_string()),
            EnrollmentError::Manage(error) => error.into(),
        }
    }
}
