//! The caller vouches for the first factor: a code is mailed without one.

use domain::verdict::{Refusal, Verdict};

use super::{AuthError, Scene, begin};

/// Opens a challenge for every enrollment of the person that can take one.
pub(super) async fn trigger(scene: &Scene<'_>) -> Result<Verdict, AuthError> {
    if scene.person.enrollments.is_empty() {
        return scene.refuse(scene.person.nobody.unwrap_or(Refusal::NoEnrollment)).await;
    }
    begin::open(scene, scene.person.enrollments.iter().collect(), false).await
}
