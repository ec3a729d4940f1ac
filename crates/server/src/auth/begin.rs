//! The first step: read → decide → write → tell.

use std::time::Duration;

use domain::address::MailAddress;
use domain::attempt::Proof;
use domain::budget::PIN_BUDGET;
use domain::challenge::{ChallengeId, ChallengeKey, Purpose};
use domain::code::{Binding, Code};
use domain::enrollment::Serial;
use domain::provider::FirstFactor;
use domain::random;
use domain::secret::Secret;
use domain::verdict::{Accepted, AcceptedBy, Asked, Challenged, Refusal, Verdict};

use super::pin::{self, FirstFactorRead};
use super::{AuthError, Scene, answer};
use crate::store::command::{Begin, Begun, Event, FailFirstFactor, Part};
use crate::store::enrollments::StoredEnrollment;

/// Judges what was typed first: a PIN, a password, a PIN with its code, or nothing at all.
pub(super) async fn first_step(scene: &Scene<'_>, typed: &Secret) -> Result<Verdict, AuthError> {
    let is_guess = !typed.is_empty() && scene.person.first_factor != FirstFactor::None;
    if is_guess && !scene.charge_pin().await? {
        return scene.refuse(scene.locked_out().unwrap_or(Refusal::PinBudgetSpent)).await;
    }
    match pin::read(scene, typed).await? {
        FirstFactorRead::Alone(_) if is_guess && scene.is_excepted() => except(scene).await,
        FirstFactorRead::Alone(unlocked) => open(scene, unlocked, is_guess).await,
        FirstFactorRead::WithCode(codes) => with_code(scene, codes, is_guess).await,
        FirstFactorRead::Wrong => fail(scene, is_guess).await,
    }
}

/// The first factor is right and a rule asks this person for no second one.
async fn except(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    let store = &scene.app.store;
    store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
    let event = Event { outcome: "accept", reason: "excepted".to_owned(), ..scene.event()? };
    store.record(event).await?;
    Ok(Verdict::Accept(Accepted { serial: None, by: AcceptedBy::Excepted }))
}

/// Opens a challenge for those enrollments that can take one now.
pub(super) async fn open(
    scene: &Scene<'_>,
    unlocked: Vec<&StoredEnrollment>,
    refund_pin: bool,
) -> Result<Verdict, AuthError> {
    let (mut asked, mut refusal) = (Vec::new(), Refusal::NoEnrollment);
    for stored in unlocked {
        match scene.recipient(stored) {
            Ok(address) => asked.push((stored, address)),
            Err(reason) => refusal = reason,
        }
    }
    if asked.is_empty() {
        if refund_pin {
            scene.app.store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
        }
        let is_decoy_due = !is_vouched(scene) && scene.person.first_factor == FirstFactor::None;
        return if is_decoy_due { open_decoy(scene).await } else { scene.refuse(refusal).await };
    }
    let recipients = asked.into_iter().map(|(stored, address)| Recipient {
        serial: stored.enrollment.serial.clone(),
        address: Some(address),
        relay: stored.enrollment.relay.clone().unwrap_or_default(),
        code_length: stored.enrollment.code_length,
    });
    write(scene, recipients.collect(), refund_pin).await
}

/// A caller that vouches for somebody may know who exists.
fn is_vouched(scene: &Scene<'_>) -> bool {
    matches!(scene.attempt.proof, Proof::Vouched)
}

/// A challenge that can never be accepted: what a stranger gets where everybody gets a challenge.
async fn open_decoy(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    let [a, b, c, d, ..] = *scene.person.subject.as_bytes();
    let serial = format!("PIEM{a:02X}{b:02X}{c:02X}{d:02X}");
    let Some(serial) = Serial::parse(&serial) else {
        return Ok(Verdict::refuse(Refusal::UnknownUser));
    };
    let code_length = scene.person.provider.code_length;
    let decoy = Recipient { serial, address: None, relay: String::new(), code_length };
    write(scene, vec![decoy], false).await
}

/// The PIN is right and a code stands behind it: it answers whichever challenge is open.
async fn with_code(
    scene: &Scene<'_>,
    codes: Vec<(&StoredEnrollment, Code)>,
    refund_pin: bool,
) -> Result<Verdict, AuthError> {
    if refund_pin {
        scene.app.store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
    }
    let usable = |stored: &StoredEnrollment| scene.usable(stored);
    let refusal = codes.iter().find_map(|(stored, _)| usable(stored).err());
    let Some((_, code)) = codes.iter().find(|(stored, _)| usable(stored).is_ok()) else {
        return scene.refuse(refusal.unwrap_or(Refusal::WrongCode)).await;
    };
    answer::to_any_open(scene, code).await
}

/// Counts the failure and says no.
async fn fail(scene: &Scene<'_>, is_guess: bool) -> Result<Verdict, AuthError> {
    let settings = scene.app.settings();
    let refusal = scene.person.nobody.unwrap_or(Refusal::WrongPin);
    let serials = scene.person.serials();
    let command = FailFirstFactor {
        serials: serials.clone(),
        clear_failures_after: settings.clear_failures_after(),
        count: is_guess && settings.counts_wrong_pins(),
        now: scene.app.now(),
        event: scene.refusal_event(refusal)?,
    };
    scene.app.store.fail_first_factor(command).await?;
    Ok(Verdict::refuse_for(scene.locked_out().unwrap_or(refusal), serials))
}

struct Recipient {
    serial: Serial,
    address: Option<MailAddress>,
    relay: String,
    code_length: domain::code::CodeLength,
}

async fn write(scene: &Scene<'_>, recipients: Vec<Recipient>, refund_pin: bool) -> Result<Verdict, AuthError> {
    let (app, provider) = (scene.app, &scene.person.provider);
    // Identifiers of one hundredth of a second share eleven digits; the store says so if the rest collides too.
    for _ in 0..ID_ATTEMPTS {
        let command = scene.command(&recipients, refund_pin)?;
        match app.store.begin(command).await? {
            Begun::IdTaken => {}
            Begun::Open { id, expires_at, mails, is_held_back } => {
                app.outbox.wake(mails);
                if is_held_back {
                    app.metrics.count_limited("mails");
                }
                let prompt = provider.prompt.as_str();
                let asked = recipients.into_iter().map(|to| Asked { serial: to.serial, prompt: prompt.to_owned() });
                return Ok(Verdict::Challenge(Challenged { id, asked: asked.collect(), expires_at }));
            }
        }
    }
    Err(AuthError::NoRandomness(random::NoRandomness))
}

impl Scene<'_> {
    fn command(&self, recipients: &[Recipient], refund_pin: bool) -> Result<Begin, AuthError> {
        let (app, person, now) = (self.app, self.person, self.app.now());
        let id = ChallengeId::new(now, &*app.random)?;
        let parts = (0_u8..).zip(recipients).map(|(number, recipient)| self.part(&id, number, recipient));
        Ok(Begin {
            subject: person.subject,
            purpose: Purpose::SignIn,
            group: self.attempt.client.group.clone(),
            parts: parts.collect::<Result<_, _>>()?,
            id,
            is_concurrent: person.provider.concurrent_challenges,
            refund_pin,
            now,
            lifetime: person.provider.lifetime.duration(),
            lease: LEASE,
            event: self.event()?,
        })
    }

    /// Draws the nonce, derives the code, keeps its MAC, forgets the code.
    fn part(&self, id: &ChallengeId, number: u8, to: &Recipient) -> Result<Part, AuthError> {
        let (app, person) = (self.app, self.person);
        let key = ChallengeKey { id: id.clone(), part: number };
        let binding = Binding {
            challenge: &key,
            subject: &person.subject,
            purpose: Purpose::SignIn,
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

    /// Where the mail of an enrollment goes, if it can be used at all.
    fn recipient(&self, stored: &StoredEnrollment) -> Result<MailAddress, Refusal> {
        self.usable(stored)?;
        if !stored.enrollment.is_address_dynamic {
            return stored.enrollment.address.clone().ok_or(Refusal::NoAddress);
        }
        let listed = self.person.account.as_ref().map_or("", |account| account.email.as_str());
        MailAddress::parse(listed).map_err(|_| Refusal::NoAddress)
    }

    pub(super) fn usable(&self, stored: &StoredEnrollment) -> Result<(), Refusal> {
        stored.enrollment.usable(self.app.now(), self.app.settings().clear_failures_after())
    }

    /// The reason why none of the enrollments can be used at all, if that is so.
    pub(super) fn locked_out(&self) -> Option<Refusal> {
        let mut reasons = self.person.enrollments.iter().map(|stored| self.usable(stored).err());
        let first = reasons.next().flatten()?;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// Whether a rule excepts this person from the second factor.
    fn is_excepted(&self) -> bool {
        self.person.account.as_ref().is_some_and(|account| account.is_excepted)
    }

    async fn charge_pin(&self) -> Result<bool, AuthError> {
        Ok(self.app.store.charge_pin(self.person.subject, PIN_BUDGET, self.app.now()).await?)
    }

    /// Writes the audit line of a refusal that changes nothing else.
    pub(super) async fn refuse(&self, refusal: Refusal) -> Result<Verdict, AuthError> {
        self.app.store.record(self.refusal_event(refusal)?).await?;
        Ok(Verdict::refuse_for(refusal, self.person.serials()))
    }
}

/// How long a node may take over a mail before another one may.
const LEASE: Duration = Duration::from_secs(15);
const ID_ATTEMPTS: usize = 4;
