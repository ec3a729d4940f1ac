//! `/audit/`: who did what when, page by page or as a file.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::envelope::{Answer, Failure, wrong_method};
use super::token::call::{Call, short};
use super::token::to_slash;
use crate::api_key::Scope;
use crate::app::App;
use crate::manage::audit::{AuditFilter, Line, Order, Wanted, search};

mod csv;
mod line;

/// The routes of this part.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/audit", get(to_slash).fallback(wrong_method))
        .route("/audit/", get(page).fallback(wrong_method))
        .route("/audit/{file}", get(file).fallback(wrong_method))
}

/// `GET /audit/`.
async fn page(call: Call) -> Result<Answer, Failure> {
    call.by(Scope::AuditRead, "/audit/").await?;
    let page = ranged(&call, "page", 1, LAST_PAGE)?;
    let size = ranged(&call, "page_size", STANDARD_SIZE, MOST_SIZE)?;
    let wanted = Wanted { filter: filter(&call)?, order: order(&call)?, skip: (page - 1) * size, limit: size };
    let (lines, count) = search(&call.app, wanted).await?;
    let has_more = i64::try_from(page * size).unwrap_or(i64::MAX) < count;
    Ok(call.answer(json!({
        "auditcolumns": line::COLUMNS,
        "auditdata": lines.iter().map(line::object).collect::<Vec<_>>(),
        "count": count,
        "current": page,
        "next": has_more.then_some(page + 1),
        "prev": (page > 1).then_some(page - 1),
    })))
}

/// `GET /audit/FILE.csv`.
async fn file(Path(name): Path<String>, call: Call) -> Result<Response, Failure> {
    call.by(Scope::AuditRead, "/audit/<file>").await?;
    let stem = name.strip_suffix(".csv").ok_or_else(|| Failure::not_found("The audit trail is a .csv file."))?;
    let stem: String = stem.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(64).collect();
    let wanted = Wanted { filter: filter(&call)?, order: order(&call)?, skip: 0, limit: MOST_IN_FILE };
    let (lines, _) = search(&call.app, wanted).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{stem}.csv\"")),
    ];
    Ok((headers, csv::write(&lines)).into_response())
}

fn filter(call: &Call) -> Result<AuditFilter, Failure> {
    let text = |name: &str| call.params.text(name).map(str::to_owned);
    let is_success = match call.params.text("success") {
        None | Some("*") => None,
        Some(text) => Some(crate::settings::is_true(text)),
    };
    let outcome = match call.params.text("authentication") {
        None | Some("*") => None,
        Some(text) => Some(line::outcome_of(text).ok_or_else(|| {
            Failure::parameter(format!("authentication: ACCEPT, CHALLENGE or REJECT is allowed, got '{}'", short(text)))
        })?),
    };
    Ok(AuditFilter {
        action: text("action"),
        outcome: outcome.map(str::to_owned),
        is_success,
        user_name: text("user"),
        realm: text("realm"),
        serial: text("serial"),
        actor: text("administrator"),
        address: text("client"),
        client: text("user_agent"),
        reason: text("info"),
        detail: text("action_detail"),
        ..AuditFilter::default()
    })
}

fn order(call: &Call) -> Result<Order, Failure> {
    match call.params.text("sortorder") {
        None | Some("desc") => Ok(Order::Newest),
        Some("asc") => Ok(Order::Oldest),
        Some(other) => Err(Failure::parameter(format!("sortorder: asc or desc is allowed, got '{}'", short(other)))),
    }
}

fn ranged(call: &Call, name: &str, standard: usize, most: usize) -> Result<usize, Failure> {
    let Some(given) = call.params.number(name)? else {
        return Ok(standard);
    };
    let fits = usize::try_from(given).ok().filter(|number| (1..=most).contains(number));
    fits.ok_or_else(|| Failure::parameter(format!("{name}: a whole number from 1 to {most} is allowed, got '{given}'")))
}

/// A cell of an object as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

const STANDARD_SIZE: usize = 15;
const MOST_SIZE: usize = 500;
const LAST_PAGE: usize = 1_000_000;
/// The newest, or the oldest, so many lines.
const MOST_IN_FILE: usize = 20_000;
