//! The stream the SMTP library talks through: one write per command, one line per read, and an end
//! to what a hostile server may send. Owns the socket and its buffers; knows no SMTP beyond the
//! form of a reply line (RFC 5321 section 4.2). Time limits are the caller's.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use zeroize::{Zeroize, Zeroizing};

/// A socket with or without TLS, buffered and bounded.
pub(crate) struct Guard {
    wire: Wire,
    /// Received and not yet handed on; never more than one line and one read.
    inbox: Vec<u8>,
    /// Octets of the line at the head of `inbox` still to be handed on.
    line_left: usize,
    /// Lines and octets of the reply under way.
    lines: usize,
    octets: usize,
    /// Written and not yet flushed. Wiped after the flush: it held credentials and codes.
    outbox: Zeroizing<Vec<u8>>,
    flushed: usize,
}

/// What carries the bytes.
enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Guard {
    /// Guards a connection in clear.
    pub(crate) fn plain(stream: TcpStream) -> Self {
        Self::over(Wire::Plain(stream))
    }

    /// Guards a connection whose handshake is done.
    pub(crate) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self::over(Wire::Tls(Box::new(stream)))
    }

    fn over(wire: Wire) -> Self {
        let inbox = Vec::with_capacity(READ_OCTETS);
        // Room for a usual message, because a buffer that moves leaves an unwiped copy behind.
        let outbox = Zeroizing::new(Vec::with_capacity(OUTBOX_OCTETS));
        Self { wire, inbox, line_left: 0, lines: 0, octets: 0, outbox, flushed: 0 }
    }

    /// Gives the bare socket back for a TLS handshake. Fails if the server has already said more
    /// than its reply: whoever injects a line before the handshake must not be heard after it.
    pub(crate) fn into_socket(self) -> io::Result<TcpStream> {
        match self.wire {
            Wire::Plain(stream) if self.inbox.is_empty() => Ok(stream),
            _ => Err(unasked()),
        }
    }

    /// Whether the connection looks alive and silent, as one kept for reuse must: a closed or a
    /// talking one (421, mostly) is of no use.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let mut byte = [0; 1];
        let mut context = Context::from_waker(Waker::noop());
        let unread = self.wire.poll_read(&mut context, &mut ReadBuf::new(&mut byte));
        unread.is_pending() && self.inbox.is_empty() && self.outbox.is_empty()
    }

    /// Both ends of the connection: ours, theirs.
    pub(crate) fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        let socket = match &self.wire {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.get_ref().0,
        };
        Ok((socket.local_addr()?, socket.peer_addr()?))
    }

    /// Waits until a whole line stands at the head of the inbox and counts it.
    fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let end = self.inbox.iter().take(LINE_OCTETS).position(|&byte| byte == b'\n');
            if let Some(end) = end {
                return Poll::Ready(self.admit_line(end + 1));
            }
            if self.inbox.len() >= LINE_OCTETS {
                return Poll::Ready(Err(excess("a reply line longer than 2 KiB")));
            }
            ready!(self.poll_fill(context))?;
        }
    }

    /// Takes what the socket has, at most one buffer of it.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut chunk = [0; READ_OCTETS];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(self.wire.poll_read(context, &mut chunk))?;
        if chunk.filled().is_empty() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed by the relay")));
        }
        self.inbox.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(()))
    }

    /// Counts one line of `length` octets against the reply it belongs to.
    fn admit_line(&mut self, length: usize) -> io::Result<()> {
        self.lines += 1;
        self.octets += length;
        if self.lines > REPLY_LINES {
            return Err(excess("a reply of more than 100 lines"));
        }
        if self.octets > REPLY_OCTETS {
            return Err(excess("a reply of more than 64 KiB"));
        }
        // RFC 5321 section 4.2.1: a hyphen behind the code says that another line follows.
        if self.inbox.get(3) != Some(&b'-') {
            (self.lines, self.octets) = (0, 0);
        }
        self.line_left = length;
        Ok(())
    }
}

impl AsyncRead for Guard {
    /// Hands on at most one line, so that nothing behind a reply is ever taken for part of it.
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        if guard.line_left == 0 {
            ready!(guard.poll_line(context))?;
        }
        let take = guard.line_left.min(out.remaining());
        out.put_slice(guard.inbox.get(..take).unwrap_or_default());
        guard.inbox.drain(..take);
        guard.line_left -= take;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guard {
    /// Only collects: a command, or a whole message with its final dot, leaves in one write.
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        if !guard.inbox.is_empty() {
            return Poll::Ready(Err(unasked()));
        }
        guard.outbox.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        while let Some(rest) = guard.outbox.get(guard.flushed..).filter(|rest| !rest.is_empty()) {
            match ready!(guard.wire.poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => guard.flushed += written,
            }
        }
        ready!(guard.wire.poll_flush(context))?;
        guard.outbox.zeroize();
        guard.flushed = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().wire {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl Wire {
    fn poll_read(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, out),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, out),
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }
}

fn unasked() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the relay sent lines nobody asked for")
}

fn excess(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the relay sent {what}"))
}

/// The longest reply line, with its line end. RFC 5321 section 4.5.3.1.5 knows 512 octets.
const LINE_OCTETS: usize = 2048;

/// The most lines of one reply.
const REPLY_LINES: usize = 100;

/// The most octets of one reply.
const REPLY_OCTETS: usize = 64 * 1024;

/// Octets asked of the socket at once.
const READ_OCTETS: usize = 2048;

/// Room kept for what is being written.
const OUTBOX_OCTETS: usize = 8 * 1024;
