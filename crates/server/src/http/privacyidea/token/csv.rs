//! Lists as CSV (RFC 4180), safe to open in a spreadsheet.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::manage::enrollments::list::Shown;
use crate::spreadsheet;

/// The answer: one line of names, then one line for each enrollment.
pub(super) fn answer(shown: &[Shown]) -> Response {
    let mut text = String::new();
    write_line(&mut text, COLUMNS);
    for shown in shown {
        write_line(&mut text, cells(shown).each_ref().map(String::as_str));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"tokens.csv\""),
    ];
    (headers, text).into_response()
}

fn cells(shown: &Shown) -> [String; COLUMNS.len()] {
    let (stored, enrollment) = (&shown.stored, &shown.stored.enrollment);
    let owner = shown.account.as_ref();
    let fact = |key: &str| shown.info.get(key).cloned().unwrap_or_default();
    [
        enrollment.serial.as_str().to_owned(),
        "email".to_owned(),
        enrollment.is_active.to_string(),
        enrollment.is_revoked.to_string(),
        owner.map(|account| account.name.clone()).unwrap_or_default(),
        stored.realm.clone(),
        owner.map(|account| account.resolver.clone()).unwrap_or_default(),
        shown.failures.to_string(),
        enrollment.max_failures.to_string(),
        enrollment.code_length.digits().to_string(),
        stored.description.clone(),
        fact("email"),
        fact("creation_date"),
    ]
}

fn write_line<const N: usize>(text: &mut String, cells: [&str; N]) {
    text.push_str(&cells.map(spreadsheet::cell).join(","));
    text.push_str("\r\n");
}

const COLUMNS: [&str; 13] = [
    "serial",
    "tokentype",
    "active",
    "revoked",
    "username",
    "user_realm",
    "resolver",
    "failcount",
    "maxfail",
    "otplen",
    "description",
    "email",
    "creation_date",
];
