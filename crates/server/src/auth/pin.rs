//! The first factor: which enrollments does the typed text unlock, and is a code behind it?

use domain::code::{Code, split_pin};
use domain::enrollment::PinHash;
use domain::provider::FirstFactor;
use domain::secret::Secret;

use super::{AuthError, Scene};
use crate::store::enrollments::StoredEnrollment;

/// What the typed text turned out to be.
pub(super) enum FirstFactorRead<'a> {
    /// The first factor alone: mail a code for these.
    Alone(Vec<&'a StoredEnrollment>),
    /// The first factor with a code behind it, for enrollments with codes of that length.
    WithCode(Vec<(&'a StoredEnrollment, Code)>),
    /// Neither.
    Wrong,
}

/// Reads the typed text. How many hashes that takes depends on the text alone, never on whether
/// the person exists.
pub(super) async fn read<'a>(scene: &Scene<'a>, typed: &Secret) -> Result<FirstFactorRead<'a>, AuthError> {
    if let Some(unlocked) = unlocked_by(scene, typed).await? {
        return Ok(FirstFactorRead::Alone(unlocked));
    }
    let mut with_code = Vec::new();
    for length in scene.person.code_lengths() {
        let Some((pin, code)) = split_pin(typed.expose(), length) else {
            continue;
        };
        let unlocked = unlocked_by(scene, &Secret::new(pin)).await?.unwrap_or_default();
        let fitting = unlocked.into_iter().filter(|stored| stored.enrollment.code_length == length);
        with_code.extend(fitting.map(|stored| (stored, code.clone())));
    }
    Ok(if with_code.is_empty() { FirstFactorRead::Wrong } else { FirstFactorRead::WithCode(with_code) })
}

/// The enrollments that a first factor unlocks; nothing if it is wrong. A right password unlocks
/// all of them, of which there may be none.
async fn unlocked_by<'a>(scene: &Scene<'a>, typed: &Secret) -> Result<Option<Vec<&'a StoredEnrollment>>, AuthError> {
    let person = scene.person;
    let all = || person.enrollments.iter().collect();
    Ok(match person.first_factor {
        FirstFactor::None => typed.is_empty().then(all),
        FirstFactor::TokenPin => {
            let fits = fitting_pins(scene, typed).await?;
            let unlocked: Vec<_> =
                person.enrollments.iter().zip(fits).filter_map(|(stored, fits)| fits.then_some(stored)).collect();
            Some(unlocked).filter(|unlocked| !unlocked.is_empty())
        }
        FirstFactor::UserStore => {
            let password = person.account.as_ref().and_then(|account| account.password.clone());
            fits(scene, typed, &[password]).await?.contains(&true).then(all)
        }
    })
}

/// An enrollment without a PIN takes the empty one, and only that.
async fn fitting_pins(scene: &Scene<'_>, typed: &Secret) -> Result<Vec<bool>, AuthError> {
    let pins: Vec<Option<PinHash>> =
        scene.person.enrollments.iter().map(|stored| stored.enrollment.pin.clone()).collect();
    if typed.is_empty() {
        return Ok(pins.iter().map(Option::is_none).collect());
    }
    fits(scene, typed, &pins).await
}

/// An empty text fits nothing and costs nothing; everything else costs a hash.
async fn fits(scene: &Scene<'_>, typed: &Secret, stored: &[Option<PinHash>]) -> Result<Vec<bool>, AuthError> {
    if typed.is_empty() {
        return Ok(vec![false; stored.len()]);
    }
    Ok(scene.app.hasher.matches(typed, stored).await?)
}
