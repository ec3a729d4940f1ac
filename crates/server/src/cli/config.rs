//! `otpost config …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use super::output::Output;
use crate::config::{self, Config};

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
            Config::check(context.source(), config::process_environment())?;
            context.out.line("the configuration is good")
        }
        ConfigVerb::Reference if context.out.is_json() => context.out.table(&config::columns(), &config::rows()),
        ConfigVerb::Reference => Output::text(&config::reference()),
        ConfigVerb::Show if context.out.is_json() => Output::text(&as_json(&context.load()?.show())?),
        ConfigVerb::Show => Output::text(&context.load()?.show()),
    }
}

/// What is shown is TOML; where values come from stands in its comments and is left out.
fn as_json(shown: &str) -> Result<String, CliError> {
    let values: serde_json::Value = toml::from_str(shown).map_err(|error| {
        CliError::configuration(format!("what applies cannot be told as JSON: {}", error.message()))
    })?;
    Ok(values.to_string())
}
