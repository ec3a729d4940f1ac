//! `otpost serve`

use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use crate::config::Config;
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
    let path = boot::sqlite_path(&config)?;
    if path.exists() {
        use domain::time::{Clock, Timestamp};
        migrate::migrate_sqlite(path, SystemClock::new(Timestamp::default()).now().millis())?;
    }
    if config.keys.file.parent() == path.parent() {
        tracing::warn!("the key file lies beside the database: who steals the folder has both");
    }
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
