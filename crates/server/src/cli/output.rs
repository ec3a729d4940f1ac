//! What commands print: tables for people, JSON for programs.

use std::io::Write;

use serde_json::Value;

use super::error::CliError;

/// Where and how answers are written.
pub(super) struct Output {
    is_json: bool,
}

impl Output {
    pub(super) fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    /// Whether programs read this.
    pub(super) fn is_json(&self) -> bool {
        self.is_json
    }

    /// One of many lines, as it is. False once nobody reads them any more.
    pub(super) fn stream(text: &str) -> Result<bool, CliError> {
        let mut out = std::io::stdout();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
            written => Ok(written.map(|()| true)?),
        }
    }

    /// One sentence; in JSON an object with it.
    pub(super) fn line(&self, text: &str) -> Result<(), CliError> {
        if self.is_json { print(&serde_json::json!({"message": text}).to_string()) } else { print(text) }
    }

    /// One value, bare; in JSON an object with it under its name.
    pub(super) fn value(&self, name: &str, text: &str) -> Result<(), CliError> {
        if self.is_json { print(&serde_json::json!({name: text}).to_string()) } else { print(text) }
    }

    /// Text as it is, whatever the format.
    pub(super) fn text(text: &str) -> Result<(), CliError> {
        print(text.trim_end())
    }

    /// A list of rows under these columns; in JSON a list of objects.
    pub(super) fn table(&self, columns: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
        if self.is_json {
            let object = |row: &Vec<String>| {
                let pairs =
                    columns.iter().zip(row).map(|(name, value)| ((*name).to_owned(), Value::from(value.clone())));
                Value::Object(pairs.collect())
            };
            return print(&Value::Array(rows.iter().map(object).collect()).to_string());
        }
        let header: Vec<String> = columns.iter().map(|name| name.to_uppercase()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
        let width = |at: usize| all.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns.len()).map(|at| width(at).unwrap_or(0)).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        print(&all.into_iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

/// One line to standard error.
pub(super) fn complain(text: &str) {
    // Nobody is left to tell if standard error is gone.
    drop(writeln!(std::io::stderr(), "otpost: {text}"));
}

fn print(text: &str) -> Result<(), CliError> {
    match writeln!(std::io::stdout(), "{text}") {
        // A reader that has seen enough (`head`) is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
