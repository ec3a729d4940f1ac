//! `otpost admin …`

use clap::Subcommand;

use super::error::CliError;
use super::{Context, by, secret_input};
use crate::app::App;
use crate::config::Http;
use crate::manage::admins::{self, invitations};

/// Administrators.
#[derive(Subcommand)]
pub(super) enum Admin {
    /// Adds an administrator.
    Add(NameAndPassword),
    /// Prints a link at which the first administrator chooses a name and a password: once, within 15 minutes.
    Invite,
    /// Lists administrators.
    List,
    /// Removes an administrator; the last one stays.
    Remove {
        /// The name.
        name: String,
    },
    /// Gives an administrator a new password.
    Reset(NameAndPassword),
}

/// A name, with the password on standard input.
#[derive(clap::Args)]
pub(super) struct NameAndPassword {
    /// The name.
    name: String,
    /// Read the password from standard input (8 to 128 characters).
    #[arg(long, required = true)]
    password_stdin: bool,
}

pub(super) async fn run(app: &App, context: &Context, verb: Admin) -> Result<(), CliError> {
    match verb {
        Admin::Add(NameAndPassword { name, .. }) => {
            admins::add(app, &by("admin add"), &name, &secret_input::read_line("Password")?).await?;
            context.out.line(&format!("administrator {name} added"))
        }
        Admin::Invite => {
            let (token, _) = invitations::invite(app, &by("admin invite")).await?;
            context.out.line(&format!("{}/console/invitation?token={}", address(&app.config.http), token.expose()))
        }
        Admin::List => {
            let row = |admin: &admins::Admin| {
                let enabled = if admin.is_enabled { "yes" } else { "no" };
                vec![
                    admin.id.to_string(),
                    admin.name.as_str().to_owned(),
                    admin.rights.level.as_str().to_owned(),
                    enabled.to_owned(),
                ]
            };
            let rows: Vec<_> = app.store.list_admins().await?.iter().map(row).collect();
            context.out.table(&["id", "name", "level", "enabled"], &rows)
        }
        Admin::Remove { name } => {
            context.confirm(&format!("Remove administrator {name}?"))?;
            admins::remove(app, &by("admin remove"), &name).await?;
            context.out.line(&format!("administrator {name} removed"))
        }
        Admin::Reset(NameAndPassword { name, .. }) => {
            admins::reset(app, &by("admin reset"), &name, &secret_input::read_line("Password")?).await?;
            context.out.line(&format!("administrator {name} has a new password"))
        }
    }
}

/// Where browsers find the server: as people come to it, or on this machine.
fn address(http: &Http) -> String {
    let scheme = if http.tls.is_some() { "https" } else { "http" };
    http.public_url.as_ref().map_or_else(|| format!("{scheme}://{}", http.listen), |url| url.as_str().to_owned())
}
