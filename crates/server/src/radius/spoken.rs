//! What is said to a request: a verdict in the words of RADIUS, as far as the client can take them.

use domain::attempt::Attempt;
use domain::criteria::Principal;
use domain::random;
use domain::verdict::{Accepted, Challenged};
use radius_wire::attribute;
use radius_wire::microsoft::{self, VENDOR as MICROSOFT};
use radius_wire::mppe;
use radius_wire::mschap2::Proven;
use radius_wire::packet::Code;
use radius_wire::reply::Reply;

use super::exchange::{Answer, Outcome, REFUSED};
use super::intake::Request;
use super::method::Method;
use super::proof::NoProof;
use crate::app::App;
use crate::auth::{AuthError, membership};
use crate::config::{GrantedBy, RadiusMode};

/// A request that is being answered.
pub(super) struct Spoken<'a> {
    pub(super) app: &'a App,
    pub(super) request: &'a Request,
    pub(super) method: &'a Method,
}

impl Spoken<'_> {
    /// Come in: with what the groups of the person are given, and the keys where the method makes some.
    pub(super) async fn accept(&self, attempt: &Attempt, accepted: &Accepted) -> Result<Answer, AuthError> {
        let mut reply = Reply::new(Code::AccessAccept);
        if let (Method::MsChap2(chap), Some(code)) = (self.method, &accepted.code)
            && let Some(proven) = chap.prove(code.expose())
        {
            reply = self.with_keys(reply, &proven)?;
        }
        if !self.request.client.profile.grants.is_empty() {
            // The code is used by now; an acceptance without its groups would be another one than was meant.
            let principals = membership::list_principals(self.app, attempt).await;
            let principals = principals.map_err(|error| AuthError::CodeUsed(Box::new(error)))?;
            reply = self.with_grants(reply, &principals);
        }
        Ok(Answer::Reply(reply, Outcome::Accept))
    }

    /// The code is on its way. A client that cannot ask for it says no for now; the next try brings both.
    pub(super) fn challenge(&self, challenged: &Challenged) -> Result<Answer, AuthError> {
        let profile = &self.request.client.profile;
        if profile.mode == RadiusMode::PasswordAndCode {
            return self.reject(profile.prompt.as_deref().unwrap_or(MAILED));
        }
        let left = challenged.expires_at.since(self.app.now()).as_secs();
        let reply = Reply::new(Code::AccessChallenge).attribute(attribute::STATE, challenged.id.as_str().as_bytes());
        let reply = self.say(reply, &profile.prompt.clone().unwrap_or_else(|| challenged.text()));
        let left = u32::try_from(left).unwrap_or(u32::MAX).to_be_bytes();
        Ok(Answer::Reply(reply.attribute(attribute::SESSION_TIMEOUT, &left), Outcome::Challenge))
    }

    /// No.
    pub(super) fn reject(&self, text: &str) -> Result<Answer, AuthError> {
        let mut reply = self.say(Reply::new(Code::AccessReject), text);
        if let Method::MsChap2(chap) = self.method {
            let error = chap.error(&random::bytes(&*self.app.random)?, text);
            reply = reply.of_vendor(MICROSOFT, microsoft::MS_CHAP_ERROR, &error);
        }
        Ok(Answer::Reply(reply, Outcome::Reject))
    }

    /// No, because nothing that came could prove anything; the log says what came.
    pub(super) fn untaken(&self, no_proof: NoProof, request_id: &str) -> Result<Answer, AuthError> {
        let (client, method) = (&self.request.client.name, self.method.as_str());
        match no_proof {
            NoProof::Method(wanted) => {
                tracing::info!(request_id, client, method, wanted, "no password that can be read");
                self.reject(wanted)
            }
            NoProof::NotText => {
                tracing::info!(request_id, client, "the password is not UTF-8; the client has to send UTF-8");
                self.reject(REFUSED)
            }
        }
    }

    fn say(&self, reply: Reply, text: &str) -> Reply {
        let most = self.request.client.profile.max_reply_length.unwrap_or(text.len());
        reply.text(attribute::REPLY_MESSAGE, text.get(..text.floor_char_boundary(most)).unwrap_or(text))
    }

    fn with_keys(&self, reply: Reply, proven: &Proven) -> Result<Reply, AuthError> {
        let salt = u16::from_be_bytes(random::bytes(&*self.app.random)?);
        let (shared, request) = (self.request.client.shared(), &self.request.packet.authenticator);
        let send = mppe::hide(&proven.keys.send, shared, request, salt);
        let recv = mppe::hide(&proven.keys.recv, shared, request, salt ^ 1);
        let said: [(u8, &[u8]); 5] = [
            (microsoft::MS_CHAP2_SUCCESS, &proven.success),
            (microsoft::MPPE_ENCRYPTION_POLICY, &ENCRYPTION_ALLOWED),
            (microsoft::MPPE_ENCRYPTION_TYPES, &RC4_128),
            (microsoft::MPPE_SEND_KEY, &send),
            (microsoft::MPPE_RECV_KEY, &recv),
        ];
        Ok(said.into_iter().fold(reply, |reply, (kind, value)| reply.of_vendor(MICROSOFT, kind, value)))
    }

    fn with_grants(&self, reply: Reply, principals: &[Principal]) -> Reply {
        let grants = self.request.client.profile.grants.iter();
        let due = grants.filter(|grant| principals.iter().any(|principal| grant.to.names(principal)));
        due.fold(reply, |reply, grant| {
            let kind = match grant.by {
                GrantedBy::Class => attribute::CLASS,
                GrantedBy::FilterId => attribute::FILTER_ID,
            };
            reply.attribute(kind, grant.text.as_bytes())
        })
    }
}

/// What a client that cannot ask shows, when the password was right.
const MAILED: &str = "A code was sent by e-mail. Sign in again with your password and the code behind it.";
/// RFC 2548 2.4.4 and 2.4.5: the keys are of 128 bits, and using them is up to the client.
const ENCRYPTION_ALLOWED: [u8; 4] = [0, 0, 0, 1];
const RC4_128: [u8; 4] = [0, 0, 0, 4];
