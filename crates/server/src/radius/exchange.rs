//! One request: packet → attempt → verdict → reply. Translates, and decides nothing.

use domain::attempt::{self, Attempt, Device, Proof};
use domain::random;
use domain::request_key::RequestKey;
use domain::verdict::Verdict;
use radius_wire::attribute;
use radius_wire::packet::Code;
use radius_wire::reply::Reply;

use super::dropped::Dropped;
use super::intake::Request;
use super::method::Method;
use super::proof::{self, NoProof};
use super::spoken::Spoken;
use super::told;
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
    let method = Method::read(&request.packet, request.client.shared());
    let spoken = Spoken { app, request, method: &method };
    let proof = match proof::read(&request.client.profile, &request.packet, &method) {
        Ok(proof) => proof,
        // A password that is no text is nobody's. From a client that signs, the client's character set is to
        // blame; from any other, a wrong secret has made noise of it.
        Err(NoProof::NotText) if !request.is_signed => return Ok(Answer::Dropped(Dropped::UnsignedNoise)),
        Err(no_proof) => return spoken.untaken(no_proof, request_id),
    };
    let attempt = Attempt { who: who(app, request), proof, client: client(request, request_id) };
    match auth::authenticate(app, &attempt, "RADIUS Access-Request").await? {
        Verdict::Accept(accepted) => spoken.accept(&attempt, &accepted).await,
        Verdict::Challenge(challenged) => spoken.challenge(&challenged),
        Verdict::Enroll(_) | Verdict::Refuse(_) => spoken.reject(match attempt.proof {
            Proof::Answer { .. } | Proof::AnswerShown { .. } => START_AGAIN,
            _ => REFUSED,
        }),
    }
}

/// Says that we are there, and able to judge (RFC 5997).
pub(super) async fn status(app: &App) -> Result<Answer, AuthError> {
    app.store.check_ready().await?;
    Ok(Answer::Reply(Reply::new(Code::AccessAccept), Outcome::Status))
}

/// A name for a request, in log and audit.
pub(super) fn request_id(app: &App) -> Result<String, AuthError> {
    Ok(format!("{:016x}", u64::from_be_bytes(random::bytes(&*app.random)?)))
}

fn who(app: &App, request: &Request) -> attempt::Who {
    let name = request.packet.find(attribute::USER_NAME).unwrap_or_default();
    str::from_utf8(name)
        .map_or_else(|_| attempt::Who::Nobody(String::from("not UTF-8")), |name| who::named(app, name, None, None))
}

/// The packet comes from the network gear; where the person sits is its word, if that is believed.
fn client(request: &Request, request_id: &str) -> attempt::Client {
    let (client, source) = (&request.client, request.source.ip());
    let device = if client.profile.is_believed { told::device(&request.packet, source) } else { Device::default() };
    attempt::Client {
        group: client.group.clone(),
        label: format!("radius {} {source}", client.name),
        address: device.address,
        device,
        audience: attempt::Audience::Program,
        theme: client.profile.theme.as_ref().map(|theme| theme.as_str().to_owned()),
        request_id: request_id.to_owned(),
        // The same packet may come to another node, or to this one after a restart.
        request_key: Some(RequestKey::new("radius", request.packet.octets())),
    }
}

/// What every refused first step says, whatever its reason.
pub(super) const REFUSED: &str = "Authentication failed.";
/// What every refused answer to a challenge says, whatever its reason.
const START_AGAIN: &str = "Code wrong or login expired, start again";
