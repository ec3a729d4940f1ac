//! Signing in, step by step: what the steps share.

pub(super) mod code;
pub(super) mod done;
pub(super) mod resend;
pub(super) mod start;

use axum::http::HeaderMap;
use domain::attempt::{Audience, Client, Device, Who};
use domain::challenge::ChallengeId;
use domain::name::{RealmName, UserName};
use domain::secret::Secret;
use serde::{Deserialize, Deserializer};

use super::cookie::{self, Kind};
use super::journey::{FIELDS, Journey};
use super::language::Texts;
use crate::app::App;
use crate::origin::Origin;

/// A person between the two steps, as their browser keeps it for us.
struct Pending {
    id: ChallengeId,
    name: UserName,
    realm: Option<RealmName>,
    journey: Journey,
}

/// What a page says about what was done last. Part of the address, so a reload says it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// The mail goes out once more.
    Sent,
    /// The mail does not go out again now.
    Wait,
    /// The code was refused.
    Wrong,
}

impl Pending {
    /// The person whom this browser was at this challenge with.
    fn find(app: &App, headers: &HeaderMap, id: &str) -> Option<Self> {
        let fields = cookie::verify(app, Kind::SignIn, cookie::find(app, Kind::SignIn, headers)?)?;
        let ([kept, name, realm], journey) = fields.split_first_chunk()?;
        if kept != id {
            return None;
        }
        let realm = if realm.is_empty() { None } else { Some(RealmName::parse(realm).ok()?) };
        let journey = Journey::from_fields(<&[String; FIELDS]>::try_from(journey).ok()?)?;
        Some(Self { id: ChallengeId::parse(kept)?, name: UserName::parse(name).ok()?, realm, journey })
    }

    /// The line that makes the browser keep it.
    fn cookie(&self, app: &App) -> String {
        let realm = self.realm.as_ref().map_or("", RealmName::as_str);
        let mut fields = vec![self.id.as_str(), self.name.as_str(), realm];
        fields.extend(self.journey.fields());
        cookie::set(app, Kind::SignIn, &cookie::sign(app, Kind::SignIn, &fields))
    }

    fn who(&self) -> Who {
        Who::User { name: self.name.clone(), realm: self.realm.clone(), serial: None }
    }

    /// Address of the page that asks for the code.
    fn path(&self, said: Option<Said>) -> String {
        let query = said.map_or("", Said::query);
        format!("/signin/code/{}{query}", self.id)
    }
}

impl Said {
    pub(super) fn read(query: Option<&str>) -> Option<Self> {
        let pairs = query.unwrap_or_default();
        let is_said = |said: &Self| pairs.split('&').any(|pair| said.query().strip_prefix('?') == Some(pair));
        [Self::Sent, Self::Wait, Self::Wrong].into_iter().find(is_said)
    }

    pub(super) const fn query(self) -> &'static str {
        match self {
            Self::Sent => "?said=sent",
            Self::Wait => "?said=wait",
            Self::Wrong => "?said=wrong",
        }
    }

    /// Whether it is bad news.
    pub(super) const fn is_error(self) -> bool {
        matches!(self, Self::Wrong)
    }

    /// The sentence. It tells everybody the same.
    pub(super) const fn text(self, texts: &Texts) -> &'static str {
        match self {
            Self::Sent => texts.said_sent,
            Self::Wait => texts.said_wait,
            Self::Wrong => texts.said_wrong,
        }
    }
}

/// The pages as a client of the one use case.
pub(super) fn client(origin: &Origin, journey: &Journey) -> Client {
    Client {
        group: "web".to_owned(),
        label: "web".to_owned(),
        address: origin.address,
        device: Device { address: origin.address, ..Device::default() },
        audience: Audience::Person,
        theme: Some(journey.theme.clone()),
        request_id: origin.request_id.clone(),
        request_key: None,
    }
}

/// Reads a secret field of a form.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}
