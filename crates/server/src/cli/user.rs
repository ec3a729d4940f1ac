//! `otpost user …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use crate::app::App;

/// Users and their enrollments.
#[derive(Subcommand)]
pub(super) enum User {
    /// Lists users.
    List,
}

pub(super) async fn run(_app: &App, _context: &Context, _verb: User) -> Result<(), CliError> {
    Ok(())
}
