//! Opening a challenge: its code is drawn, kept as a MAC and forgotten; its mail goes to the queue.

use domain::address::MailAddress;
use domain::challenge::{ChallengeId, ChallengeKey, Purpose};
use domain::code::{Binding, CodeLength};
use domain::enrollment::Serial;
use domain::random;
use domain::request_key::RequestMark;
use domain::subject::Subject;
use domain::verdict::{Asked, Challenged, Refusal, Verdict};

use super::{AuthError, Scene};
use crate::delivery::FIRST_LEASE;
use crate::store::command::{Begin, Begun, Event, Part};

/// One part of a challenge, before its code is drawn.
pub(super) struct Recipient {
    pub(super) serial: Serial,
    /// None for a decoy.
    pub(super) address: Option<MailAddress>,
    pub(super) relay: String,
    pub(super) code_length: CodeLength,
}

/// What a challenge is about, apart from whom it asks.
pub(super) struct Opening {
    /// Whom guesses are charged to.
    pub(super) subject: Subject,
    pub(super) purpose: Purpose,
    /// Whether the PIN charge taken before is given back.
    pub(super) refund_pin: bool,
    /// What the audit says beside the outcome.
    pub(super) reason: &'static str,
}

/// The same as [`write`], in a verdict.
pub(super) async fn judge(
    scene: &Scene<'_>,
    opening: Opening,
    recipients: Vec<Recipient>,
) -> Result<Verdict, AuthError> {
    Ok(match write(scene, opening, recipients).await? {
        Ok(challenged) => Verdict::Challenge(challenged),
        Err(refusal) => Verdict::refuse_for(refusal, scene.person.serials()),
    })
}

/// Opens the challenge, or continues the one that asks the same of the same. A copy of a first step that
/// its client has named is answered like the first of them.
pub(super) async fn write(
    scene: &Scene<'_>,
    opening: Opening,
    recipients: Vec<Recipient>,
) -> Result<Result<Challenged, Refusal>, AuthError> {
    let (app, provider) = (scene.app, &scene.person.provider);
    // Identifiers of one hundredth of a second share eleven digits; the store says so if the rest collides too.
    for _ in 0..ID_ATTEMPTS {
        let command = scene.command(&opening, &recipients)?;
        match app.store.begin(command).await? {
            Begun::IdTaken => {}
            Begun::Refused(refusal) => return Ok(Err(refusal)),
            Begun::Open { id, expires_at, mails, is_held_back } => {
                app.outbox.wake(mails);
                if is_held_back {
                    app.metrics.count_limited("mails");
                }
                let prompt = provider.prompt.as_str();
                let asked = recipients.into_iter().map(|to| Asked { serial: to.serial, prompt: prompt.to_owned() });
                return Ok(Ok(Challenged { id, asked: asked.collect(), expires_at }));
            }
        }
    }
    Err(AuthError::NoRandomness(random::NoRandomness))
}

impl Scene<'_> {
    fn command(&self, opening: &Opening, recipients: &[Recipient]) -> Result<Begin, AuthError> {
        let (app, person, now) = (self.app, self.person, self.app.now());
        let id = ChallengeId::new(now, &*app.random)?;
        let parts = (0_u8..).zip(recipients).map(|(number, recipient)| self.part(opening, &id, number, recipient));
        Ok(Begin {
            subject: opening.subject,
            purpose: opening.purpose,
            group: self.attempt.client.group.clone(),
            parts: parts.collect::<Result<_, _>>()?,
            mark: self.mark(opening, recipients),
            id,
            is_concurrent: person.provider.concurrent_challenges,
            refund_pin: opening.refund_pin,
            now,
            lifetime: person.provider.lifetime.duration(),
            lease: FIRST_LEASE,
            event: Event { reason: opening.reason.to_owned(), ..self.event()? },
        })
    }

    /// By what a copy of this first step is recognised, if its client has named it.
    fn mark(&self, opening: &Opening, recipients: &[Recipient]) -> Option<RequestMark> {
        let request_key = self.attempt.client.request_key?;
        let mut asked = vec![opening.subject.as_bytes().as_slice(), opening.purpose.as_str().as_bytes()];
        asked.extend(recipients.iter().map(|to| to.serial.as_str().as_bytes()));
        Some(request_key.mark(&self.app.keys.subject, &self.attempt.client.group, &asked))
    }

    /// Draws the nonce, derives the code, keeps its MAC, forgets the code.
    fn part(&self, opening: &Opening, id: &ChallengeId, number: u8, to: &Recipient) -> Result<Part, AuthError> {
        let (app, person) = (self.app, self.person);
        let key = ChallengeKey { id: id.clone(), part: number };
        let binding = Binding {
            challenge: &key,
            subject: &opening.subject,
            purpose: opening.purpose,
            group: &self.attempt.client.group,
        };
        let nonce = random::bytes(&*app.random)?;
        let code = binding.derive(&app.keys.code, &nonce, to.code_length);
        Ok(Part {
            serial: to.serial.clone(),
            address: to.address.clone(),
            relay: to.relay.clone(),
            provider_id: person.provider.id,
            code_length: to.code_length,
            nonce,
            mac: binding.mac(&app.keys.mac, &code),
        })
    }
}

const ID_ATTEMPTS: usize = 4;
