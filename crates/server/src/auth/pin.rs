//! The first factor: which enrollments does the typed text unlock, and is a code behind it?

use std::collections::BTreeSet;

use domain::attempt::Audience;
use domain::code::{Code, CodeLength, split_pin};
use domain::enrollment::PinHash;
use domain::provider::FirstFactor;
use domain::secret::Secret;

use super::{AuthError, Scene, passwords};
use crate::directory::{Password, Standing};
use crate::store::enrollments::StoredEnrollment;

/// What the typed text turned out to be.
pub(super) enum FirstFactorRead<'a> {
    /// The first factor alone: mail a code for these.
    Alone(Vec<&'a StoredEnrollment>),
    /// The first factor with a code behind it, for enrollments with codes of that length.
    WithCode(Vec<(&'a StoredEnrollment, Code)>),
    /// Neither.
    Wrong,
    /// The directory does not let its owner in.
    Barred(Standing),
}

/// What a first factor unlocks.
pub(super) enum Unlocked<'a> {
    /// Nothing, and the directory does not let its owner in.
    Barred(Standing),
    /// Nothing: it is wrong.
    None,
    /// These enrollments. A right password unlocks all of them, of which there may be none.
    These(Vec<&'a StoredEnrollment>),
}

/// Reads the typed text, which as a whole unlocks that. All its readings are computed, whichever fits. How many
/// there are depends on the text and on the lengths that providers give; only a person whose codes have a length
/// that no provider gives costs one more. On pages of our own a code has a page of its own.
pub(super) async fn read<'a>(
    scene: &Scene<'a>,
    typed: &Secret,
    whole: Unlocked<'a>,
) -> Result<FirstFactorRead<'a>, AuthError> {
    let whole = match whole {
        Unlocked::Barred(standing) => return Ok(FirstFactorRead::Barred(standing)),
        // A directory counts wrong passwords: nothing is guessed of one that was right.
        Unlocked::These(unlocked) if scene.person.listed.is_some() => return Ok(FirstFactorRead::Alone(unlocked)),
        Unlocked::These(unlocked) => Some(unlocked),
        Unlocked::None => None,
    };
    let lengths =
        if scene.attempt.client.audience == Audience::Person { BTreeSet::new() } else { lengths_behind_a_pin(scene) };
    let mut with_code = Vec::new();
    for length in lengths {
        let Some((pin, code)) = split_pin(typed.expose(), length) else {
            continue;
        };
        let Unlocked::These(unlocked) = compare(scene, &Secret::new(pin)).await? else { continue };
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

/// Compares a text with the first factor.
pub(super) async fn compare<'a>(scene: &Scene<'a>, typed: &Secret) -> Result<Unlocked<'a>, AuthError> {
    let person = scene.person;
    let all = || Unlocked::These(person.enrollments.iter().collect());
    Ok(match person.first_factor {
        FirstFactor::None if typed.is_empty() => all(),
        FirstFactor::None => Unlocked::None,
        FirstFactor::TokenPin => {
            let fits = fitting_pins(scene, typed).await?;
            let unlocked: Vec<_> =
                person.enrollments.iter().zip(fits).filter_map(|(stored, fits)| fits.then_some(stored)).collect();
            if unlocked.is_empty() { Unlocked::None } else { Unlocked::These(unlocked) }
        }
        FirstFactor::UserStore => match passwords::check(scene, typed).await? {
            Password::Right => all(),
            Password::Barred(standing) => Unlocked::Barred(standing),
            Password::Wrong => Unlocked::None,
        },
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
