//! Enrolling oneself, step by step: what the steps share.

pub(super) mod code;
pub(super) mod start;

use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use domain::address::MailAddress;
use domain::challenge::ChallengeId;
use domain::name::{RealmName, UserName};

use super::cookie::{self, Kind};
use super::frame::redirect;
use super::journey::{FIELDS, Journey};
use crate::app::App;
use crate::auth::enroll::{Enrollee, Wanted};

/// Somebody who is enrolling, as their browser keeps it for us.
struct Enrolling {
    enrollee: Enrollee,
    journey: Journey,
    /// Seconds since 1970 at which the password was right.
    proven_at: i64,
    /// The code that was sent, and the address it went to.
    sent: Option<(ChallengeId, Wanted)>,
}

/// Begins to enroll somebody whose password was right.
pub(super) fn begin(app: &App, enrollee: Enrollee, journey: Journey) -> Response {
    let enrolling = Enrolling { enrollee, journey, proven_at: app.now().seconds(), sent: None };
    let cookies = AppendHeaders([
        (header::SET_COOKIE, enrolling.cookie(app)),
        (header::SET_COOKIE, cookie::clear(app, Kind::SignIn)),
    ]);
    (cookies, redirect(app, "/enroll")).into_response()
}

impl Enrolling {
    /// Who is enrolling in this browser; the password must not be long ago, at no step.
    fn find(app: &App, headers: &HeaderMap) -> Option<Self> {
        let fields = cookie::verify(app, Kind::Enroll, cookie::find(app, Kind::Enroll, headers)?)?;
        let (journey, fields) = fields.split_first_chunk::<FIELDS>()?;
        let journey = Journey::from_fields(journey)?;
        let [user_id, proven_by, name, realm, proven_at, sent @ ..] = fields else {
            return None;
        };
        let proven_at = proven_at.parse().ok()?;
        if app.now().seconds() >= proven_at + FRESH_SECONDS {
            return None;
        }
        let realm = if realm.is_empty() { None } else { Some(RealmName::parse(realm).ok()?) };
        let name = UserName::parse(name).ok()?;
        let (user_id, proven_by, theme) = (user_id.clone(), proven_by.clone(), journey.theme.clone());
        let enrollee = Enrollee { user_id, proven_by, name, realm, theme };
        let sent = match sent {
            [] => None,
            [id, address] if address.is_empty() => Some((ChallengeId::parse(id)?, Wanted::Listed)),
            [id, address] => Some((ChallengeId::parse(id)?, Wanted::Other(MailAddress::parse(address).ok()?))),
            _ => return None,
        };
        Some(Self { enrollee, journey, proven_at, sent })
    }

    /// The line that makes the browser keep it. The address is signed together with the challenge
    /// whose code went there: neither proves anything about another.
    fn cookie(&self, app: &App) -> String {
        let Enrollee { user_id, proven_by, name, realm, .. } = &self.enrollee;
        let proven_at = self.proven_at.to_string();
        let realm = realm.as_ref().map_or("", RealmName::as_str);
        let mut fields = Vec::from(self.journey.fields());
        fields.extend([user_id.as_str(), proven_by, name.as_str(), realm, &proven_at]);
        if let Some((id, wanted)) = &self.sent {
            let address = if let Wanted::Other(address) = wanted { address.as_str() } else { "" };
            fields.extend([id.as_str(), address]);
        }
        cookie::set(app, Kind::Enroll, &cookie::sign(app, Kind::Enroll, &fields))
    }
}

/// For so long after the password everything may be done, from choosing the address to the code.
const FRESH_SECONDS: i64 = 600;
