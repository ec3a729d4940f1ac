//! The second step: a code comes back.

use domain::attempt::Audience;
use domain::budget::Budget;
use domain::challenge::{ChallengeId, ChallengeKey, Purpose};
use domain::code::{Binding, Code};
use domain::secret::Secret;
use domain::subject::Subject;
use domain::verdict::{Accepted, AcceptedBy, Refusal, Verdict};

use super::{AuthError, Scene};
use crate::store::command::{Judge, Judged};

/// Judges the answer to a named challenge.
pub(super) async fn answer(
    scene: &Scene<'_>,
    challenge: Option<&ChallengeId>,
    typed: &Secret,
) -> Result<Verdict, AuthError> {
    let decoy = find_decoy(scene, challenge).await?;
    if decoy.is_none()
        && let Some(refusal) = scene.locked_out()
    {
        return scene.refuse(refusal).await;
    }
    let Some(challenge) = challenge else {
        return scene.refuse(Refusal::NoSuchChallenge).await;
    };
    // What cannot be a code is refused without being compared or charged: it tells a guesser nothing.
    let lengths = scene.person.code_lengths();
    let Some(code) = lengths.into_iter().find_map(|length| Code::parse(typed.expose(), length)) else {
        return scene.refuse(Refusal::WrongCode).await;
    };
    let meant = Meant { challenge, subject: decoy.unwrap_or(scene.person.subject), purpose: Purpose::SignIn };
    judge(scene, meant, &code, AcceptedBy::Answer).await
}

/// The subject of a decoy that somebody on our own pages answers. Its tries count like those of
/// everybody else; no statement accepts it.
async fn find_decoy(scene: &Scene<'_>, challenge: Option<&ChallengeId>) -> Result<Option<Subject>, AuthError> {
    match (scene.attempt.client.audience, challenge) {
        (Audience::Person, Some(id)) => Ok(scene.app.store.find_decoy(id).await?),
        _ => Ok(None),
    }
}

/// Judges a code that names no challenge against those that are open, the newest first.
pub(super) async fn to_any_open(scene: &Scene<'_>, code: &Code, by: AcceptedBy) -> Result<Verdict, AuthError> {
    let (app, group) = (scene.app, &scene.attempt.client.group);
    let open = app.store.list_open_ids(scene.person.subject, group, app.now(), MOST_COMPARED).await?;
    let mut verdict = None;
    for challenge in open {
        let meant = Meant { challenge: &challenge, subject: scene.person.subject, purpose: Purpose::SignIn };
        let judged = judge(scene, meant, code, by).await?;
        if matches!(judged, Verdict::Accept(_)) {
            return Ok(judged);
        }
        verdict = Some(judged);
    }
    match verdict {
        Some(refused) => Ok(refused),
        None => scene.refuse(Refusal::WrongCode).await,
    }
}

/// What a code is meant to answer.
#[derive(Clone, Copy)]
pub(super) struct Meant<'a> {
    pub(super) challenge: &'a ChallengeId,
    pub(super) subject: Subject,
    pub(super) purpose: Purpose,
}

/// Judges one code. The store decides, and it decides once.
pub(super) async fn judge(
    scene: &Scene<'_>,
    meant: Meant<'_>,
    code: &Code,
    by: AcceptedBy,
) -> Result<Verdict, AuthError> {
    let judged = scene.app.store.judge(scene.judge_command(meant, code)?).await?;
    Ok(match judged {
        Judged::Accepted(serial) => Verdict::Accept(Accepted { serial: Some(serial), by, code: None }),
        Judged::Refused { refusal, serials } => Verdict::refuse_for(refusal, serials),
    })
}

impl Scene<'_> {
    fn judge_command(&self, meant: Meant<'_>, code: &Code) -> Result<Judge, AuthError> {
        let (app, person, group) = (self.app, self.person, &self.attempt.client.group);
        let Meant { challenge, subject, purpose } = meant;
        let key = ChallengeKey { id: challenge.clone(), part: 0 };
        let binding = Binding { challenge: &key, subject: &subject, purpose, group };
        Ok(Judge {
            id: challenge.clone(),
            subject,
            purpose,
            group: group.clone(),
            code_length: code.length(),
            mac: binding.mac(&app.keys.mac, code),
            budget: Budget::for_guesses(person.shortest_code()),
            clear_failures_after: app.settings().clear_failures_after(),
            now: app.now(),
            event: self.event()?,
        })
    }
}

/// Open challenges that one code without an id is compared with; each comparison is charged.
pub(super) const MOST_COMPARED: usize = 3;
