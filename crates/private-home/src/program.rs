//! Running another program to its end.

use std::io::{Error, Result, Write};
use std::process::{Command, Stdio};
use std::thread;

/// Runs it to its end and answers what it printed; anything but success is an error that names it.
pub fn finish(command: &mut Command) -> Result<String> {
    finish_with(command, "")
}

/// The same, with something to read.
pub fn finish_with(command: &mut Command, input: &str) -> Result<String> {
    let name = command.get_program().to_owned();
    let named = |error| Error::other(format!("{} cannot run: {error}", name.display()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(named)?;
    let (pipe, input) = (child.stdin.take(), input.to_owned());
    let writer = thread::spawn(move || pipe.map_or(Ok(()), |mut pipe| pipe.write_all(input.as_bytes())));
    let output = child.wait_with_output()?;
    // Who stops at an error does not read the rest.
    drop(writer.join());
    let (said, complaint) = (text(output.stdout)?, text(output.stderr)?);
    if !output.status.success() {
        let last = format!("{}{}", said.trim(), complaint.trim());
        return Err(Error::other(format!("{} failed ({}): {last}", name.display(), output.status)));
    }
    Ok(said)
}

fn text(octets: Vec<u8>) -> Result<String> {
    String::from_utf8(octets).map_err(Error::other)
}
