//! `otpost directory …`

use clap::Subcommand;

use super::Context;
use super::error::CliError;
use crate::app::App;
use crate::manage::directories::{self, NewDirectory, Trial};

/// Directories: LDAP and Active Directory.
#[derive(Subcommand)]
pub(super) enum Directory {
    /// Lists who would get no code, and why: no usable address, a shared one, an account that is barred.
    Report {
        /// The resolver.
        resolver: String,
    },
    /// Connects, signs in, looks for people and, if one is named, for their address and groups.
    Test {
        /// The resolver.
        resolver: String,
        /// Somebody in it.
        user: Option<String>,
        /// Also proves that addresses may be written into this attribute, by writing what is there.
        #[arg(long)]
        attribute: Option<String>,
    },
}

pub(super) async fn run(app: &App, context: &Context, verb: Directory) -> Result<(), CliError> {
    match verb {
        Directory::Report { resolver } => report(app, context, &resolver).await,
        Directory::Test { resolver, user, attribute } => {
            let new = find(app, &resolver)?;
            let trial = directories::try_out(app, new, user.as_deref()).await?;
            for line in told(&trial, user.as_deref()) {
                context.out.line(&line)?;
            }
            if let Some(name) = attribute {
                let attribute = domain::provider::AttributeName::parse(&name)
                    .map_err(|error| CliError::usage(format!("{name}: {error}")))?;
                let asked = directories::try_attribute(app, attribute, user.as_deref()).await?;
                context.out.line(&format!("{} may be written in {}", attribute.as_str(), asked.join(", ")))?;
            }
            match (user, trial) {
                (_, Trial { complaint: Some(complaint), .. }) => Err(CliError::no(complaint)),
                (Some(user), Trial { person: None, .. }) => {
                    Err(CliError::not_found(format!("{resolver} has no user {user}")))
                }
                _ => Ok(()),
            }
        }
    }
}

async fn report(app: &App, context: &Context, resolver: &str) -> Result<(), CliError> {
    let report = directories::report(app, resolver).await?;
    let rows: Vec<_> = report.findings.iter().map(|one| vec![one.name.clone(), one.reason.clone()]).collect();
    context.out.table(&["user", "finding"], &rows)?;
    if report.is_cut {
        let reason = "and there are more people: raise the size limit of the account that looks up, then ask again";
        return Err(CliError::no(format!("{resolver} lists {} people at once, {reason}", report.people)));
    }
    Ok(())
}

fn find(app: &App, resolver: &str) -> Result<NewDirectory, CliError> {
    let settings = app.settings();
    let stored = settings.directories.iter().find(|stored| stored.resolver == resolver);
    let missing =
        || CliError::not_found(format!("there is no directory {resolver}; resolvers of users kept here need no test"));
    stored.map(NewDirectory::from).ok_or_else(missing)
}

fn told(trial: &Trial, user: Option<&str>) -> Vec<String> {
    let more = if trial.has_more { "more than " } else { "" };
    let mut lines = vec![format!("the directory answers; {more}{} people", trial.people)];
    if let (Some(_), Some(person)) = (user, &trial.person) {
        let address = match &person.address {
            Ok(address) => address.masked(),
            Err(none) => none.to_string(),
        };
        lines.push(format!("entry     {}", person.dn));
        lines.push(format!("standing  {}", person.standing.as_str()));
        lines.push(format!("address   {address}"));
        lines.extend(trial.groups.iter().map(|group| format!("group     {group}")));
    }
    lines
}
