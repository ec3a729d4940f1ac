//! One piece of network gear: a socket with one packet on its way at a time, sent again when nothing comes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use radius_wire::attribute;
use radius_wire::packet::{Code, Packet};
use radius_wire::request::Request;
use radius_wire::signature::{self, Signature};
use tokio::net::UdpSocket;

use crate::meter::now;
use crate::server::RADIUS_SECRET;
use crate::smtp_sink::Codes;

/// One piece.
pub(crate) struct Gear {
    socket: UdpSocket,
    /// Which piece of gear of this run it is.
    number: u64,
    packets: u64,
    buffer: Vec<u8>,
    /// Packets that had to be sent again.
    pub(crate) repeats: usize,
}

/// What it takes to answer a challenge.
pub(crate) struct Ticket {
    user: usize,
    state: Vec<u8>,
    code: String, // tidy: not a secret, because the codes of a load driver are made up
}

impl Gear {
    pub(crate) async fn new(to: SocketAddr) -> anyhow::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let (socket, number) = (UdpSocket::bind("127.0.0.1:0").await?, NEXT.fetch_add(1, Ordering::Relaxed));
        socket.connect(to).await?;
        Ok(Self { socket, number, packets: 0, buffer: vec![0; 4096], repeats: 0 })
    }

    /// The first step of a user without a PIN.
    pub(crate) fn first_step(&mut self, user: usize) -> anyhow::Result<Vec<u8>> {
        Ok(self.request(user).password(b"", SHARED)?.seal(SHARED)?)
    }

    /// Sends a packet until a reply comes; how long that took, and the reply's code.
    pub(crate) async fn exchange(&mut self, packet: &[u8]) -> anyhow::Result<(Duration, u8)> {
        let started = now();
        for _ in 0..TRIES {
            self.socket.send(packet).await?;
            self.buffer.resize(4096, 0);
            while let Ok(received) = tokio::time::timeout(PATIENCE, self.socket.recv(&mut self.buffer)).await {
                let length = received?;
                // A late reply to an earlier packet is not this one's.
                if self.buffer.get(1) == packet.get(1) {
                    self.buffer.truncate(length);
                    return Ok((started.elapsed(), self.buffer.first().copied().unwrap_or_default()));
                }
            }
            self.repeats += 1;
        }
        anyhow::bail!("no reply")
    }

    /// Has a challenge opened for a user, and waits for the mail.
    pub(crate) async fn challenged(&mut self, codes: &Codes, user: usize) -> anyhow::Result<Ticket> {
        let code = codes.next_to(&format!("u{user}@bench.example"));
        let packet = self.first_step(user)?;
        self.exchange(&packet).await?;
        let (asked, reply) = (Packet::parse(&packet)?, Packet::parse(&self.buffer)?);
        let signature = signature::check_reply(&reply, &asked.authenticator, SHARED);
        let is_challenge = signature == Signature::Good && reply.code == Code::AccessChallenge;
        anyhow::ensure!(is_challenge, "no challenge: {:?} {signature:?}", reply.code);
        let state = reply.find(attribute::STATE).context("no State")?.to_vec();
        let code = tokio::time::timeout(Duration::from_secs(20), code).await.context("no mail")??;
        Ok(Ticket { user, state, code })
    }

    /// Hands a code in; it has to be accepted.
    pub(crate) async fn hand_in(&mut self, ticket: &Ticket) -> anyhow::Result<Duration> {
        let request = self.request(ticket.user).password(ticket.code.as_bytes(), SHARED)?;
        let packet = request.attribute(attribute::STATE, &ticket.state).seal(SHARED)?;
        let (took, code) = self.exchange(&packet).await?;
        anyhow::ensure!(code == Code::AccessAccept.number(), "user u{}: refused", ticket.user);
        Ok(took)
    }

    /// Identifiers go round; the authenticator counts on, so that no packet of a run is taken for a copy.
    fn request(&mut self, user: usize) -> Request {
        self.packets += 1;
        let [.., id] = self.packets.to_be_bytes();
        let authenticator = (u128::from(self.number) << 64) | u128::from(self.packets);
        Request::new(id, authenticator.to_be_bytes()).attribute(attribute::USER_NAME, format!("u{user}").as_bytes())
    }
}

const SHARED: &[u8] = RADIUS_SECRET.as_bytes();
const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 3;
