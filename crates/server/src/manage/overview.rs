//! The numbers of the console's first page.

use std::time::Duration;

use super::ManageError;
use crate::app::App;
use crate::store;
pub use crate::store::overview::Overview;

/// How a relay does, as far as this node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It is left alone after several failed connections.
    Down,
    /// Nothing was sent through it since the start.
    Unused,
    /// It takes mail.
    Up,
}

/// The numbers of now, and of the last hour. Counting takes a while; other requests do not wait for it.
pub async fn count(app: &App) -> Result<Overview, ManageError> {
    let (reader, now) = (app.store.clone(), app.now());
    Ok(store::apart(async move { reader.count_overview(now, now - HOUR).await }).await?)
}

/// Every relay that is set, in order of fallback, and how it does.
pub fn relays(app: &App) -> Vec<(super::relays::StoredRelay, Health)> {
    let known = app.mailer.health();
    let health = |name: &str| {
        let seen: Vec<_> = known.iter().filter(|(known, _)| known == name).map(|(_, is_up)| *is_up).collect();
        match (seen.is_empty(), seen.contains(&false)) {
            (true, _) => Health::Unused,
            (false, false) => Health::Up,
            (false, true) => Health::Down,
        }
    };
    let settings = app.settings();
    settings.relays.iter().map(|relay| (relay.clone(), health(&relay.name))).collect()
}

const HOUR: Duration = Duration::from_hours(1);
