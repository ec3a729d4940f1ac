//! `/api/MailboxSettings`: the one relay that this dialect knows.

use std::net::Ipv6Addr;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::address::MailAddress;
use serde_json::{Value, json};

use super::body::Body;
use super::fields::{Choice, Fields, number_of};
use super::problem::Problem;
use super::reply;
use super::signed::Signed;
use crate::app::App;
use crate::manage::mailbox::{self, MailboxUpdate, NO_MAILBOX};
use crate::manage::relays::{StoredRelay, TestOutcome};

/// The routes of this part.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/mailboxsettings", get(show).put(change)).route("/api/mailboxsettings/test", post(test))
}

/// How the way to the relay is protected. Protection is required or there is none: whatever "if available"
/// would allow, a stranger in between could choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UseTls {
    No,
    Yes,
    IfAvailable,
    Tls12IfAvailable,
    Tls13IfAvailable,
}

impl Choice for UseTls {
    const ALL: &'static [(i64, &'static str, Self)] = &[
        (0, "No", Self::No),
        (1, "Yes", Self::Yes),
        (2, "YesIfAvailable", Self::IfAvailable),
        (3, "YesTLS12IfAvailable", Self::Tls12IfAvailable),
        (4, "YesTLS13IfAvailable", Self::Tls13IfAvailable),
    ];
}

/// `GET /api/MailboxSettings`
async fn show(State(app): State<App>, signed: Signed) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let stored = mailbox::find(&app)?.ok_or_else(|| Problem::not_found(NO_MAILBOX))?;
    Ok(reply::ok(&object(&stored)))
}

/// `PUT /api/MailboxSettings`
async fn change(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let stored = mailbox::find(&app)?;
    let update = body.read(|fields| read(fields, stored.as_ref()))?;
    let saved = mailbox::save(&app, &signed.by("PUT /api/MailboxSettings"), update).await;
    saved.map_err(|error| Problem::from(error).renamed(&NAMES))?;
    Ok(reply::done())
}

/// `POST /api/MailboxSettings/Test`: a real mail to each recipient.
async fn test(State(app): State<App>, signed: Signed, body: Body) -> Result<Response, Problem> {
    signed.must_be_root()?;
    let recipients = body.read(|fields| {
        let recipients = fields.parsed("recipients", 1..=2000, read_recipients);
        fields.required("recipients", recipients)
    })?;
    let outcomes = mailbox::test(&app, &signed.by("POST /api/MailboxSettings/Test"), &recipients).await?;
    if outcomes.iter().all(|outcome| *outcome == TestOutcome::TooMany) {
        return Err(Problem::too_often("six test mails a minute are sent; wait a minute", 60));
    }
    let results = recipients.iter().zip(&outcomes).map(|(to, outcome)| {
        json!({
            "recipient": to.as_str(),
            "accepted": *outcome == TestOutcome::Accepted,
            "message": outcome.message(),
        })
    });
    Ok(reply::ok(&json!({"results": results.collect::<Value>()})))
}

/// Addresses with semicolons between them.
fn read_recipients(text: &str) -> Result<Vec<MailAddress>, String> {
    let all = text.split(';').map(str::trim).filter(|one| !one.is_empty()).map(MailAddress::parse);
    let all = all.collect::<Result<Vec<_>, _>>().unwrap_or_default();
    if (1..=MOST_RECIPIENTS).contains(&all.len()) {
        return Ok(all);
    }
    Err(format!("must be one to {MOST_RECIPIENTS} mail addresses with semicolons between them"))
}

fn read(fields: &mut Fields<'_>, stored: Option<&StoredRelay>) -> MailboxUpdate {
    let server = fields.parsed("smtpServer", 1..=300, read_server);
    let sender = fields.parsed("senderAddress", 1..=254, MailAddress::parse);
    let (server, sender) = match stored {
        Some(_) => (server, sender),
        None => (Some(fields.required("smtpServer", server)), fields.must_be_there("senderAddress", sender)),
    };
    let use_tls = fields.choice::<UseTls>("useTLS");
    let requires = fields.flag("requireAuth");
    let user_name = fields.line("username", 0..=255);
    let password = fields.secret("password", 0..=4096);
    let allow_plaintext = fields.flag("allowPlaintext");
    let kept = stored.map_or("", |stored| stored.user_name.as_str());
    let named = user_name.as_deref().unwrap_or(if requires == Some(false) { "" } else { kept });
    match (requires, named) {
        (_, "") if password.as_ref().is_some_and(|password| !password.is_empty()) => {
            fields.refuse("password", "has no use without a username; leave it out or give the username too");
        }
        (Some(false), name) if !name.is_empty() => {
            fields.refuse("username", "has no use while requireAuth is false; leave it out");
        }
        (Some(true), "") => fields.refuse("username", "is required while requireAuth is true"),
        _ => {}
    }
    MailboxUpdate {
        server,
        is_protected: use_tls.map(|use_tls| use_tls != UseTls::No),
        user_name: Some(named.to_owned()),
        password: password.into(),
        sender: sender.map(|sender| sender.as_str().to_owned()),
        allow_plaintext,
    }
}

/// `HOST`, `HOST:PORT`, `[V6]`, `[V6]:PORT` or a bare IPv6 address; 25 without a port.
fn read_server(text: &str) -> Result<(String, u16), &'static str> {
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text.to_owned(), USUAL_PORT));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| SERVER)?),
        _ => (text, USUAL_PORT),
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if bare.is_empty() || port == 0 || (bare == host && host.contains(':')) {
        return Err(SERVER);
    }
    Ok((bare.to_owned(), port))
}

fn object(stored: &StoredRelay) -> Value {
    let host = if stored.host.parse::<Ipv6Addr>().is_ok() && stored.port != USUAL_PORT {
        format!("[{}]", stored.host)
    } else {
        stored.host.clone()
    };
    let use_tls = if stored.security == "plaintext" { UseTls::No } else { UseTls::Yes };
    json!({
        "useTLS": number_of(use_tls),
        "requireAuth": !stored.user_name.is_empty(),
        "smtpServer": if stored.port == USUAL_PORT { host } else { format!("{host}:{}", stored.port) },
        "senderAddress": stored.sender,
        "username": stored.user_name,
        "passwordSet": stored.sealed_password.is_some(),
        "allowPlaintext": stored.allow_plaintext,
    })
}

/// What a relay's values are called here, and which words do not fit this dialect.
const NAMES: [(&str, &str, Option<&str>); 6] = [
    ("/server", "/smtpServer", Some(SERVER)),
    ("/port", "/smtpServer", None),
    ("/sender", "/senderAddress", None),
    ("/username", "/username", None),
    ("/password", "/password", None),
    ("/security", "/useTLS", Some(IN_CLEAR)),
];
const IN_CLEAR: &str = "0 (No) would send codes in clear to another machine: use 1 (Yes), or consent with \
    allowPlaintext true and without a username";
const SERVER: &str = "must be a host name or an address, with a port behind a colon or without one, for instance \
    smtp.example.org:587 or [2001:db8::1]:465";
const USUAL_PORT: u16 = 25;
/// As many as may be sent in a minute.
const MOST_RECIPIENTS: usize = 6;
