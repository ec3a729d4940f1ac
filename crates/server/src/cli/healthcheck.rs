//! `otpost healthcheck`: needs no curl in a container.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Context;
use super::error::CliError;

pub(super) fn run(context: &Context) -> Result<(), CliError> {
    let address = context.load()?.manage.listen;
    let answer = ask(address).map_err(|error| CliError::unreachable(format!("no answer from {address}: {error}")))?;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        return Err(CliError::no(format!("not ready: HTTP {status}")));
    }
    context.out.value("status", "ready")
}

fn ask(address: std::net::SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MOST_OCTETS).read_to_string(&mut answer)?;
    Ok(answer)
}

const PATIENCE: Duration = Duration::from_secs(2);
const MOST_OCTETS: u64 = 64 * 1024;
