//! Decoys: prompts that no code answers, for those who only guess. To whoever looks at them they
//! are challenges like any other: they continue, expire and burn alike.

use domain::attempt::{Audience, Who};
use domain::challenge::Purpose;
use domain::decide::{Course, Password, decide};
use domain::enrollment::Serial;
use domain::provider::FirstFactor;
use domain::random;
use domain::secret::Secret;
use domain::subject::Subject;
use domain::verdict::{Refusal, Verdict};

use super::open::{Opening, Recipient};
use super::{AuthError, Scene, open};
use crate::store::enrollments::StoredEnrollment;

/// Which decoys a guess belongs to. They are never charged to the account itself: whoever knows no
/// password can spend neither its codes nor its mails.
pub(super) enum Chain<'a> {
    /// A decoy of its own: what was typed was not looked at, so nobody knows whether it is right.
    Fresh,
    /// The decoys of this guess: the right one would have its challenge continued too.
    Of(&'a Secret),
}

/// Writes down a refusal; on pages of our own a decoy takes its place, where the table says so.
/// Both are written at once, so that a guess waits for as many commits as a right password.
pub(super) async fn instead_of(
    scene: &Scene<'_>,
    refusal: Refusal,
    chain: Chain<'_>,
    refused: impl Future<Output = Result<Verdict, AuthError>>,
) -> Result<Verdict, AuthError> {
    if !is_due(scene) {
        return refused.await;
    }
    let subject = match chain {
        Chain::Fresh => Subject::new(random::bytes(&*scene.app.random)?),
        Chain::Of(typed) => Subject::of_decoy(&scene.app.keys.subject, &scene.person.subject, typed),
    };
    let (refused, opened) = tokio::join!(refused, open(scene, subject));
    refused?;
    scene.app.metrics.count_verdict(&scene.attempt.client.group, &Verdict::refuse(refusal));
    opened
}

/// Opens a decoy, or continues it.
pub(super) async fn open(scene: &Scene<'_>, subject: Subject) -> Result<Verdict, AuthError> {
    let [a, b, c, d, ..] = *subject.as_bytes();
    let Some(serial) = Serial::parse(&format!("PIEM{a:02X}{b:02X}{c:02X}{d:02X}")) else {
        return Ok(Verdict::refuse(Refusal::UnknownUser));
    };
    let code_length = scene.person.shortest_code();
    let decoy = Recipient { serial, address: None, relay: String::new(), code_length };
    let opening = Opening { subject, purpose: Purpose::SignIn, refund_pin: false, reason: "decoy" };
    open::judge(scene, opening, vec![decoy]).await
}

/// Rows R1, R10 and R11. Whom no rule asks for a code is told of a wrong password.
fn is_due(scene: &Scene<'_>) -> bool {
    let person = scene.person;
    let is_page = scene.attempt.client.audience == Audience::Person;
    // What no name can be is nobody's to guess about.
    let is_name = matches!(scene.attempt.who, Who::User { .. });
    if !is_page || !is_name || person.first_factor == FirstFactor::None {
        return false;
    }
    // Whoever is locked out counts as not enrolled.
    let usable: Vec<&StoredEnrollment> =
        person.enrollments.iter().filter(|stored| scene.usable(stored).is_ok()).collect();
    scene.explain().is_required() && decide(scene.situation(&usable, Password::Wrong)) == Course::Decoy
}
