//! A code that is not told but shown, as CHAP does it. The codes that are open are derived again and held
//! against the response; the one that fits is then judged like a typed one. Where none fits, a code that is
//! sure to be wrong is judged: the guess is counted and charged by the one statement that does so.

use domain::attempt::Response;
use domain::challenge::{ChallengeId, Purpose};
use domain::code::{Binding, Code, CodeLength};
use domain::verdict::{Accepted, AcceptedBy, Refusal, Verdict};

use super::answer::{self, MOST_COMPARED, Meant};
use super::{AuthError, Scene};
use crate::store::challenges::OpenCode;

/// Judges the answer to a named challenge.
pub(super) async fn answer(
    scene: &Scene<'_>,
    challenge: Option<&ChallengeId>,
    response: &Response,
) -> Result<Verdict, AuthError> {
    if let Some(refusal) = scene.locked_out() {
        return scene.refuse(refusal).await;
    }
    match challenge {
        Some(_) => judge(scene, challenge, response, AcceptedBy::Answer).await,
        None => scene.refuse(Refusal::NoSuchChallenge).await,
    }
}

/// Judges a response that names no challenge against those that are open, the newest first.
pub(super) async fn to_any_open(scene: &Scene<'_>, response: &Response) -> Result<Verdict, AuthError> {
    judge(scene, None, response, AcceptedBy::CodeAlone).await
}

async fn judge(
    scene: &Scene<'_>,
    named: Option<&ChallengeId>,
    response: &Response,
    by: AcceptedBy,
) -> Result<Verdict, AuthError> {
    let mut refused = None;
    for compared in list_compared(scene, named).await? {
        let fitting = compared.codes.iter().find(|code| response.fits(code)).cloned();
        let code = fitting.unwrap_or_else(|| Code::none_of(&compared.codes, compared.length));
        let (challenge, subject) = (&compared.challenge, scene.person.subject);
        let meant = Meant { challenge, subject, purpose: Purpose::SignIn };
        match answer::judge(scene, meant, &code, by).await? {
            Verdict::Accept(accepted) => return Ok(Verdict::Accept(Accepted { code: Some(code), ..accepted })),
            verdict => refused = Some(verdict),
        }
    }
    match refused {
        Some(refused) => Ok(refused),
        None => scene.refuse(Refusal::NoSuchChallenge).await,
    }
}

/// What one typed code would be compared with in one go: the codes of a challenge that have one length.
struct Compared {
    challenge: ChallengeId,
    length: CodeLength,
    codes: Vec<Code>,
}

async fn list_compared(scene: &Scene<'_>, named: Option<&ChallengeId>) -> Result<Vec<Compared>, AuthError> {
    let (app, subject, group) = (scene.app, scene.person.subject, scene.attempt.client.group.as_str());
    let mut all: Vec<Compared> = Vec::new();
    for open in app.store.list_open_codes((subject, group), named, app.now(), MOST_COMPARED).await? {
        let OpenCode { key, length, nonce } = open;
        let binding = Binding { challenge: &key, subject: &subject, purpose: Purpose::SignIn, group };
        let code = binding.derive(&app.keys.code, &nonce, length);
        match all.iter_mut().find(|compared| compared.challenge == key.id && compared.length == length) {
            Some(compared) => compared.codes.push(code),
            None => all.push(Compared { challenge: key.id, length, codes: vec![code] }),
        }
    }
    Ok(all)
}
