//! One packet as somebody who watches is told of it: what it is, whose it is, and what came of it. Never
//! what was typed; a name only as the audit has it.

use std::net::SocketAddr;
use std::time::Duration;

use domain::attempt::Who;
use radius_wire::attribute;
use radius_wire::packet::{Code, Packet};
use serde::{Deserialize, Serialize};

use super::method::Method;
use crate::app::App;
use crate::auth::who;

/// One line of `otpost radius watch --output json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Where it came from.
    pub source: SocketAddr,
    /// `udp` or `tls`.
    pub over: String,
    /// The client that lives there.
    pub client: Option<String>,
    /// What it is, if it can be read at all.
    pub packet: Option<Facts>,
    /// What came of it.
    pub came: Came,
}

/// What a packet is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its kind: `Access-Request`, `Status-Server`, …
    pub kind: String,
    /// Its identifier.
    pub id: u8,
    /// How it carries what was typed: `PAP`, `CHAP`, `MS-CHAPv2`, `MS-CHAP`, `EAP`, `garbled` or `none`.
    pub method: String,
    /// Who wants to come in; only of a packet that is believed, and only what can be a name.
    pub user: Option<String>,
    /// NAS-Identifier, if it is text; only of a packet that is believed.
    pub nas: Option<String>,
    /// Whether it has a Message-Authenticator.
    pub is_signed: bool,
    /// Whether it has a State.
    pub has_state: bool,
    /// Whether it went through a proxy.
    pub is_proxied: bool,
}

/// What came of a packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// A reply.
    Answered {
        /// `accept`, `challenge`, `reject` or `status`.
        outcome: String,
        /// From the packet to its reply, without the second for which a refusal is held back.
        milliseconds: u64,
    },
    /// It had come before: the same reply again, or none while the first one is in work.
    Copy,
    /// Silence, because of a failure of ours.
    Failed,
    /// Silence, because it is not to be believed.
    Dropped {
        /// The reason, as in the metrics.
        reason: String,
        /// What is wrong and what to do about it.
        words: String,
    },
}

/// A packet on its way into a line.
pub(super) struct Glimpse<'a> {
    pub(super) app: &'a App,
    pub(super) source: SocketAddr,
    pub(super) over: &'static str,
    pub(super) client: Option<&'a str>,
    pub(super) octets: &'a [u8],
}

impl Glimpse<'_> {
    /// Shows it to whoever watches; while nobody does, this is nothing.
    pub(super) fn show(&self, came: impl FnOnce() -> Came) {
        self.app.sightings.show(|| {
            let came = came();
            let is_believed = !matches!(came, Came::Dropped { .. });
            let packet = Packet::parse(self.octets).ok().map(|packet| self.facts(&packet, is_believed));
            let (at, client) = (self.app.now().millis(), self.client.map(str::to_owned));
            let over = self.over.to_owned();
            let sighting = Sighting { at, source: self.source, over, client, packet, came };
            // Text and numbers alone: nothing that JSON has no words for.
            serde_json::to_string(&sighting).unwrap_or_default()
        });
    }

    fn facts(&self, packet: &Packet, is_believed: bool) -> Facts {
        let nas = packet.find(attribute::NAS_IDENTIFIER).filter(|_| is_believed);
        Facts {
            kind: kind(packet.code).to_owned(),
            id: packet.id,
            method: Method::read(packet, NO_SECRET).as_str().to_owned(),
            user: packet.find(attribute::USER_NAME).filter(|_| is_believed).and_then(|name| self.user(name)),
            nas: nas.and_then(|name| str::from_utf8(name).ok()).map(str::to_owned),
            is_signed: packet.find(attribute::MESSAGE_AUTHENTICATOR).is_some(),
            has_state: packet.find(attribute::STATE).is_some(),
            is_proxied: packet.find(attribute::PROXY_STATE).is_some(),
        }
    }

    fn user(&self, name: &[u8]) -> Option<String> {
        match who::named(self.app, str::from_utf8(name).ok()?, None, None) {
            Who::User { name, realm: Some(realm), .. } => Some(format!("{}@{}", name.as_str(), realm.as_str())),
            Who::User { name, realm: None, .. } => Some(name.as_str().to_owned()),
            Who::Nobody(_) | Who::Serial(_) => None,
        }
    }
}

impl Came {
    pub(super) fn answered(outcome: &str, took: Duration) -> Self {
        Self::Answered {
            outcome: outcome.to_owned(),
            milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

fn kind(code: Code) -> &'static str {
    match code {
        Code::AccessRequest => "Access-Request",
        Code::AccessAccept => "Access-Accept",
        Code::AccessReject => "Access-Reject",
        Code::AccessChallenge => "Access-Challenge",
        Code::StatusServer => "Status-Server",
    }
}

/// What was typed is not looked at here, only how it comes.
const NO_SECRET: &[u8] = b"";
