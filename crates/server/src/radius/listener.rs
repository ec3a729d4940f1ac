//! One UDP socket: takes packets, answers copies at once, hands new ones to tasks of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use radius_wire::packet::MOST_OCTETS;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::admission::Place;
use super::dropped::Dropped;
use super::duplicates::{Duplicates, Key, Seen, Ticket};
use super::intake::{self, Request};
use super::shared::{Arrival, Shared, report};
use super::sighting::Came;
use crate::stop::Stop;

/// One socket.
#[derive(Clone)]
pub(super) struct Listener {
    shared: Arc<Shared>,
    socket: Arc<UdpSocket>,
    number: usize,
}

/// A new packet with its place and its ticket.
struct Work {
    request: Request,
    place: Place,
    ticket: Ticket,
}

impl Listener {
    pub(super) fn new(shared: Arc<Shared>, socket: UdpSocket, number: usize) -> Self {
        Self { shared, socket: Arc::new(socket), number }
    }

    /// Takes packets until told to stop, then lets those in work finish.
    pub(super) async fn listen(self, mut stop: Stop) {
        let (mut buffer, mut tasks) = ([0; MOST_OCTETS], JoinSet::new());
        let mut stopped = std::pin::pin!(stop.requested());
        loop {
            let received = tokio::select! {
                biased;
                () = &mut stopped => break,
                received = self.socket.recv_from(&mut buffer) => received,
            };
            // Finished tasks leave the set as new ones come.
            while let Some(ended) = tasks.try_join_next() {
                report(&ended);
            }
            let Ok((length, source)) = received else {
                // Nothing is known to cause this; if anything does, it must not spin.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            self.receive(&buffer, (length, source), &mut tasks).await;
            // What has come meanwhile is taken at once: going round for each costs as much as the packet.
            for _ in 0..BURST {
                let Ok(received) = self.socket.try_recv_from(&mut buffer) else { break };
                self.receive(&buffer, received, &mut tasks).await;
            }
        }
        while let Some(ended) = tasks.join_next().await {
            report(&ended);
        }
    }

    async fn receive(&self, buffer: &[u8], (length, source): (usize, SocketAddr), tasks: &mut JoinSet<()>) {
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let octets = buffer.get(..length).unwrap_or_default();
        if let Some(work) = self.take(Arrival { source, over: OVER, octets }).await {
            tasks.spawn(self.clone().work(work));
        }
    }

    /// Answers what can be answered at once; the rest is work.
    async fn take(&self, arrival: Arrival<'_>) -> Option<Work> {
        let shared = &*self.shared;
        let client = shared.clients.find(arrival.source.ip());
        let request = client.ok_or(Dropped::UnknownSource).and_then(|client| intake::take(client, arrival));
        match request.and_then(|request| self.admit(request)) {
            Ok(Admitted::Copy { request, reply }) => {
                shared.app.metrics.radius.count_packet(&request.client.name, "duplicate");
                shared.show(&request, || Came::Copy);
                if let Some(reply) = reply {
                    self.send(&reply, request.source).await;
                }
                None
            }
            Ok(Admitted::New(work)) => Some(work),
            Err(dropped) => {
                shared.note(arrival, client.map(|client| &**client), dropped);
                None
            }
        }
    }

    fn admit(&self, request: Request) -> Result<Admitted, Dropped> {
        let (now, client) = (self.shared.app.now(), Arc::clone(&request.client));
        let key = Key::new(self.number, request.source, &request.packet);
        match client.duplicates.find(&key, now) {
            Seen::Answered(reply) => return Ok(Admitted::Copy { request, reply: Some(reply) }),
            Seen::InWork => return Ok(Admitted::Copy { request, reply: None }),
            Seen::Never => {}
        }
        let place = self.shared.admission.enter(&request.packet).ok_or(Dropped::Busy)?;
        let ticket = Duplicates::enter(&client, key, now);
        Ok(Admitted::New(Work { request, place, ticket }))
    }

    /// Works on one packet and sends the reply; a refusal only after its delay. Where too many wait
    /// already, the client's next copy fetches it.
    async fn work(self, work: Work) {
        let Work { request, place, ticket } = work;
        let Some(judged) = self.shared.judge(&request, place).await else { return };
        let is_due = self.shared.hold_back(&judged).await;
        ticket.settle(&judged.octets, self.shared.app.now());
        if is_due {
            self.send(&judged.octets, request.source).await;
        }
    }

    async fn send(&self, reply: &[u8], to: SocketAddr) {
        if let Err(error) = self.socket.send_to(reply, to).await {
            tracing::warn!(%to, %error, "RADIUS: the reply could not be sent");
        }
    }
}

enum Admitted {
    /// A copy of a packet seen before; without a reply it is still in work.
    Copy {
        request: Request,
        reply: Option<Arc<[u8]>>,
    },
    New(Work),
}

/// By which way packets of this socket come, as the log says it.
const OVER: &str = "udp";
/// Packets taken in one go at most, so that the word to stop and the other sockets get their turn.
const BURST: usize = 64;
