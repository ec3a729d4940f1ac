//! What is done about one enrollment.

use axum::extract::{Path, State};
use axum::response::Response;

use super::person;
use super::posted::Posted;
use super::problem;
use super::said::Said;
use crate::app::App;
use crate::manage::ManageError;
use crate::manage::enrollments::{self, Targets};
use crate::web::frame::redirect;

/// `POST /console/enrollment/{serial}/{action}`
pub(super) async fn post(
    State(app): State<App>,
    Path((serial, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    match act(&app, &serial, &action, &posted).await {
        Ok(said) => redirect(&app, &back(&posted, said)),
        Err(error) => problem::failed(&app, &error),
    }
}

async fn act(app: &App, serial: &str, action: &str, posted: &Posted) -> Result<Said, ManageError> {
    let targets = Targets::by_serial(app, serial).await?;
    let by = posted.by(&format!("POST /console/enrollment/{action}"));
    match action {
        "disable" => {
            enrollments::set_active(app, &by, targets, false).await.map(|_| Said::Disabled).map_err(Into::into)
        }
        "enable" => enrollments::set_active(app, &by, targets, true).await.map(|_| Said::Enabled).map_err(Into::into),
        "reset" => enrollments::reset(app, &by, targets).await.map(|_| Said::Reset),
        "revoke" => enrollments::revoke(app, &by, targets).await.map(|_| Said::Revoked),
        _ => Err(ManageError::NotFound("there is no such action".to_owned())),
    }
}

/// Back to the person; the form says who.
fn back(posted: &Posted, said: Said) -> String {
    match posted.text("person") {
        "" => "/console/people".to_owned(),
        id => format!("{}{}", person::address(id), said.query()),
    }
}
