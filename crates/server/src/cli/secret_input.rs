//! Secrets come from standard input, never from arguments. A terminal does not show them.

use std::io::{BufRead, ErrorKind, IsTerminal, Stdin, Write};

use domain::secret::Secret;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::error::CliError;

/// One line of standard input, without its line end.
pub(super) fn read_line(what: &str) -> Result<Secret, CliError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return ask(&stdin, what);
    }
    let mut line = Zeroizing::new(String::new());
    let read = stdin.lock().read_line(&mut line).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => not_utf8(what),
        _ => error.into(),
    })?;
    if read == 0 {
        return Err(empty(what));
    }
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}

fn ask(terminal: &Stdin, what: &str) -> Result<Secret, CliError> {
    let hidden = Hidden::begin(terminal)?;
    // Only now: what is typed before the question would be thrown away.
    drop(write!(std::io::stderr(), "{what}: "));
    let typed = hidden.read_line()?;
    drop(hidden);
    match typed.last() {
        None => return Err(empty(what)),
        Some(&(INTERRUPT | QUIT)) => return Err(CliError::usage(format!("{what}: broken off"))),
        Some(_) => {}
    }
    let typed = std::str::from_utf8(&typed).map_err(|_| not_utf8(what))?;
    let line = typed.trim_end_matches(['\r', '\n']);
    if line.contains(char::is_control) {
        // Nobody means it, and nobody would see that it is there.
        return Err(CliError::usage(format!("{what}: there is a control character in it")));
    }
    Ok(Secret::new(line))
}

fn not_utf8(what: &str) -> CliError {
    CliError::usage(format!("{what}: this is not UTF-8"))
}

fn empty(what: &str) -> CliError {
    CliError::usage(format!("{what}: standard input is empty"))
}

/// A terminal that does not show what is typed, until this is dropped. No key ends the process meanwhile, for it would
/// leave the terminal as it is: the keys that do so otherwise end the line.
struct Hidden<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a Stdin) -> Result<Self, CliError> {
        let before = tcgetattr(terminal).map_err(std::io::Error::from)?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        modes.local_modes.insert(LocalModes::ICANON | LocalModes::IEXTEN);
        modes.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        modes.special_codes[SpecialCodeIndex::VEOL2] = QUIT;
        tcsetattr(terminal, OptionalActions::Flush, &modes).map_err(std::io::Error::from)?;
        Ok(Self { terminal, before })
    }

    /// What was typed, with what ended it; nothing if that was the end of input.
    fn read_line(&self) -> Result<Zeroizing<Vec<u8>>, CliError> {
        let mut terminal = self.terminal.lock();
        let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let octets = terminal.fill_buf()?;
        typed.extend_from_slice(octets);
        let read = octets.len();
        terminal.consume(read);
        Ok(typed)
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(self.terminal, OptionalActions::Now, &self.before) {
            drop(write!(std::io::stderr(), "the terminal may stay mute, `stty sane` mends it: {error}"));
        }
        // The key that ended the line was not shown either.
        drop(writeln!(std::io::stderr()));
    }
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

/// Ctrl-C.
const INTERRUPT: u8 = 3;
/// Ctrl-\.
const QUIT: u8 = 28;
/// A terminal gives no longer line at once.
const LONGEST_LINE: usize = 4096;
