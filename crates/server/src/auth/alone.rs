//! A code and nothing before it, where somebody began elsewhere: on our pages, or by a call of a portal. What
//! was proven there, the challenge or the pass that came of it stands for.

use domain::attempt::{FrontDoor, Given};
use domain::code::Code;
use domain::verdict::{AcceptedBy, Refusal, Verdict};

use super::{AuthError, Scene, answer, front_door, shown};

/// Lets somebody in by a pass, or judges what they gave against whichever challenge is open.
pub(super) async fn come_in(scene: &Scene<'_>, given: Option<&Given>, door: FrontDoor) -> Result<Verdict, AuthError> {
    if let Some(refusal) = scene.locked_out() {
        return scene.refuse(refusal).await;
    }
    if let Some(verdict) = front_door::enter(scene, door).await? {
        return Ok(verdict);
    }
    match given {
        None => scene.refuse(scene.person.nobody.unwrap_or(Refusal::NoSuchChallenge)).await,
        Some(Given::Response(response)) => shown::to_any_open(scene, response).await,
        Some(Given::Typed(typed)) => {
            let lengths = scene.person.code_lengths();
            // As everywhere: what cannot be a code is not compared and costs no guess.
            match lengths.into_iter().find_map(|length| Code::parse(typed.expose(), length)) {
                Some(code) => answer::to_any_open(scene, &code, AcceptedBy::CodeAlone).await,
                None => scene.refuse(scene.person.nobody.unwrap_or(Refusal::WrongCode)).await,
            }
        }
    }
}
