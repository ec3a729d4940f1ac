//! Challenges as administrators see them: never a code, nor anything it follows from.

use crate::app::App;
use crate::manage::{About, By, ManageError, apply};
use crate::store::challenges::{self, ShownChallenge};

/// One page of challenges, the newest first, and how many there are; of one enrollment, or of all
/// where `serial` is empty.
pub async fn list(
    app: &App,
    serial: &str,
    page: usize,
    size: usize,
) -> Result<(usize, Vec<ShownChallenge>), ManageError> {
    let count = app.store.count_challenges(serial).await?;
    let skip = page.saturating_sub(1).saturating_mul(size);
    let shown = app.store.list_newest_challenges(serial, skip, size).await?;
    Ok((usize::try_from(count).unwrap_or_default(), shown))
}

/// Removes what has expired; answers how many there were.
pub async fn remove_expired(app: &App, by: &By) -> Result<i64, ManageError> {
    let now = app.now();
    let count = app.store.count_expired(now).await?;
    let about = About { detail: format!("{count} expired challenges"), ..About::default() };
    apply(app, by, about, vec![challenges::delete_expired(now)]).await?;
    Ok(count)
}
