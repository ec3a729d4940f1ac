//! `otpost radius watch`: the packets that come to the running server, and what is wrong with them.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::reachable;
use crate::cli::Context;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::keys::Keys;
use crate::radius::doctor::Doctor;
use crate::radius::sighting::{Came, Facts, Sighting};

/// Shows lines until the server ends, or nobody reads them any more.
pub(super) fn run(context: &Context) -> Result<(), CliError> {
    let config = context.load()?;
    let keys = Keys::load(&config.keys.file)?;
    let at = reachable(config.manage.listen);
    let lines = ask(at, keys.watch_pass().expose())?;
    if !context.out.is_json() {
        context.out.line("watching; Ctrl-C ends it")?;
    }
    let mut doctor = Doctor::default();
    for line in lines {
        let line = line.map_err(|error| CliError::unreachable(format!("{at} says no more: {error}")))?;
        if !line.is_empty() && !Output::stream(&shown(context, &mut doctor, &line))? {
            break;
        }
    }
    Ok(())
}

/// What to print of one line of the server.
fn shown(context: &Context, doctor: &mut Doctor, line: &str) -> String {
    let Ok(sighting) = serde_json::from_str::<Sighting>(line) else {
        return printable(line);
    };
    let findings = doctor.examine(&sighting);
    if !context.out.is_json() {
        return told(&sighting, &findings);
    }
    let mut value = serde_json::from_str::<Value>(line).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("findings".to_owned(), findings.into());
    }
    value.to_string()
}

/// One line about the packet, and one for each finding.
fn told(sighting: &Sighting, findings: &[String]) -> String {
    let at = jiff::Timestamp::from_millisecond(sighting.at).unwrap_or_default().strftime("%H:%M:%S");
    let client = sighting.client.as_deref().unwrap_or("?");
    let packet = sighting.packet.as_ref().map_or_else(|| "what is no packet".to_owned(), described);
    let came = match &sighting.came {
        Came::Answered { outcome, milliseconds } => format!("{outcome} after {milliseconds} ms"),
        Came::Copy => "a copy".to_owned(),
        Came::Failed => "silence".to_owned(),
        Came::Dropped { reason, .. } => format!("silence ({reason})"),
    };
    let line = format!("{at} {client} {} {} {packet}: {came}", sighting.source, sighting.over);
    let findings = findings.iter().map(|finding| format!("\n         ! {}", printable(finding)));
    printable(&line) + &findings.collect::<String>()
}

fn described(packet: &Facts) -> String {
    let mut words = vec![format!("{} {}", packet.kind, packet.id), packet.method.clone()];
    words.extend(packet.user.clone());
    words.extend(packet.nas.as_ref().map(|nas| format!("NAS {nas}")));
    words.extend(packet.has_state.then(|| "State".to_owned()));
    words.extend(packet.is_proxied.then(|| "through a proxy".to_owned()));
    words.join(", ")
}

/// Names come from a network: nothing in them may move a cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Asks the server; its lines as they come.
fn ask(at: SocketAddr, pass: &str) -> Result<impl Iterator<Item = std::io::Result<String>> + use<>, CliError> {
    let lost = |error: std::io::Error| CliError::unreachable(format!("no answer from {at} (manage.listen): {error}"));
    let mut stream = TcpStream::connect_timeout(&at, PATIENCE).map_err(lost)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(lost)?;
    // HTTP/1.0: lines come as they are, and the end is the end of the connection.
    let request = format!("GET /radius/watch HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {pass}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(lost)?;
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next().transpose().map_err(lost)?.unwrap_or_default();
    match status.split(' ').nth(1) {
        Some("200") => {}
        Some("403") => {
            return Err(CliError::not_permitted(format!("{at} does not let this program watch: another key file?")));
        }
        Some("503") => return Err(CliError::conflict("enough programs watch already; end one of them")),
        _ => {
            return Err(CliError::unreachable(format!(
                "{at} (manage.listen) does not know how to be watched: {status}"
            )));
        }
    }
    for line in lines.by_ref() {
        if line.map_err(lost)?.is_empty() {
            break;
        }
    }
    Ok(lines)
}

/// Longer than the pause after which the server gives a sign of life.
const PATIENCE: Duration = Duration::from_secs(30);
