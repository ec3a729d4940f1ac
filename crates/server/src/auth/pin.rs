//! The first factor: which enrollments does the typed text unlock, and is a code behind it?

use std::collections::BTreeSet;

use domain::attempt::Audience;
use domain::code::{Code, CodeLength, split_pin};
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

/// Reads the typed text. All its readings are computed, whichever fits. How many there are depends
/// on the text and on the lengths that providers give; only a person whose codes have a length that
/// no provider gives costs one more. On pages of our own a code has a page of its own.
pub(super) async fn read<'a>(scene: &Scene<'a>, typed: &Secret) -> Result<FirstFactorRead<'a>, AuthError> {
    let whole = unlocked_by(scene, typed).await?;
    let lengths =
        if scene.attempt.client.audience == Audience::Person { BTreeSet::new() } else { lengths_behind_a_pin(scene) };
    let mut with_code = Vec::new();
    for length in lengths {
        let Some((pin, code)) = split_pin(typed.expose(), length) else {
            continue;
        };
        let unlocked = unlocked_by(scene, &Secret::new(pin)).await?.unwrap_or_default();
        let fitting = unlocked.into_iter().filter(|stored| stored.enrollment.code_length == length);
        with_code.extend(fitting.map(|stored| (stored, code.clone())));
    }
    Ok(match whole {
        Some(unlocked) => FirstFactorRead::Alone(unlocked),
        None if with_code.is_empty() => FirstFactorRead::Wrong,
        None => FirstFactorRead::WithCode(with_code),
    })
}

/// The person's lengths among those of everybody else.
fn lengths_behind_a_pin(scene: &Scene<'_>) -> BTreeSet<CodeLength> {
    let mut lengths: BTreeSet<_> = scene.person.code_lengths().into_iter().collect();
    lengths.extend(scene.app.settings().providers.iter().map(|stored| stored.provider.code_length));
    lengths
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
