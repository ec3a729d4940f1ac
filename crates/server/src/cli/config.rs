//! `otpost config …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use super::output::Output;
use crate::config;

/// The configuration.
#[derive(Subcommand)]
pub(super) enum ConfigVerb {
    /// Checks it and names every error at once.
    Check,
    /// Explains every key: type, default, unit, environment variable.
    Reference,
    /// Shows what applies and where it comes from, secrets hidden.
    Show,
}

pub(super) fn run(context: &Context, verb: &ConfigVerb) -> Result<(), CliError> {
    match verb {
        ConfigVerb::Check => {
            context.load()?;
            context.out.line("the configuration is good")
        }
        ConfigVerb::Reference => Output::text(&config::reference()),
        ConfigVerb::Show => Output::text(&context.load()?.show()),
    }
}
