//! One request: packet → attempt → verdict → reply. Translates, and decides nothing.

use domain::attempt::{self, Attempt, Proof};
use domain::challenge::ChallengeId;
use domain::random;
use domain::request_key::RequestKey;
use domain::secret::Secret;
use domain::verdict::{Challenged, Verdict};
use radius_wire::attribute;
use radius_wire::packet::{Code, Packet};
use radius_wire::password;
use radius_wire::reply::Reply;

use super::dropped::Dropped;
use super::intake::Request;
use crate::app::App;
use crate::auth::{self, AuthError, who};

/// What is said to a request.
pub(super) enum Answer {
    /// Nothing: it is not to be believed after all.
    Dropped(Dropped),
    /// This.
    Reply(Reply, Outcome),
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Accept,
    Challenge,
    Reject,
    Status,
}

impl Outcome {
    /// The name in metrics and log.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Challenge => "challenge",
            Self::Reject => "reject",
            Self::Status => "status",
        }
    }
}

/// Answers a request. On an error there is no reply: the client then asks its next server.
pub(super) async fn answer(app: &App, request: &Request, request_id: &str) -> Result<Answer, AuthError> {
    let packet = &request.packet;
    let Some(hidden) = packet.find(attribute::USER_PASSWORD) else {
        tracing::info!(
            request_id,
            client = request.client.name,
            method = method(packet),
            "no password that can be read"
        );
        return Ok(reject(PAP_REQUIRED));
    };
    let typed = password::unhide(hidden, request.client.shared(), &packet.authenticator);
    let Ok(typed) = str::from_utf8(&typed) else {
        return Ok(unreadable(request, request_id));
    };
    let attempt = attempt(app, request, Secret::new(typed), request_id);
    let verdict = auth::authenticate(app, &attempt, "RADIUS Access-Request").await?;
    Ok(match verdict {
        Verdict::Accept(_) => Answer::Reply(Reply::new(Code::AccessAccept), Outcome::Accept),
        Verdict::Challenge(challenged) => Answer::Reply(challenge(app, &challenged), Outcome::Challenge),
        Verdict::Enroll(_) | Verdict::Refuse(_) => reject(match attempt.proof {
            Proof::Answer { .. } => START_AGAIN,
            _ => REFUSED,
        }),
    })
}

/// Says that we are there, and able to judge (RFC 5997).
pub(super) async fn status(app: &App) -> Result<Answer, AuthError> {
    app.store.settings_version().await?;
    Ok(Answer::Reply(Reply::new(Code::AccessAccept), Outcome::Status))
}

/// A name for a request, in log and audit.
pub(super) fn request_id(app: &App) -> Result<String, AuthError> {
    Ok(format!("{:016x}", u64::from_be_bytes(random::bytes(&*app.random)?)))
}

fn attempt(app: &App, request: &Request, typed: Secret, request_id: &str) -> Attempt {
    let packet = &request.packet;
    let name = packet.find(attribute::USER_NAME).unwrap_or_default();
    let who = str::from_utf8(name).map_or_else(|_| who::nobody("not UTF-8"), |name| who::named(app, name, None, None));
    let proof = match packet.find(attribute::STATE) {
        Some(state) => Proof::Answer { challenge: str::from_utf8(state).ok().and_then(ChallengeId::parse), typed },
        None => Proof::FirstStep { typed },
    };
    let client = attempt::Client {
        group: request.client.group.clone(),
        label: format!("radius {} {}", request.client.name, request.source.ip()),
        // The packet comes from the network gear; where the person sits we are not told.
        address: None,
        device: attempt::Device::default(),
        audience: attempt::Audience::Program,
        theme: None,
        request_id: request_id.to_owned(),
        // The same packet may come to another node, or to this one after a restart.
        request_key: Some(RequestKey::new("radius", packet.octets())),
    };
    Attempt { who, proof, client }
}

fn challenge(app: &App, challenged: &Challenged) -> Reply {
    let left = challenged.expires_at.since(app.now()).as_secs();
    Reply::new(Code::AccessChallenge)
        .attribute(attribute::STATE, challenged.id.as_str().as_bytes())
        .text(attribute::REPLY_MESSAGE, &challenged.text())
        .attribute(attribute::SESSION_TIMEOUT, &u32::try_from(left).unwrap_or(u32::MAX).to_be_bytes())
}

/// A password that is no text is nobody's. From a client that signs, the client's character set is to
/// blame; from any other, a wrong secret has made noise of it.
fn unreadable(request: &Request, request_id: &str) -> Answer {
    if !request.is_signed {
        return Answer::Dropped(Dropped::UnsignedNoise);
    }
    tracing::info!(request_id, client = request.client.name, "the password is not UTF-8; the client has to send UTF-8");
    reject(REFUSED)
}

fn reject(text: &str) -> Answer {
    Answer::Reply(Reply::new(Code::AccessReject).text(attribute::REPLY_MESSAGE, text), Outcome::Reject)
}

/// What a request brings instead of a password, in words for the log.
fn method(packet: &Packet) -> &'static str {
    let is_microsoft = |kind| packet.has_of_vendor(MICROSOFT, kind);
    match () {
        () if packet.find(attribute::EAP_MESSAGE).is_some() => "EAP",
        () if is_microsoft(MS_CHAP_RESPONSE) || is_microsoft(MS_CHAP2_RESPONSE) => "MS-CHAP",
        () if packet.find(attribute::CHAP_PASSWORD).is_some() => "CHAP",
        () => "none",
    }
}

const PAP_REQUIRED: &str = "PAP required";
/// What every refused first step says, whatever its reason.
const REFUSED: &str = "Authentication failed.";
/// What every refused answer to a challenge says, whatever its reason.
const START_AGAIN: &str = "Code wrong or login expired, start again";
/// RFC 2548.
const MICROSOFT: u32 = 311;
const MS_CHAP_RESPONSE: u8 = 1;
const MS_CHAP2_RESPONSE: u8 = 25;
