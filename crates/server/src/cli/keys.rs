//! `otpost keys …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use crate::keys;
use crate::os::OsRandom;

/// The key file.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Writes a new key to `[keys].file`, mode 0600. Never replaces one.
    New,
}

pub(super) fn run(context: &Context, verb: &Keys) -> Result<(), CliError> {
    let Keys::New = verb;
    let file = context.load()?.keys.file;
    keys::create(&file, &OsRandom)?;
    let path = file.display();
    context.out.line(&format!("key written to {path}; keep a copy apart from the database, without it nothing opens"))
}
