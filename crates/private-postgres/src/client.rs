//! Statements through `psql`: enough to make databases and to look into them.

use std::io::{Error, Result, Write};
use std::process::Stdio;
use std::thread;

use crate::programs::Programs;

/// Runs statements one by one and answers the rows of all of them; NULL is an empty text.
pub fn query(url: &str, sql: &str) -> Result<Vec<Vec<String>>> {
    let mut command = Programs::find()?.psql();
    let (url, password) = without_password(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-"]);
    command.arg(format!("--field-separator={FIELD}")).arg(format!("--record-separator={RECORD}")).arg(url);
    command.env("PGCONNECT_TIMEOUT", "10").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (input, text) = (child.stdin.take(), sql.to_owned());
    let writer = thread::spawn(move || input.map_or(Ok(()), |mut input| input.write_all(text.as_bytes())));
    let output = child.wait_with_output()?;
    // Who stops at an error does not read the rest.
    drop(writer.join());
    if !output.status.success() {
        return Err(Error::other(String::from_utf8(output.stderr).map_err(Error::other)?.trim().to_owned()));
    }
    let text = String::from_utf8(output.stdout).map_err(Error::other)?;
    let rows = text.split(RECORD).map(|row| row.trim_matches('\n')).filter(|row| !row.is_empty());
    Ok(rows.map(|row| row.split(FIELD).map(str::to_owned).collect()).collect())
}

/// The first field of the first row.
pub fn query_one(url: &str, sql: &str) -> Result<String> {
    let first = query(url, sql)?.into_iter().flatten().next();
    first.ok_or_else(|| Error::other(format!("no row for: {sql}")))
}

/// The URL for the command line, which others can see, and the password it held.
fn without_password(url: &str) -> (String, Option<&str>) {
    let split = || {
        let (scheme, rest) = url.split_once("://")?;
        let (user, rest) = rest.split_once('@')?;
        let (user, password) = user.split_once(':')?;
        // One with escapes stays where it can be read.
        let is_plain = password.bytes().all(|octet| octet.is_ascii_alphanumeric());
        is_plain.then(|| (format!("{scheme}://{user}@{rest}"), Some(password)))
    };
    split().unwrap_or_else(|| (url.to_owned(), None))
}

const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_from_the_command_line() {
        assert_eq!(without_password("postgres://u:p1@h:1/d?a=b"), ("postgres://u@h:1/d?a=b".to_owned(), Some("p1")));
        assert_eq!(without_password("postgres://u@h:1/d"), ("postgres://u@h:1/d".to_owned(), None));
    }
}
