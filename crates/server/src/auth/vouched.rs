//! The caller vouches for the first factor: nothing is asked for before the code.

use domain::verdict::{Refusal, Verdict};

use super::{AuthError, Scene, begin};

/// Opens a challenge for every enrollment of the person that can take one.
pub(super) async fn trigger(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    if scene.person.enrollments.is_empty() {
        return scene.refuse(scene.person.nobody.unwrap_or(Refusal::NoEnrollment)).await;
    }
    begin::open(scene, scene.person.enrollments.iter().collect(), false).await
}

/// What follows a first factor that the caller has checked: whom a rule excepts comes in, everybody else is
/// mailed a code. Whom we do not know is not excepted, whatever the rule looks at.
pub(super) async fn proceed(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    let all: Vec<_> = scene.person.enrollments.iter().collect();
    if scene.person.account.is_some() && scene.is_excepted(&all) {
        return begin::except(scene).await;
    }
    trigger(scene).await
}
