//! `otpost migrate`

use domain::time::{Clock, Timestamp};

use super::Context;
use super::error::CliError;
use crate::boot;
use crate::os::SystemClock;
use crate::store::migrate;

pub(super) fn run(context: &Context) -> Result<(), CliError> {
    let config = context.load()?;
    let path = boot::sqlite_path(&config)?;
    let migrated = migrate::migrate_sqlite(path, SystemClock::new(Timestamp::default()).now().millis())?;
    let path = path.display();
    if migrated.from == migrated.to {
        return context.out.line(&format!("{path} has schema version {} already", migrated.to));
    }
    context.out.line(&format!("{path} brought from schema version {} to {}", migrated.from, migrated.to))
}
