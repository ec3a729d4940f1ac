//! One connection to one server: opened, protected, and used for one operation after the other. What a server
//! sends is bounded in size and in time; a connection on which anything was odd is not used again.

use std::time::Duration;

use domain::secret::Secret;
use ldap_wire::reply::{Body, Entry, Outcome, Reply, code};
use ldap_wire::request::{Modify, Request, Search};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use zeroize::Zeroizing;

use super::error::{Fault, code_in_words};
use super::settings::{Security, Server};
use crate::tls::peer::{Peer, TlsError, Trust};

/// What a search has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    /// Whether there are more that the server does not list.
    pub(super) is_cut: bool,
}

/// An open connection.
pub(super) struct Connection<S = Box<dyn Stream>> {
    stream: S,
    buffer: Vec<u8>,
    last_id: u32,
    limit: Duration,
    /// When it was last of use.
    pub(super) used_at: Instant,
}

/// The way to a server, in clear or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Connection {
    /// Connects and protects. `limit` bounds each operation later on.
    pub(super) async fn open(server: &Server, trust: Option<&Trust>, limit: Duration) -> Result<Self, Fault> {
        let lost =
            |what: String| Fault::Lost(format!("cannot connect to {} port {}: {what}", server.host, server.port));
        let connecting = TcpStream::connect((server.host.as_str(), server.port));
        let socket = timeout(CONNECT, connecting).await.map_err(|_| lost("no answer in time".to_owned()))?;
        let socket = socket.map_err(|error| lost(error.to_string()))?;
        socket.set_nodelay(true).map_err(|error| lost(error.to_string()))?;
        let peer = Peer { host: &server.host, port: server.port };
        let stream: Box<dyn Stream> = match (server.security, trust) {
            (Security::Plaintext, _) => Box::new(socket),
            (_, None) => return Err(Fault::Unusable("TLS is not usable on this machine".to_owned())),
            (Security::Implicit, Some(trust)) => Box::new(trust.shake_hands(peer, socket, TLS).await?),
            (Security::StartTls, Some(trust)) => {
                let socket = start_tls(socket, limit).await?;
                Box::new(trust.shake_hands(peer, socket, TLS).await?)
            }
        };
        Ok(Self::over(stream, limit))
    }

    /// Says who we are. An empty password proves nothing, and servers answer "success" to it (RFC 4513 section
    /// 5.1.2): it never gets here.
    pub(super) async fn bind(&mut self, name: &str, password: &Secret) -> Result<Outcome, Fault> {
        let password = password.expose();
        if name.is_empty() || password.is_empty() || password.contains('\0') {
            return Err(Fault::Refused("nobody is asked about without a name and a password".to_owned()));
        }
        self.perform(&Request::Bind { name, password: password.as_bytes() }).await.map(|(_, outcome)| outcome)
    }

    /// Entries that fit. A search whose base is not there finds nothing.
    pub(super) async fn search(&mut self, search: &Search<'_>) -> Result<Found, Fault> {
        let (entries, outcome) = self.perform(&Request::Search(search)).await?;
        match outcome.code {
            code::SUCCESS => Ok(Found { entries, is_cut: false }),
            code::SIZE_LIMIT_EXCEEDED => Ok(Found { entries, is_cut: true }),
            code::NO_SUCH_OBJECT => Ok(Found::default()),
            code::BUSY | code::UNAVAILABLE => Err(Fault::Lost(code_in_words(outcome.code))),
            other => Err(Fault::Refused(format!("the search was refused: {}", code_in_words(other)))),
        }
    }

    /// Changes one attribute.
    pub(super) async fn modify(&mut self, modify: &Modify<'_>) -> Result<Outcome, Fault> {
        self.perform(&Request::Modify(modify)).await.map(|(_, outcome)| outcome)
    }

    /// Says goodbye, without waiting.
    pub(super) async fn close(mut self) {
        let message = Request::Unbind.encode(self.last_id + 1);
        // A server that is gone has nothing to be told.
        drop(timeout(CONNECT, self.stream.write_all(&message)).await);
    }
}

impl<S: Stream> Connection<S> {
    fn over(stream: S, limit: Duration) -> Self {
        Self { stream, buffer: Vec::new(), last_id: 0, limit, used_at: Instant::now() }
    }

    /// One operation: the request, and everything up to its end.
    async fn perform(&mut self, request: &Request<'_>) -> Result<(Vec<Entry>, Outcome), Fault> {
        self.last_id += 1;
        let message = Zeroizing::new(request.encode(self.last_id));
        let end = Instant::now() + self.limit;
        let late = |_| Fault::Lost("no answer in time".to_owned());
        timeout_at(end, self.stream.write_all(&message)).await.map_err(late)?.map_err(|error| cut_off(&error))?;
        let (mut entries, mut octets) = (Vec::new(), 0);
        loop {
            let is_first = octets == 0;
            let ended = |fault: Fault| if is_first { fault } else { fault.midway() };
            let (reply, length) = timeout_at(end, self.next()).await.map_err(late)?.map_err(ended)?;
            octets += length;
            if octets > MOST_OCTETS {
                return Err(Fault::Lost("an answer without an end".to_owned()));
            }
            match reply.body {
                _ if reply.id == 0 => return Err(ended(Fault::Closed("the server ends the connection".to_owned()))),
                _ if reply.id != self.last_id => return Err(Fault::Lost("an answer to nothing we asked".to_owned())),
                Body::Entry(entry) => entries.push(entry),
                Body::Done(outcome) => {
                    self.used_at = Instant::now();
                    return Ok((entries, outcome));
                }
                // Pointers to other servers are not followed.
                Body::Other => {}
            }
        }
    }

    async fn next(&mut self) -> Result<(Reply, usize), Fault> {
        let no_ldap = |error: ldap_wire::Malformed| Fault::Lost(format!("it does not speak LDAP: {error}"));
        loop {
            if let Some(length) = ldap_wire::frame(&self.buffer).map_err(no_ldap)? {
                let message: Vec<u8> = self.buffer.drain(..length).collect();
                return Ok((Reply::parse(&message).map_err(no_ldap)?, length));
            }
            let fault = match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => Fault::Closed("the connection was closed".to_owned()),
                Ok(_) => continue,
                Err(error) => cut_off(&error),
            };
            return Err(if self.buffer.is_empty() { fault } else { fault.midway() });
        }
    }
}

/// StartTLS in clear, and nothing else. Octets behind the answer were put there by somebody on the way.
async fn start_tls(socket: TcpStream, limit: Duration) -> Result<TcpStream, Fault> {
    let mut connection = Connection::over(socket, limit);
    let (_, outcome) = connection.perform(&Request::StartTls).await?;
    match () {
        () if !connection.buffer.is_empty() => Err(Fault::Unusable(INJECTED.to_owned())),
        () if outcome.is_success() => Ok(connection.stream),
        () => Err(Fault::Unusable(format!("StartTLS is required and was refused: {}", code_in_words(outcome.code)))),
    }
}

impl From<TlsError> for Fault {
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::Lost(what) => Self::Lost(what),
            TlsError::Misconfigured(what) => Self::Unusable(what),
        }
    }
}

fn cut_off(error: &std::io::Error) -> Fault {
    Fault::Closed(format!("the connection was cut off: {error}"))
}

const INJECTED: &str = "octets were sent in clear behind the answer to StartTLS: something on the way injects them";
/// Name resolution and TCP connect: short, so that the next server gets its turn.
const CONNECT: Duration = Duration::from_millis(700);
const TLS: Duration = Duration::from_secs(1);
/// All messages of one answer.
const MOST_OCTETS: usize = 8 << 20;
