//! The audit trail, filtered and by pages.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::time::Timestamp;

use super::badge::OUTCOMES;
use super::frame::{Console, Tab};
use super::line::{REASONS, ShownLine};
use super::problem;
use super::query::{Query, encode};
use super::session::Session;
use crate::app::App;
use crate::manage::audit::{self, AuditFilter, Order, Wanted};
use crate::web::frame::{Frame, page};

#[derive(Template)]
#[template(path = "web/console/audit.html")]
struct AuditPage {
    frame: Console,
    user: String,
    /// Word, name, whether it is chosen.
    outcomes: Vec<(&'static str, &'static str, bool)>,
    reasons: Vec<(&'static str, bool)>,
    from: String,
    to: String,
    periods: Vec<(&'static str, &'static str, bool)>,
    lines: Vec<ShownLine>,
    count: i64,
    before: Option<String>,
    after: Option<String>,
}

/// `GET /console/audit`
pub(super) async fn get(
    State(app): State<App>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::parse(query.as_deref());
    let number = query.page();
    let (since, until) = span(&query, app.now());
    let filter = AuditFilter {
        user_name: query.pattern("user"),
        outcome: query.pattern("outcome"),
        reason: query.pattern("reason"),
        since,
        until,
        ..AuditFilter::default()
    };
    let skip = (number - 1).saturating_mul(LINES);
    let wanted = Wanted { filter, order: Order::Newest, skip, limit: LINES };
    let (lines, count) = match audit::search(&app, wanted).await {
        Ok(found) => found,
        Err(error) => return problem::failed(&app, &error),
    };
    let has_more = i64::try_from(skip.saturating_add(lines.len())).is_ok_and(|seen| seen < count);
    let shown = AuditPage {
        frame: Console::new(&app, &session, Tab::Audit),
        user: query.text("user").to_owned(),
        outcomes: OUTCOMES.map(|(word, name)| (word, name, word == query.text("outcome"))).to_vec(),
        reasons: REASONS.iter().map(|(word, _)| (*word, *word == query.text("reason"))).collect(),
        from: query.text("from").to_owned(),
        to: query.text("to").to_owned(),
        periods: PERIODS.map(|(word, name, _)| (word, name, word == period(&query))).to_vec(),
        lines: lines.iter().map(ShownLine::new).collect(),
        count,
        before: (number > 1).then(|| address(&app, &query, number - 1)),
        after: has_more.then(|| address(&app, &query, number + 1)),
    };
    page(StatusCode::OK, &shown)
}

/// The instants between which lines are wanted: two days that were typed, or a period up to now.
fn span(query: &Query, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let midnight = |name: &str, more: i64| {
        let text = format!("{}T00:00:00Z", query.text(name));
        let at: Option<jiff::Timestamp> = text.parse().ok();
        at.map(|at| Timestamp::from_millis(at.as_millisecond().saturating_add(more)))
    };
    let typed = (midnight("from", 0), midnight("to", DAY_MILLIS));
    if typed.0.is_some() || typed.1.is_some() {
        return typed;
    }
    let hours = PERIODS.iter().find(|(word, ..)| *word == period(query)).and_then(|(.., hours)| *hours);
    (hours.map(|hours| now - Duration::from_hours(hours)), None)
}

fn period(query: &Query) -> &str {
    match query.text("period") {
        "" => "day",
        word => word,
    }
}

fn address(app: &App, query: &Query, number: usize) -> String {
    let kept = ["user", "outcome", "reason", "period", "from", "to"];
    let fields: Vec<_> = kept.iter().map(|name| format!("{name}={}", encode(query.text(name)))).collect();
    format!("{}/console/audit?{}&page={number}", Frame::of(app).base, fields.join("&"))
}

/// Word, name, hours up to now.
const PERIODS: [(&str, &str, Option<u64>); 5] = [
    ("hour", "last hour", Some(1)),
    ("day", "last 24 hours", Some(24)),
    ("week", "last 7 days", Some(7 * 24)),
    ("month", "last 30 days", Some(30 * 24)),
    ("all", "everything", None),
];
const LINES: usize = 50;
const DAY_MILLIS: i64 = 86_400_000;
