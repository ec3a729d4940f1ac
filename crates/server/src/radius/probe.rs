//! Asking by RADIUS, as network gear does: for trying a server out.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use domain::random::{self, NoRandomness, Random};
use domain::secret::Secret;
use radius_wire::attribute;
use radius_wire::packet::{Code, MOST_OCTETS, Packet};
use radius_wire::reply::TooLong;
use radius_wire::request::Request;
use radius_wire::signature::{self, Signature};

use super::exchange::REFUSED;

/// One who asks.
pub struct Probe(UdpSocket);

/// What is asked.
pub struct Question<'a> {
    /// The secret shared with the server.
    pub shared: &'a Secret,
    /// Who wants to come in.
    pub user: &'a str,
    /// What they typed.
    pub typed: &'a Secret,
    /// The State of the challenge that this answers.
    pub state: Option<&'a [u8]>,
}

/// What a person would be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Come in.
    Accept,
    /// Answer with this State.
    Challenge {
        /// To be sent back.
        state: Vec<u8>,
        /// What to ask the person.
        prompt: String,
    },
    /// No.
    Reject(String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The network.
    #[error("cannot reach the server: {0}")]
    Io(#[from] io::Error),
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Nothing came, or nothing that can be believed.
    #[error(
        "no answer that can be believed: is the server there, is this machine one of its clients, and is the secret \
         the same? Its log says what it drops"
    )]
    Silence,
    /// Too much for one packet.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl Probe {
    /// Gets ready to ask a server.
    pub fn new(server: SocketAddr) -> io::Result<Self> {
        let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(socket))
    }

    /// The address the server will see.
    pub fn local_address(&self) -> io::Result<IpAddr> {
        Ok(self.0.local_addr()?.ip())
    }

    /// Asks, impatiently, like network gear.
    pub fn ask(&self, random: &dyn Random, question: &Question<'_>) -> Result<Said, ProbeError> {
        let ([id], authenticator) = (random::bytes(random)?, random::bytes(random)?);
        let shared = question.shared.expose().as_bytes();
        let request = Request::new(id, authenticator).attribute(attribute::USER_NAME, question.user.as_bytes());
        let request = request.password(question.typed.expose().as_bytes(), shared)?;
        let state = question.state.into_iter();
        let octets = state.fold(request, |request, state| request.attribute(attribute::STATE, state)).seal(shared)?;
        for _ in 0..TRIES {
            self.0.send(&octets)?;
            if let Some(reply) = self.receive()?.filter(|reply| reply.id == id)
                && signature::check_reply(&reply, &authenticator, shared) == Signature::Good
            {
                return Ok(Said::read(&reply));
            }
        }
        Err(ProbeError::Silence)
    }

    /// The next packet, if one comes in time.
    fn receive(&self) -> io::Result<Option<Packet>> {
        let mut buffer = [0; MOST_OCTETS];
        match self.0.recv(&mut buffer) {
            Ok(length) => Ok(Packet::parse(buffer.get(..length).unwrap_or_default()).ok()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Said {
    /// Whether this is the no that says nothing: no code was mailed.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Reject(text) if text == REFUSED)
    }

    fn read(reply: &Packet) -> Self {
        let texts = reply.list(attribute::REPLY_MESSAGE).filter_map(|text| str::from_utf8(text).ok());
        let text: String = texts.flat_map(str::chars).filter(|c| !c.is_control()).collect();
        match (reply.code, reply.find(attribute::STATE)) {
            (Code::AccessAccept, _) => Self::Accept,
            (Code::AccessChallenge, Some(state)) => Self::Challenge { state: state.to_vec(), prompt: text },
            _ => Self::Reject(text),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 3;
