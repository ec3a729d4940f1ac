//! `otpost user import FILE`: a fault in any line of the file, and nobody is added. After that one user is added after
//! the other, each with their lines in the audit; where that ends early, it is said who was added.

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
    let mut added: Vec<&str> = Vec::with_capacity(lines.len());
    for line in &lines {
        if let Err(error) = add(app, import, resolver.clone(), line).await {
            return Err(error.after(&so_far(&added, &line.name)));
        }
        added.push(&line.name);
    }
    context.out.line(&format!("{} users added", added.len()))
}

/// What has become of the lines before the one that failed.
fn so_far(added: &[&str], failed: &str) -> String {
    match added {
        [] => format!("nobody before {failed} was added"),
        [.., last] => format!("{} users up to {last} were added, {failed} may be half done", added.len()),
    }
}

async fn add(app: &App, import: &Import, resolver: String, line: &Line) -> Result<(), CliError> {
    let account = users::add(app, &by("user import"), line.user(resolver)).await?;
    if import.enroll {
        let realm = users::realm_of(&app.settings(), &account.resolver);
        // The one who was just added, and no namesake of theirs.
        let owner = Some((account, realm));
        let new = NewEnrollment { owner, is_address_dynamic: true, ..NewEnrollment::default() };
        enrollments::enroll(app, &by("user import"), new).await?;
    }
    Ok(())
}

impl Line {
    fn user(&self, resolver: String) -> NewUser {
        NewUser {
            resolver,
            name: self.name.clone(),
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            surname: self.surname.clone(),
            ..NewUser::default()
        }
    }
}

/// Every fault of the file at once, with its line.
fn read(import: &Import) -> Result<Vec<Line>, CliError> {
    let shown = import.file.display();
    let file = std::fs::File::open(&import.file).map_err(|error| CliError::file("read", &import.file, &error))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    if reader.headers().is_ok_and(csv::StringRecord::is_empty) {
        return Err(CliError::usage(format!("{shown} is empty; its first line names the columns: name,email")));
    }
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
    for (what, text) in [("given name", &line.given_name), ("surname", &line.surname)] {
        users::check_text(what, text).map_err(|error| error.to_string())?;
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
