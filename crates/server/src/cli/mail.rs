//! `otpost mail …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use crate::app::App;

/// Mail.
#[derive(Subcommand)]
pub(super) enum Mail {
    /// Sends a test mail through the usual relays and says what became of it.
    Test {
        /// Where to.
        address: String,
    },
}

pub(super) async fn run(app: &App, context: &Context, verb: Mail) -> Result<(), CliError> {
    let Mail::Test { address } = verb;
    let address = domain::address::MailAddress::parse(&address)
        .map_err(|error| CliError::usage(format!("{address}: {error}")))?;
    match crate::delivery::send_test(app, &address).await {
        Ok(relay) => context.out.line(&format!("relay {relay} has taken the mail")),
        Err(reason) => Err(CliError::unreachable(format!("the mail was not taken: {reason}"))),
    }
}
