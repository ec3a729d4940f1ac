//! `otpost user import FILE`: all of the file or nothing of it.

use std::path::PathBuf;

use domain::address::MailAddress;
use domain::name::UserName;
use serde::Deserialize;

use super::super::error::CliError;
use super::super::{Context, by};
use super::resolver_for;
use crate::app::App;
use crate::manage::enrollments::{self, NewEnrollment};
use crate::manage::users::{self, NewUser};

/// A CSV file of users.
#[derive(clap::Args)]
pub(in crate::cli) struct Import {
    /// The file, with a header line; columns in any order.
    file: PathBuf,
    /// Enroll each user at the address in the file.
    #[arg(long)]
    enroll: bool,
    /// The resolver that will hold the users.
    #[arg(long)]
    resolver: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    given_name: String,
    #[serde(default)]
    surname: String,
}

pub(in crate::cli) async fn run(app: &App, context: &Context, import: &Import) -> Result<(), CliError> {
    let lines = read(import)?;
    let resolver = resolver_for(app, import.resolver.clone()).await?;
    check_free(app, &resolver, &lines).await?;
    let count = lines.len();
    for line in lines {
        let new = NewUser {
            resolver: resolver.clone(),
            name: line.name.clone(),
            email: line.email.clone(),
            given_name: line.given_name,
            surname: line.surname,
            ..NewUser::default()
        };
        users::add(app, &by("user import"), new).await?;
        if import.enroll {
            enroll(app, &line.name).await?;
        }
    }
    context.out.line(&format!("{count} users added"))
}

async fn enroll(app: &App, name: &str) -> Result<(), CliError> {
    let owner = users::find_owner(app, name, None).await?;
    let new = NewEnrollment { owner, is_address_dynamic: true, ..NewEnrollment::default() };
    enrollments::enroll(app, &by("user import"), new).await?;
    Ok(())
}

/// Every fault of the file at once, with its line.
fn read(import: &Import) -> Result<Vec<Line>, CliError> {
    let shown = import.file.display();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(&import.file)
        .map_err(|error| CliError::unreachable(format!("{shown} cannot be read: {error}")))?;
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (2..).zip(reader.deserialize::<Line>()) {
        match line.map_err(|error| error.to_string()).and_then(|line| check(line, import.enroll)) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(format!("{shown}:{number}: {fault}")),
        }
    }
    if faults.is_empty() { Ok(lines) } else { Err(CliError::usage(faults.join("\n"))) }
}

fn check(line: Line, needs_address: bool) -> Result<Line, String> {
    UserName::parse(&line.name).map_err(|error| format!("name: {error}"))?;
    if needs_address || !line.email.is_empty() {
        MailAddress::parse(&line.email).map_err(|error| format!("email: {error}"))?;
    }
    Ok(line)
}

async fn check_free(app: &App, resolver: &str, lines: &[Line]) -> Result<(), CliError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut taken = Vec::new();
    for line in lines {
        let Ok(name) = UserName::parse(&line.name) else {
            continue;
        };
        let key = name.canonical();
        if app.store.find_account(resolver, &key).await?.is_some() || !seen.insert(key) {
            taken.push(line.name.as_str());
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    Err(CliError::conflict(format!("nothing was imported; taken, or twice in the file: {}", taken.join(", "))))
}
