//! One SMTP dialogue of the demo's mailbox: EHLO, HELO, MAIL, RCPT, DATA, RSET, NOOP, QUIT. Owns the
//! limits towards whoever connects; judges no address and stores nothing itself.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::Mailbox;

/// Speaks until QUIT, silence, a broken connection or a peer that goes too far.
pub(super) async fn serve(stream: TcpStream, mailbox: &Mailbox) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let mut session =
        Session { input: BufReader::new(read), output: BufWriter::new(write), from: None, to: Vec::new() };
    session.say("220 otpost demo mailbox ESMTP").await?;
    loop {
        let line = session.line(COMMAND_OCTETS).await?;
        // What is not UTF-8 is no command we know.
        let line = std::str::from_utf8(&line).unwrap_or_default();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => session.hello(HELLO).await?,
            "HELO" => session.hello("250 otpost").await?,
            "MAIL" => session.mail(rest).await?,
            "RCPT" => session.rcpt(rest).await?,
            "DATA" => session.data(mailbox).await?,
            "RSET" => session.hello("250 2.0.0 forgotten").await?,
            "NOOP" => session.say("250 2.0.0 ok").await?,
            "QUIT" => {
                session.say("221 2.0.0 bye").await?;
                return session.output.flush().await;
            }
            _ => session.say("500 5.5.1 unknown command").await?,
        }
    }
}

/// What is known of the message to come.
struct Session {
    input: BufReader<OwnedReadHalf>,
    output: BufWriter<OwnedWriteHalf>,
    from: Option<String>,
    to: Vec<String>,
}

impl Session {
    async fn say(&mut self, reply: &str) -> io::Result<()> {
        write_line(&mut self.output, reply).await
    }

    /// The next line without its end. Replies go out before we wait, all that are due together.
    async fn line(&mut self, cap: usize) -> io::Result<Vec<u8>> {
        if self.input.buffer().is_empty() {
            self.output.flush().await?;
        }
        timeout(SILENCE, read_line(&mut self.input, cap)).await.map_err(|_| io::ErrorKind::TimedOut)?
    }

    /// Answers and forgets any message begun (RFC 5321 section 4.1.4).
    async fn hello(&mut self, reply: &str) -> io::Result<()> {
        self.forget();
        self.say(reply).await
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        match path(rest, "FROM:") {
            _ if self.from.is_some() => self.say("503 5.5.1 one message at a time").await,
            Some(from) => {
                self.from = Some(from.to_owned());
                self.say("250 2.1.0 ok").await
            }
            None => self.say("501 5.5.4 syntax: MAIL FROM:<address>").await,
        }
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        match path(rest, "TO:") {
            _ if self.from.is_none() => self.say("503 5.5.1 MAIL first").await,
            _ if self.to.len() >= RECIPIENTS => self.say("452 4.5.3 too many recipients").await,
            Some(to) if !to.is_empty() => {
                self.to.push(to.to_owned());
                self.say("250 2.1.5 ok").await
            }
            _ => self.say("501 5.5.4 syntax: RCPT TO:<address>").await,
        }
    }

    async fn data(&mut self, mailbox: &Mailbox) -> io::Result<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first").await;
        }
        self.say("354 end with a line that holds a dot").await?;
        let mut raw = Vec::new();
        loop {
            let line = self.line(TEXT_OCTETS).await?;
            if line == b"." {
                break;
            }
            // RFC 5321 section 4.5.2: a dot was put before every line that begins with one.
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            raw.extend_from_slice(b"\r\n");
            if raw.len() > MESSAGE_OCTETS {
                self.say("552 5.3.4 message too big").await?;
                self.output.flush().await?;
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        mailbox.put(self.from.as_deref().unwrap_or_default(), &self.to, &raw);
        self.forget();
        self.say("250 2.0.0 kept").await
    }
}

async fn write_line(output: &mut (impl AsyncWrite + Unpin), reply: &str) -> io::Result<()> {
    output.write_all(reply.as_bytes()).await?;
    output.write_all(b"\r\n").await
}

/// One line of at most `cap` octets, without its end. Only CRLF ends a line: a server that also
/// takes a bare LF is one that messages can be smuggled into.
async fn read_line(input: &mut (impl AsyncBufRead + Unpin), cap: usize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let chunk = input.fill_buf().await?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let taken = chunk.iter().position(|byte| *byte == b'\n').map_or(chunk.len(), |end| end + 1);
        line.extend_from_slice(chunk.get(..taken).unwrap_or_default());
        input.consume(taken);
        if let Some(body) = line.strip_suffix(b"\r\n") {
            return Ok(body.to_vec());
        }
        if line.len() > cap {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// The address of `FROM:<address> PARAMETERS`.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<&'a str> {
    let (head, tail) = rest.split_at_checked(keyword.len())?;
    let inner = tail.trim_start().strip_prefix('<')?;
    let (address, _) = inner.split_once('>')?;
    head.eq_ignore_ascii_case(keyword).then_some(address)
}

const HELLO: &str =
    "250-otpost\r\n250-PIPELINING\r\n250-SIZE 1048576\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES";

/// The longest command line, in octets.
const COMMAND_OCTETS: usize = 2048;

/// The longest line of a message, in octets; RFC 5321 section 4.5.3.1.6 knows 1000.
const TEXT_OCTETS: usize = 8192;

/// The biggest message, in octets.
const MESSAGE_OCTETS: usize = 1024 * 1024;

/// The most recipients of one message.
const RECIPIENTS: usize = 50;

/// How long a peer may say nothing.
const SILENCE: Duration = Duration::from_mins(1);
