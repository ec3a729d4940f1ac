//! `/validate/polltransaction`: a mailed code is never answered out of band, so the answer is one.

use axum::extract::{Path, State};
use serde_json::{Map, json};

use super::envelope::{Answer, Authentication, Failure};
use super::params::Params;
use super::shape;
use crate::app::App;

/// With the id in the query.
pub async fn by_query(State(app): State<App>, params: Params) -> Result<Answer, Failure> {
    params.required("transaction_id")?;
    Ok(pending(&app))
}

/// With the id in the path.
pub async fn by_path(State(app): State<App>, Path(_): Path<String>) -> Answer {
    pending(&app)
}

/// The same for every id, known or not.
fn pending(app: &App) -> Answer {
    let detail = Map::from_iter([("challenge_status".to_owned(), json!("pending"))]);
    Answer::new(false, shape::seconds(app.now())).detail(detail).authentication(Authentication::Reject)
}
