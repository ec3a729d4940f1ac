//! A lean SMTP sink: takes every mail and hands the code in it to whoever waits for the recipient.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Who waits for the next code to an address, and how many mails came.
#[derive(Clone, Default)]
pub(crate) struct Codes {
    waiting: Arc<Mutex<HashMap<String, oneshot::Sender<String>>>>,
    mails: Arc<AtomicU64>,
}

impl Codes {
    /// The next code that is mailed to `address`.
    pub(crate) fn next_to(&self, address: &str) -> oneshot::Receiver<String> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(address.to_owned(), sender);
        receiver
    }

    /// Mails taken so far.
    pub(crate) fn mails(&self) -> u64 {
        self.mails.load(Ordering::Relaxed)
    }

    // tidy: not a secret, because the codes of a load driver are made up
    fn arrived(&self, address: &str, code: &str) {
        self.mails.fetch_add(1, Ordering::Relaxed);
        if let Some(waiting) = self.lock().remove(address) {
            drop(waiting.send(code.to_owned()));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<String>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the sink on a free port.
#[expect(clippy::disallowed_methods, reason = "a load driver has no shutdown to track tasks for")]
pub(crate) async fn start(codes: Codes) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, codes.clone()));
        }
    });
    Ok(address)
}

/// One session. The client pipelines, so a read may hold several commands.
async fn converse(mut stream: TcpStream, codes: Codes) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(b"220 sink\r\n").await?;
    let (mut input, mut in_data, mut to) = (Vec::with_capacity(8192), false, String::new());
    while stream.read_buf(&mut input).await? > 0 {
        let mut output = Vec::new();
        loop {
            let end: &[u8] = if in_data { b"\r\n.\r\n" } else { b"\r\n" };
            let Some(at) = input.windows(end.len()).position(|window| window == end) else { break };
            let unit: Vec<u8> = input.drain(..at + end.len()).collect();
            if in_data {
                in_data = false;
                codes.arrived(&to, &code_in(&unit));
                output.extend_from_slice(b"250 taken\r\n");
                continue;
            }
            match unit.get(..4).unwrap_or_default().to_ascii_uppercase().as_slice() {
                b"EHLO" => output.extend_from_slice(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n"),
                b"RCPT" => {
                    let line = String::from_utf8(unit)?;
                    line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                    output.extend_from_slice(b"250 ok\r\n");
                }
                b"DATA" => {
                    in_data = true;
                    output.extend_from_slice(b"354 go on\r\n");
                }
                b"QUIT" => return Ok(stream.write_all(b"221 bye\r\n").await?),
                _ => output.extend_from_slice(b"250 ok\r\n"),
            }
        }
        stream.write_all(&output).await?;
    }
    Ok(())
}

/// The first line of six digits, plain or in Base64.
fn code_in(message: &[u8]) -> String {
    let mut lines = message.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.find_map(|line| six_digits(line.to_vec()).or_else(|| six_digits(decode(line)?))).unwrap_or_default()
}

fn decode(line: &[u8]) -> Option<Vec<u8>> {
    if line.len() == 8 { STANDARD.decode(line).ok() } else { None }
}

fn six_digits(line: Vec<u8>) -> Option<String> {
    let are_digits = line.len() == 6 && line.iter().all(u8::is_ascii_digit);
    if are_digits { String::from_utf8(line).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_plain_and_in_base64() {
        assert_eq!(code_in(b"Subject: 1\r\n\r\nYour code is\r\n\r\n012345\r\n.\r\n"), "012345");
        assert_eq!(code_in(b"Subject: Your OTP\r\n\r\nMDI3MDYz\r\n.\r\n"), "027063");
        assert_eq!(code_in(b"Subject: 1\r\n\r\nSomebody\r\n1234567\r\n.\r\n"), "");
    }
}
