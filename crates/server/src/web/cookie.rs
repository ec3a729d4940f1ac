//! The cookies of the pages: signed, short-lived, sent to no other site.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Timestamp;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::app::App;

/// What a cookie is for. A value signed for one purpose is worthless for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The session of an administrator.
    Console,
    /// What the last page tells.
    Done,
    /// Who is enrolling.
    Enroll,
    /// No cookie: what a form brings back to show which session it was made for.
    Form,
    /// Who is between the two steps.
    SignIn,
    /// Where this browser began on one of our pages.
    Visit,
}

/// The line that sets a cookie: for ten minutes, or until the browser closes where nothing hangs on it.
pub(super) fn set(app: &App, kind: Kind, value: &str) -> String {
    match kind {
        Kind::Console | Kind::Done | Kind::Enroll | Kind::SignIn => {
            line(app, kind, value, &format!("; Max-Age={}", kind.lifetime()))
        }
        Kind::Form | Kind::Visit => line(app, kind, value, ""),
    }
}

/// The line that takes a cookie away.
pub(super) fn clear(app: &App, kind: Kind) -> String {
    line(app, kind, "", "; Max-Age=0")
}

/// The value that a browser sent.
pub(super) fn find<'a>(app: &App, kind: Kind, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = name(app, kind);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| (key == name).then_some(value))
}

/// Fields under a signature and an expiry. No field may hold a line break.
pub(super) fn sign(app: &App, kind: Kind, fields: &[&str]) -> String {
    let expires = app.now().seconds() + kind.lifetime();
    let payload = format!("{expires}\n{}", fields.join("\n"));
    let tag = mac(app, kind, &payload).finalize().into_bytes();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(tag))
}

/// The fields, if we signed them for this purpose and they have not expired.
pub(super) fn verify(app: &App, kind: Kind, value: &str) -> Option<Vec<String>> {
    let (payload, tag) = value.split_once('.')?;
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    mac(app, kind, &payload).verify_slice(&tag).ok()?;
    let mut fields = payload.split('\n').map(str::to_owned);
    let expires: i64 = fields.next()?.parse().ok()?;
    is_before(app.now(), expires).then(|| fields.collect())
}

/// A text that belongs to this one and that nobody else can make.
pub(super) fn bound_to(app: &App, value: &str) -> String {
    let tag = mac(app, Kind::Form, value).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(tag)
}

fn is_before(now: Timestamp, expires: i64) -> bool {
    now.seconds() < expires
}

fn mac(app: &App, kind: Kind, payload: &str) -> Hmac<Sha256> {
    let mut mac = app.keys.token.hmac_for(kind.label());
    mac.update(payload.as_bytes());
    mac
}

fn line(app: &App, kind: Kind, value: &str, age: &str) -> String {
    let secure = if is_secure(app, kind) { "; Secure" } else { "" };
    format!("{}={value}; Path=/{age}; HttpOnly; SameSite=Strict{secure}", name(app, kind))
}

/// The prefix makes browsers insist on HTTPS and on this very host.
fn name(app: &App, kind: Kind) -> String {
    let prefix = if is_secure(app, kind) { "__Host-" } else { "" };
    format!("{prefix}{}", kind.label())
}

/// Whether the cookie insists on HTTPS. A session of an administrator does so everywhere but on the
/// machine itself: better no sign-in than one that anybody on the way can take over.
fn is_secure(app: &App, kind: Kind) -> bool {
    is_https(app) || (kind == Kind::Console && !app.config.http.listen.ip().is_loopback())
}

fn is_https(app: &App) -> bool {
    let http = &app.config.http;
    http.tls.is_some() || http.public_url.as_ref().is_some_and(crate::config::PublicUrl::is_https)
}

impl Kind {
    /// Seconds until what it says is worth nothing; for a session, how long it may lie idle.
    const fn lifetime(self) -> i64 {
        match self {
            Self::Console => 900,
            Self::Done | Self::Enroll | Self::Form | Self::SignIn => 600,
            Self::Visit => 28_800,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Console => "otpost-console",
            Self::Done => "otpost-done",
            Self::Enroll => "otpost-enroll",
            Self::Form => "otpost-form",
            Self::SignIn => "otpost-signin",
            Self::Visit => "otpost-visit",
        }
    }
}
