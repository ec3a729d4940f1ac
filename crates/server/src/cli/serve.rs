//! `otpost serve`

use domain::time::{Clock, Timestamp};
use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use crate::config::{Config, StoreUrl};
use crate::os::SystemClock;
use crate::serve::{self, Listeners};
use crate::store::migrate;
use crate::telemetry::log_buffer::LogBuffer;
use crate::{boot, stop, telemetry};

pub(super) async fn run(config: Config) -> Result<(), CliError> {
    let log = LogBuffer::start()?;
    telemetry::start_log(&config.log, log.clone());
    let ended = until_stopped(config).await;
    log.flush_out();
    ended
}

async fn until_stopped(config: Config) -> Result<(), CliError> {
    bring_up_to_date(&config).await?;
    let (app, waiting) = boot::open(config, None).await?;
    let listeners = Listeners::open(&app).await?;
    let (stopper, stop) = stop::channel();
    let (http, manage, radius) = (listeners.public_address()?, app.config.manage.listen, listeners.radius_addresses()?);
    tracing::info!(%http, %manage, ?radius, "listening");
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Heard, so that it does not end the process: settings are read again every second anyway, and a
    // new certificate needs a restart.
    let _hang_up = signal(SignalKind::hangup())?;
    let public = serve::doors(&app, None);
    let run = serve::run(app, waiting, listeners, public, stop);
    let mut run = std::pin::pin!(run);
    tokio::select! {
        () = run.as_mut() => return Ok(()),
        _ = terminate.recv() => tracing::info!("told to terminate; finishing what is under way"),
        _ = interrupt.recv() => tracing::info!("interrupted; finishing what is under way"),
    }
    stopper.stop();
    run.await;
    Ok(())
}

/// A database that is there is brought to this program's schema; a file that is not there is
/// somebody's mistake, and `otpost migrate` makes one on purpose.
async fn bring_up_to_date(config: &Config) -> Result<(), CliError> {
    if let StoreUrl::Sqlite(path) = &config.store.url {
        if config.keys.file.parent() == path.parent() {
            tracing::warn!("the key file lies beside the database: who steals the folder has both");
        }
        if !path.exists() {
            return Ok(());
        }
    }
    migrate::migrate(&config.store.url, SystemClock::new(Timestamp::default()).now().millis()).await?;
    Ok(())
}
