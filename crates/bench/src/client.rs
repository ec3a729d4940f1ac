//! A lean HTTP/1.1 client: one connection, kept or not, form bodies out, whole answers in.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A caller's connection to the server under load.
pub(crate) struct Client {
    server: SocketAddr,
    api_key: String,
    is_kept: bool,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Client {
    /// A client that sends `api_key` with every request and keeps its connection or not.
    pub(crate) fn new(server: SocketAddr, api_key: &str, is_kept: bool) -> Self {
        Self { server, api_key: api_key.to_owned(), is_kept, stream: None, buffer: Vec::with_capacity(4096) }
    }

    /// POSTs a form and answers with the body.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> anyhow::Result<&str> {
        let mut stream = if let Some(kept) = self.stream.take() {
            kept
        } else {
            let fresh = TcpStream::connect(self.server).await?;
            fresh.set_nodelay(true)?;
            fresh
        };
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: otpost\r\nX-API-Key: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.api_key,
            form.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let body = read_answer(&mut stream, &mut self.buffer).await?;
        if self.is_kept {
            self.stream = Some(stream);
        }
        std::str::from_utf8(self.buffer.get(body..).unwrap_or_default()).context("the answer is text")
    }
}

/// Reads one answer into `buffer`; answers where its body begins.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<usize> {
    buffer.clear();
    let (mut body, mut end) = (0, usize::MAX);
    while buffer.len() < end {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        if body == 0
            && let Some(at) = find(buffer, b"\r\n\r\n")
        {
            let head = std::str::from_utf8(buffer.get(..at).unwrap_or_default())?.to_ascii_lowercase();
            if !head.starts_with("http/1.1 200") {
                bail!("{}", head.lines().next().unwrap_or_default());
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            body = at + 4;
            end = body + length.context("a length")?.trim().parse::<usize>()?;
        }
    }
    Ok(body)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
