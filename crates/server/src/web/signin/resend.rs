//! The mail once more, by a button: same code, same challenge.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::{Pending, Said, client};
use crate::app::App;
use crate::auth::resend::{Outcome, resend};
use crate::origin::Origin;
use crate::web::frame::redirect;
use crate::web::problem;
use crate::web::same_origin::OwnForm;
use crate::web::visit::Visit;

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct Typed {
    id: String,
}

/// `POST /signin/resend`
pub(crate) async fn post(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    visit: Visit,
    headers: HeaderMap,
    OwnForm(typed): OwnForm<Typed>,
) -> Response {
    let Some(pending) = Pending::find(&app, &headers, &typed.id) else {
        return problem::ended(&app, &visit, None);
    };
    match resend(&app, &pending.id, &client(&origin, &pending.journey)).await {
        Ok(Outcome::Mailed) => redirect(&app, &pending.path(Some(Said::Sent))),
        Ok(Outcome::NotNow(_)) => redirect(&app, &pending.path(Some(Said::Wait))),
        Err(error) => problem::busy(&app, &visit.on(&pending.journey), &error),
    }
}
