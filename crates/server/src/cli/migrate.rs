//! `otpost migrate`

use domain::time::{Clock, Timestamp};

use super::Context;
use super::error::CliError;
use crate::config::StoreUrl;
use crate::os::SystemClock;
use crate::store::migrate;

pub(super) async fn run(context: &Context) -> Result<(), CliError> {
    let config = context.load()?;
    let now = SystemClock::new(Timestamp::default()).now().millis();
    let migrated = migrate::migrate(&config.store.url, now).await?;
    let place = match &config.store.url {
        StoreUrl::Sqlite(path) => path.display().to_string(),
        url @ StoreUrl::Postgres(_) => url.masked(),
    };
    if migrated.from == migrated.to {
        return context.out.line(&format!("{place} has schema version {} already", migrated.to));
    }
    context.out.line(&format!("{place} brought from schema version {} to {}", migrated.from, migrated.to))
}
