//! Switching enrollments on and off, clearing their failures, removing them.

use super::{EnrollmentError, Targets};
use crate::app::App;
use crate::manage::{By, ManageError, apply};
use crate::store::sql::Statement;
use crate::store::{budgets, enrollments, notices};

/// Switches on or off; answers how many were not so already.
pub async fn set_active(app: &App, by: &By, targets: Targets, is_active: bool) -> Result<usize, EnrollmentError> {
    if is_active {
        targets.check_unlocked()?;
    }
    let targets = targets.keep(|stored| stored.enrollment.is_active != is_active && !stored.enrollment.is_revoked);
    let mut statements: Vec<_> = targets.serials().map(|serial| enrollments::set_active(serial, is_active)).collect();
    if !is_active {
        statements.extend(targets.serials().map(enrollments::cancel_challenges));
    }
    Ok(change(app, by, &targets, statements).await?)
}

/// Switches off for good; answers how many were not so already.
pub async fn revoke(app: &App, by: &By, targets: Targets) -> Result<usize, ManageError> {
    let targets = targets.keep(|stored| !stored.enrollment.is_revoked);
    // No code goes there again: should they enroll once more, elsewhere, the address is told.
    let mut statements: Vec<_> = targets.serials().map(|serial| notices::leave(serial, app.now())).collect();
    statements.extend(targets.serials().map(enrollments::revoke));
    statements.extend(targets.serials().map(enrollments::cancel_challenges));
    change(app, by, &targets, statements).await
}

/// Forgets the failures and gives the account its budgets back, enrolled or not, so that they can go
/// on at once; answers how many enrollments there are. A code that is still good stays good.
pub async fn reset(app: &App, by: &By, targets: Targets) -> Result<usize, ManageError> {
    // In the order of a verdict: the budget, then enrollments by serial.
    let mut statements: Vec<_> =
        targets.subjects(&app.keys.subject).map(|subject| budgets::forgive(&subject)).collect();
    statements.extend(targets.serials().map(enrollments::reset_failures));
    if !statements.is_empty() {
        apply(app, by, targets.about(app, "").await?, statements).await?;
    }
    Ok(targets.count())
}

/// Removes; answers how many there were.
pub async fn remove(app: &App, by: &By, targets: Targets) -> Result<usize, ManageError> {
    let mut statements: Vec<_> = targets.serials().map(enrollments::cancel_challenges).collect();
    statements.extend(targets.serials().map(|serial| notices::leave(serial, app.now())));
    statements.extend(targets.serials().map(enrollments::delete));
    change(app, by, &targets, statements).await
}

/// Applies the statements, if they are about anything at all.
pub(super) async fn change(
    app: &App,
    by: &By,
    targets: &Targets,
    statements: Vec<Statement>,
) -> Result<usize, ManageError> {
    if targets.count() > 0 {
        apply(app, by, targets.about(app, "").await?, statements).await?;
    }
    Ok(targets.count())
}
