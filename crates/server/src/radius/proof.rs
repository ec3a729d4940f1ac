//! From what a request brings to what it is meant to prove, as its client's mode has it.

use domain::attempt::{Given, Proof, Response};
use domain::challenge::ChallengeId;
use domain::secret::Secret;
use radius_wire::attribute;
use radius_wire::packet::Packet;

use super::method::{Method, Unusable};
use crate::config::{RadiusFirstFactor, RadiusMode, RadiusProfile};

/// Why a request proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoProof {
    /// It uses another method than these.
    Method(&'static str),
    /// What was typed is no text.
    NotText,
}

/// Reads the proof. Without a State it is a first step, unless the mode has none.
pub(super) fn read(profile: &RadiusProfile, packet: &Packet, method: &Method) -> Result<Proof, NoProof> {
    match (profile.mode, packet.find(attribute::STATE)) {
        (RadiusMode::Code, _) => code(profile, method),
        (RadiusMode::Challenge | RadiusMode::PasswordAndCode, Some(state)) => answer(state, method),
        (RadiusMode::Challenge | RadiusMode::PasswordAndCode, None) => first_step(profile, method),
    }
}

/// Where the client has checked the first factor, it does not matter in which form that came; EAP and MS-CHAP
/// want more than our answer.
fn first_step(profile: &RadiusProfile, method: &Method) -> Result<Proof, NoProof> {
    match (profile.first_factor, method) {
        (RadiusFirstFactor::None, Method::Unusable(Unusable::Eap | Unusable::MsChap1)) => {
            Err(NoProof::Method(CODE_METHODS))
        }
        (RadiusFirstFactor::None, _) => Ok(Proof::Checked),
        (RadiusFirstFactor::Check, Method::Pap(typed)) => Ok(Proof::FirstStep { typed: text(typed)? }),
        (RadiusFirstFactor::Check, _) => Err(NoProof::Method(PAP)),
    }
}

fn answer(state: &[u8], method: &Method) -> Result<Proof, NoProof> {
    let challenge = str::from_utf8(state).ok().and_then(ChallengeId::parse);
    match given(method)? {
        Some(Given::Typed(typed)) => Ok(Proof::Answer { challenge, typed }),
        Some(Given::Response(response)) => Ok(Proof::AnswerShown { challenge, response }),
        None => Err(NoProof::Method(CODE_METHODS)),
    }
}

/// Whoever has signed in elsewhere may bring nothing.
fn code(profile: &RadiusProfile, method: &Method) -> Result<Proof, NoProof> {
    Ok(Proof::Code { given: given(method)?, front_door: profile.front_door })
}

fn given(method: &Method) -> Result<Option<Given>, NoProof> {
    Ok(Some(match method {
        Method::Pap(typed) => Given::Typed(text(typed)?),
        Method::Chap(chap) => {
            let chap = chap.clone();
            Given::Response(Response::new(move |code| chap.fits(code.expose().as_bytes())))
        }
        Method::MsChap2(chap) => {
            let chap = chap.clone();
            Given::Response(Response::new(move |code| chap.prove(code.expose()).is_some()))
        }
        Method::Unusable(Unusable::Nothing) => return Ok(None),
        Method::Unusable(_) => return Err(NoProof::Method(CODE_METHODS)),
    }))
}

fn text(typed: &[u8]) -> Result<Secret, NoProof> {
    str::from_utf8(typed).map(Secret::new).map_err(|_| NoProof::NotText)
}

/// A PIN or a password is stored as a hash, which nothing but the text itself can be held against.
const PAP: &str = "PAP required";
/// A code can be derived again.
const CODE_METHODS: &str = "PAP, CHAP or MS-CHAPv2 required";
