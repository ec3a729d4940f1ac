//! `cargo xtask tidy`: the rules of the house that no compiler knows. Here is the reading and the telling;
//! each rule is a file of its own below and touches nothing.

mod contract;
mod finding;
mod header;
mod imports;
mod leftovers;
mod length;
mod lex;
mod machine;
mod migrations;
mod secrets;
mod source;
mod sql;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell;
use finding::{Finding, Severity};
use source::{Source, has_extension};

/// Rules that look at one file at a time.
const RULES: [fn(&Source) -> Vec<Finding>; 6] =
    [header::check, imports::check, leftovers::check, length::check, secrets::check, sql::check];

/// Reads the repository, applies every rule and tells what was found; fails when one of them does.
pub(crate) fn run(root: &Path) -> Result<()> {
    let sources = read_sources(root)?;
    let mut findings: Vec<Finding> = sources.iter().flat_map(|source| judge(source, root)).collect();
    findings.extend(contract::check(&sources));
    findings.extend(check_migrations(root, &sources)?);
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    tell(&findings, sources.len())
}

/// Writes the list of released migrations anew from the files there are.
pub(crate) fn bless(root: &Path) -> Result<()> {
    let files = migration_files(&read_sources(root)?);
    if files.is_empty() {
        bail!("there is no migration under {} to bless", migrations::FOLDER);
    }
    let path = root.join(migrations::FOLDER).join(migrations::CHECKSUMS);
    fs::write(&path, checksums(root, &files)?).with_context(|| format!("{} could not be written", path.display()))
}

fn judge(source: &Source, root: &Path) -> Vec<Finding> {
    let own = RULES.iter().flat_map(|rule| rule(source));
    own.chain(machine::check(source, &root.display().to_string())).collect()
}

fn tell(findings: &[Finding], files: usize) -> Result<()> {
    for finding in findings {
        match finding.severity {
            Severity::Failure => println!("{finding}"),
            Severity::Warning => println!("{finding} (warning)"),
        }
    }
    let failures = findings.iter().filter(|finding| finding.severity == Severity::Failure).count();
    println!("    {files} files, {failures} failures, {} warnings", findings.len() - failures);
    if failures > 0 {
        bail!("{failures} findings");
    }
    Ok(())
}

/// Every file git knows or would know, if it is text.
fn read_sources(root: &Path) -> Result<Vec<Source>> {
    let words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let listing = shell::capture(shell::program(root, "git").args(words))?;
    let paths = listing.split('\0').filter(|path| !path.is_empty());
    // A file that is deleted but not committed so, or no text, has nothing to judge.
    let sources = paths.filter_map(|path| Some(Source::new(path, &fs::read_to_string(root.join(path)).ok()?)));
    Ok(sources.collect())
}

fn check_migrations(root: &Path, sources: &[Source]) -> Result<Vec<Finding>> {
    let files = migration_files(sources);
    let mut findings = migrations::check_names(&files);
    let list = format!("{}/{}", migrations::FOLDER, migrations::CHECKSUMS);
    if let Some(released) = sources.iter().find(|source| source.path == list) {
        findings.extend(migrations::check_checksums(&released.text, &checksums(root, &files)?));
    }
    Ok(findings)
}

/// The migrations, relative to their folder, in order.
fn migration_files(sources: &[Source]) -> Vec<String> {
    let below = sources.iter().filter_map(|source| source.path.strip_prefix(migrations::FOLDER)?.strip_prefix('/'));
    let mut files: Vec<String> = below.filter(|path| has_extension(path, "sql")).map(str::to_owned).collect();
    files.sort_unstable();
    files
}

fn checksums(root: &Path, files: &[String]) -> Result<String> {
    if files.is_empty() {
        return Ok(String::new());
    }
    shell::capture(shell::program(&root.join(migrations::FOLDER), "sha256sum").arg("--").args(files))
}
