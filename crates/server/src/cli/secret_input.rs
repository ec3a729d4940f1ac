//! Secrets come from standard input, never from arguments.

use std::io::{BufRead, IsTerminal, Write};

use domain::secret::Secret;
use zeroize::Zeroizing;

use super::error::CliError;

/// One line of standard input, without its line end.
pub(super) fn read_line(what: &str) -> Result<Secret, CliError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        drop(write!(std::io::stderr(), "{what}: "));
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().read_line(&mut line)?;
    if read == 0 {
        return Err(CliError::usage(format!("{what}: standard input is empty")));
    }
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

/// Asks a yes-or-no question on the terminal; without one the answer is no.
pub(super) fn confirm(question: &str) -> Result<bool, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::usage(format!("{question} Say --yes to go on")));
    }
    drop(write!(std::io::stderr(), "{question} [y/N] "));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
