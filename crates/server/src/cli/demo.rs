//! `otpost demo`

use super::error::CliError;

/// The whole product on made-up data.
#[derive(clap::Args)]
pub(super) struct Demo {}

pub(super) async fn run(_demo: Demo) -> Result<(), CliError> {
    Ok(())
}
