//! `otpost demo`

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::signal::unix::{SignalKind, signal};

use super::error::CliError;
use super::output::Output;
use crate::config::{Log, LogFormat, LogLevel};
use crate::demo::{self, DemoError};
use crate::serve::ListenError;
use crate::{stop, telemetry};

/// The whole product on made-up data.
#[derive(clap::Args)]
pub(super) struct Demo {
    /// Where the pages and the API listen.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,
    /// Where RADIUS listens.
    #[arg(long, default_value = "127.0.0.1:1812", value_name = "ADDR")]
    radius: SocketAddr,
    /// Allow other machines to reach it.
    #[arg(long = "i-know-this-is-a-demo")]
    is_exposed_on_purpose: bool,
}

pub(super) async fn run(demo: Demo) -> Result<(), CliError> {
    for (flag, address) in [("--listen", demo.listen), ("--radius", demo.radius)] {
        if !address.ip().is_loopback() && !demo.is_exposed_on_purpose {
            let reason =
                format!("{flag} {address}: everybody who can reach it could sign in; say --i-know-this-is-a-demo");
            return Err(CliError::usage(reason));
        }
    }
    telemetry::start_log(&Log { format: LogFormat::Text, level: LogLevel::Warn }, std::io::stderr);
    // Heard from the beginning: what is made up must not stay behind, even when the terminal is closed meanwhile.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let prepared = demo::prepare(demo::Options { listen: demo.listen, radius: demo.radius }).await?;
    Output::text(&welcome(&prepared))?;
    let (stopper, stop) = stop::channel();
    let mut run = std::pin::pin!(prepared.run(stop));
    tokio::select! {
        () = run.as_mut() => return Ok(()),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hang_up.recv() => {}
    }
    stopper.stop();
    run.await;
    Ok(())
}

fn welcome(demo: &demo::Demo) -> String {
    let base = format!("http://{}", demo.listen);
    let column = |text: &str| format!("{text:<33}");
    let page = |path: &str| column(&format!("{base}{path}"));
    format!(
        "Otpost demo: made-up people, mails stay on this machine. Ctrl-C stops it.\n  \
         Sign in   {sign_in}alice / demo\n  \
         Mailbox   {mailbox}every mail appears here\n  \
         Console   {console}admin / {password}\n  \
         RADIUS    {radius}secret {secret}\n  \
         API       {api}key {key}\n\
         Try:  curl -d user=alice -d pass=demo {base}/validate/check",
        sign_in = page("/"),
        mailbox = page("/mailbox"),
        console = page("/console"),
        radius = column(&demo.radius.to_string()),
        secret = demo.radius_secret.expose(),
        api = page("/openapi"),
        password = demo.admin_password.expose(),
        key = demo.api_key.expose(),
    )
}

impl From<DemoError> for CliError {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Boot(error) => error.into(),
            DemoError::Config(error) => error.into(),
            DemoError::Io(error) => error.into(),
            DemoError::Listen(ListenError::Bind { key, address, source }) if source.kind() == ErrorKind::AddrInUse => {
                let flag = if key == "radius.listen" { "--radius" } else { "--listen" };
                let other = SocketAddr::new(address.ip(), 0);
                Self::conflict(format!(
                    "cannot listen on {address}: {source}; choose another address, such as {flag} {other} for any free port"
                ))
            }
            DemoError::Listen(error) => error.into(),
            DemoError::Manage(error) => error.into(),
            DemoError::NoRandomness(error) => Self::unreachable(error.to_string()),
        }
    }
}
