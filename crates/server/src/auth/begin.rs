//! The first step: read → decide → write → tell.

use domain::address::MailAddress;
use domain::attempt::{Audience, Proof};
use domain::budget::{PIN_BUDGET, SOURCE_BUDGET};
use domain::challenge::Purpose;
use domain::code::Code;
use domain::decide::{Choice, Course, Password, decide};
use domain::provider::FirstFactor;
use domain::secret::Secret;
use domain::subject::Subject;
use domain::verdict::{Accepted, AcceptedBy, Offered, Refusal, Verdict};

use super::open::{Opening, Recipient};
use super::pin::{self, FirstFactorRead};
use super::{AuthError, Scene, answer, decoy, enroll, open, resolve};
use crate::directory::Freshness;
use crate::store::command::{Event, FailFirstFactor};
use crate::store::enrollments::StoredEnrollment;

/// Judges what was typed first: a PIN, a password, a PIN with its code, or nothing at all.
pub(super) async fn first_step(scene: &Scene<'_>, typed: &Secret) -> Result<Verdict, AuthError> {
    if !scene.charge_source().await? {
        return scene.refuse(Refusal::SourceBudgetSpent).await;
    }
    let is_guess = !typed.is_empty() && scene.person.first_factor != FirstFactor::None;
    if is_guess && !scene.charge_pin().await? {
        let refusal = scene.locked_out().unwrap_or(Refusal::PinBudgetSpent);
        return decoy::instead_of(scene, refusal, decoy::Chain::Fresh, scene.refuse(refusal)).await;
    }
    let whole = pin::compare(scene, typed).await;
    if is_guess && whole.is_err() {
        // Nobody has said whether it was right, so it was no guess. What fails later costs one: that it was not
        // right as a whole can be told from the failure.
        scene.app.store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
    }
    match pin::read(scene, typed, whole?).await? {
        FirstFactorRead::Alone(unlocked) if is_guess && scene.is_excepted(&unlocked) => {
            scene.app.store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
            except(scene).await
        }
        FirstFactorRead::Barred(standing) => {
            let event = Event { detail: standing.as_str().to_owned(), ..scene.refusal_event(Refusal::Barred)? };
            let failed = fail(scene, Refusal::Barred, event, is_guess);
            decoy::instead_of(scene, Refusal::Barred, decoy::Chain::Of(typed), failed).await
        }
        FirstFactorRead::Alone(unlocked) => proven(scene, typed, unlocked, is_guess).await,
        FirstFactorRead::WithCode(codes) => with_code(scene, codes, is_guess).await,
        FirstFactorRead::Wrong => {
            let refusal = scene.person.nobody.unwrap_or(Refusal::WrongPin);
            let failed = fail(scene, refusal, scene.refusal_event(refusal)?, is_guess);
            decoy::instead_of(scene, refusal, decoy::Chain::Of(typed), failed).await
        }
    }
}

/// The first factor is right and a rule asks this person for no second one.
pub(super) async fn except(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    if !scene.is_still_so().await? {
        return scene.refuse(Refusal::Barred).await;
    }
    let event = Event { outcome: "accept", reason: "excepted".to_owned(), ..scene.event()? };
    scene.app.store.record(event).await?;
    Ok(Verdict::Accept(Accepted { serial: None, by: AcceptedBy::Excepted, code: None }))
}

/// The first factor is right, or none was asked for. On pages of our own the table says what
/// follows; where nothing was proven there, nothing is told.
async fn proven(
    scene: &Scene<'_>,
    typed: &Secret,
    unlocked: Vec<&StoredEnrollment>,
    is_guess: bool,
) -> Result<Verdict, AuthError> {
    let is_table_due =
        scene.attempt.client.audience == Audience::Person && scene.person.first_factor != FirstFactor::None;
    if !is_table_due {
        return open(scene, unlocked, is_guess).await;
    }
    if let Some(refusal) = scene.why_none_is_usable(&unlocked) {
        return decoy::instead_of(scene, refusal, decoy::Chain::Of(typed), scene.refuse(refusal)).await;
    }
    match decide(scene.situation(&unlocked, Password::Right)) {
        Course::CodeToDirectory | Course::CodeToExternal => open(scene, unlocked, is_guess).await,
        Course::Enroll(choice) => offer(scene, choice).await,
        Course::EnrollmentClosed => scene.tell(Refusal::EnrollmentClosed).await,
        Course::NoAddress => scene.tell(Refusal::NoAddress).await,
        Course::Decoy | Course::WrongCredentials => scene.refuse(Refusal::WrongPin).await,
    }
}

/// Lets somebody enroll whose password is right.
async fn offer(scene: &Scene<'_>, choice: Choice) -> Result<Verdict, AuthError> {
    let Some(account) = &scene.person.account else {
        return scene.refuse(Refusal::UnknownUser).await;
    };
    let store = &scene.app.store;
    store.refund_pin(scene.person.subject, PIN_BUDGET).await?;
    store.record(Event { outcome: "ok", reason: "enroll-offered".to_owned(), ..scene.event()? }).await?;
    let proven_by = enroll::mark_of_password(scene.app, scene.person);
    Ok(Verdict::Enroll(Offered { user_id: account.id.clone(), proven_by, choice }))
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
        return if is_decoy_due { decoy::open(scene, scene.person.subject).await } else { scene.refuse(refusal).await };
    }
    let recipients = asked.into_iter().map(|(stored, address)| Recipient {
        serial: stored.enrollment.serial.clone(),
        address: Some(address),
        relay: stored.enrollment.relay.clone().unwrap_or_default(),
        code_length: stored.enrollment.code_length,
    });
    let opening = Opening { subject: scene.person.subject, purpose: Purpose::SignIn, refund_pin, reason: "" };
    open::judge(scene, opening, recipients.collect()).await
}

/// A caller that vouches for somebody may know who exists.
fn is_vouched(scene: &Scene<'_>) -> bool {
    matches!(scene.attempt.proof, Proof::Checked | Proof::Vouched)
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
    if !scene.is_still_so().await? {
        return scene.refuse(Refusal::Barred).await;
    }
    answer::to_any_open(scene, code, AcceptedBy::PinAndCode).await
}

/// Counts the failure and says no.
async fn fail(scene: &Scene<'_>, refusal: Refusal, event: Event, is_guess: bool) -> Result<Verdict, AuthError> {
    let settings = scene.app.settings();
    let serials = scene.person.serials();
    let command = FailFirstFactor {
        serials: serials.clone(),
        clear_failures_after: settings.clear_failures_after(),
        count: is_guess && settings.counts_wrong_pins(),
        now: scene.app.now(),
        event,
    };
    scene.app.store.fail_first_factor(command).await?;
    Ok(Verdict::refuse_for(scene.locked_out().unwrap_or(refusal), serials))
}

impl Scene<'_> {
    /// Where the mail of an enrollment goes, if it can be used at all.
    fn recipient(&self, stored: &StoredEnrollment) -> Result<MailAddress, Refusal> {
        self.usable(stored)?;
        if !stored.enrollment.is_address_dynamic {
            return stored.enrollment.address.clone().ok_or(Refusal::NoAddress);
        }
        self.person.listed_address().ok_or(Refusal::NoAddress)
    }

    /// Whether a directory says of the person what it said a moment ago: before anybody is let in by the first step
    /// alone, it is asked again.
    async fn is_still_so(&self) -> Result<bool, AuthError> {
        let Some(before) = &self.person.listed else { return Ok(true) };
        let (who, theme) = (&self.attempt.who, self.attempt.client.theme.as_deref());
        let now = resolve::resolve(self.app, who, theme, Freshness::Now).await?;
        Ok(now.listed.is_some_and(|now| now.is_as(before)))
    }

    pub(super) fn usable(&self, stored: &StoredEnrollment) -> Result<(), Refusal> {
        stored.enrollment.usable(self.app.now(), self.app.settings().clear_failures_after())
    }

    /// The reason why none of the person's enrollments can be used at all, if that is so.
    pub(super) fn locked_out(&self) -> Option<Refusal> {
        self.why_none_is_usable(&self.person.enrollments.iter().collect::<Vec<_>>())
    }

    /// Whether a rule asks for no code. A lock-out and a revocation hold for those whom it excepts too.
    pub(super) fn is_excepted(&self, unlocked: &[&StoredEnrollment]) -> bool {
        self.why_none_is_usable(unlocked).is_none() && !self.explain().is_required()
    }

    fn why_none_is_usable(&self, enrollments: &[&StoredEnrollment]) -> Option<Refusal> {
        let mut reasons = enrollments.iter().map(|stored| self.usable(stored).err());
        let first = reasons.next().flatten()?;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// Charges the network that a person's browser is in. Nothing is given back: a right password must
    /// not take longer than a wrong one.
    async fn charge_source(&self) -> Result<bool, AuthError> {
        let client = &self.attempt.client;
        if client.audience != Audience::Person {
            return Ok(true);
        }
        let subject = Subject::of_source(&self.app.keys.subject, client.address);
        Ok(self.app.store.charge_pin(subject, SOURCE_BUDGET, self.app.now()).await?)
    }

    async fn charge_pin(&self) -> Result<bool, AuthError> {
        Ok(self.app.store.charge_pin(self.person.subject, PIN_BUDGET, self.app.now()).await?)
    }

    /// Refuses somebody whose first factor was right: it costs them nothing.
    async fn tell(&self, refusal: Refusal) -> Result<Verdict, AuthError> {
        self.app.store.refund_pin(self.person.subject, PIN_BUDGET).await?;
        self.refuse(refusal).await
    }

    /// Writes the audit line of a refusal that changes nothing else.
    pub(super) async fn refuse(&self, refusal: Refusal) -> Result<Verdict, AuthError> {
        self.app.store.record(self.refusal_event(refusal)?).await?;
        Ok(Verdict::refuse_for(refusal, self.person.serials()))
    }
}
