//! A lean HTTP/1.1 client: one connection, kept or not, form bodies out, whole answers in.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A caller's connection to the server under load.
pub(crate) struct Client {
    server: SocketAddr,
    is_kept: bool,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Client {
    /// A client that keeps its connection or not.
    pub(crate) fn new(server: SocketAddr, is_kept: bool) -> Self {
        Self { server, is_kept, stream: None, buffer: Vec::with_capacity(4096) }
    }

    /// POSTs a form and answers with the body.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> anyhow::Result<&str> {
        self.send(path, "", form).await
    }

    /// The same with an API key or an access token.
    pub(crate) async fn post_as(&mut self, authorization: &str, path: &str, form: &str) -> anyhow::Result<&str> {
        self.send(path, &format!("Authorization: {authorization}\r\n"), form).await
    }

    /// POSTs a form for somebody whose browser is at that address; answers with the status alone.
    pub(crate) async fn post_for(&mut self, browser: IpAddr, path: &str, form: &str) -> anyhow::Result<u16> {
        Ok(self.exchange(path, &format!("X-Forwarded-For: {browser}\r\n"), form).await?.status)
    }

    async fn send(&mut self, path: &str, header: &str, form: &str) -> anyhow::Result<&str> {
        let answer = self.exchange(path, header, form).await?;
        let body = std::str::from_utf8(self.buffer.get(answer.body..).unwrap_or_default());
        let body = body.context("the answer is text")?;
        if answer.status == 200 { Ok(body) } else { bail!("{}", body.get(..400).unwrap_or(body)) }
    }

    async fn exchange(&mut self, path: &str, header: &str, form: &str) -> anyhow::Result<Head> {
        // A server closes what has long been idle.
        let is_open =
            |kept: &TcpStream| kept.try_read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        let mut stream = if let Some(kept) = self.stream.take().filter(is_open) {
            kept
        } else {
            let fresh = TcpStream::connect(self.server).await?;
            fresh.set_nodelay(true)?;
            fresh
        };
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n{header}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let answer = read_answer(&mut stream, &mut self.buffer).await?;
        if self.is_kept && !answer.closes {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// What the head of an answer says.
#[derive(Default)]
struct Head {
    status: u16,
    closes: bool,
    /// Where the body begins; 0 until that is known.
    body: usize,
    length: usize,
}

/// Reads one whole answer into `buffer`.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<Head> {
    buffer.clear();
    let mut head = Head::default();
    while head.body == 0 || buffer.len() < head.body + head.length {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        if head.body == 0
            && let Some(at) = find(buffer, b"\r\n\r\n")
        {
            head = read_head(buffer.get(..at).unwrap_or_default())?;
            head.body = at + 4;
        }
    }
    Ok(head)
}

fn read_head(bytes: &[u8]) -> anyhow::Result<Head> {
    let text = std::str::from_utf8(bytes)?.to_ascii_lowercase();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    Ok(Head {
        status: text.get(9..12).context("a status")?.parse()?,
        closes: value("connection:") == Some("close"),
        body: 0,
        length: value("content-length:").context("a length")?.parse()?,
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
