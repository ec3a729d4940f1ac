//! One socket: takes packets, answers copies at once, hands new ones to tasks of their own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use radius_wire::packet::{Code, MOST_OCTETS};
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use super::Pace;
use super::admission::{Admission, Place};
use super::clients::Clients;
use super::dropped::{Complaints, Dropped};
use super::duplicates::{Duplicates, Key, Seen, Ticket};
use super::exchange::{self, Answer, Outcome};
use super::intake::{self, Request};
use crate::app::App;
use crate::auth::AuthError;
use crate::stop::Stop;
use crate::telemetry::Chain;

/// What all sockets have in common.
pub(super) struct Shared {
    app: App,
    clients: Clients,
    pace: Pace,
    admission: Admission,
    complaints: Complaints,
    held_back: Arc<Semaphore>,
}

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

impl Shared {
    pub(super) fn new(app: App, clients: Clients, pace: Pace) -> Self {
        let (admission, complaints) = (Admission::default(), Complaints::default());
        Self { app, clients, pace, admission, complaints, held_back: Arc::new(Semaphore::new(MOST_HELD_BACK)) }
    }
}

impl Listener {
    pub(super) fn new(shared: Arc<Shared>, socket: UdpSocket, number: usize) -> Self {
        Self { shared, socket: Arc::new(socket), number }
    }

    /// Takes packets until told to stop, then lets those in work finish.
    pub(super) async fn listen(self, mut stop: Stop) {
        let (mut buffer, mut tasks) = ([0; MOST_OCTETS], JoinSet::new());
        loop {
            let received = tokio::select! {
                received = self.socket.recv_from(&mut buffer) => received,
                () = stop.requested() => break,
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
            if let Some(work) = self.take(source, buffer.get(..length).unwrap_or_default()).await {
                tasks.spawn(self.clone().work(work));
            }
        }
        while let Some(ended) = tasks.join_next().await {
            report(&ended);
        }
    }

    /// Answers what can be answered at once; the rest is work.
    async fn take(&self, source: SocketAddr, datagram: &[u8]) -> Option<Work> {
        let Shared { app, clients, complaints, .. } = &*self.shared;
        let taken = intake::take(clients, source, datagram).and_then(|request| self.admit(request));
        match taken {
            Ok(Admitted::Copy { request, reply }) => {
                app.metrics.radius.count_packet(&request.client.name, "duplicate");
                if let Some(reply) = reply {
                    self.send(&reply, source).await;
                }
                None
            }
            Ok(Admitted::New(work)) => Some(work),
            Err(dropped) => {
                complaints.note(app, source, dropped);
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

    /// Works on one packet. Whatever goes wrong ends in silence, and nothing is accepted.
    async fn work(self, work: Work) {
        let (Work { request, place, ticket }, started) = (work, Instant::now());
        let Shared { app, complaints, .. } = &*self.shared;
        let client = request.client.name.as_str();
        let answered = match exchange::request_id(app) {
            Ok(id) => answer(app, &request, &id).await.map(|answer| (answer, id)),
            Err(error) => Err(error),
        };
        let (reply, outcome, request_id) = match answered {
            Ok((Answer::Reply(reply, outcome), id)) => (reply, outcome, id),
            Ok((Answer::Dropped(dropped), _)) => return complaints.note(app, request.source, dropped),
            Err(error) if error.is_overload() => return complaints.note(app, request.source, Dropped::Busy),
            Err(error) => return fail(app, client, &error),
        };
        app.metrics.radius.count_packet(client, outcome.as_str());
        let took_us = started.elapsed().as_micros();
        tracing::info!(request_id, client, source = %request.source, outcome = outcome.as_str(), took_us, "RADIUS answered");
        drop(place);
        match reply.seal(&request.packet, request.client.shared()) {
            Ok(octets) => self.deliver(&request, &ticket, octets.into(), outcome).await,
            Err(error) => tracing::warn!(request_id, client, %error, "RADIUS: no room for the reply"),
        }
    }

    /// Sends a reply; a refusal only after its delay. Where too many wait already, the client's next
    /// copy fetches it.
    async fn deliver(&self, request: &Request, ticket: &Ticket, reply: Arc<[u8]>, outcome: Outcome) {
        let Shared { app, pace, held_back, .. } = &*self.shared;
        let is_held_back = outcome == Outcome::Reject && !pace.reject_after.is_zero();
        let room = if is_held_back { held_back.try_acquire().ok() } else { None };
        if room.is_some() {
            tokio::time::sleep(pace.reject_after).await;
        }
        ticket.settle(&reply, app.now());
        if room.is_some() || !is_held_back {
            self.send(&reply, request.source).await;
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

async fn answer(app: &App, request: &Request, request_id: &str) -> Result<Answer, AuthError> {
    match request.packet.code {
        Code::StatusServer => exchange::status(app).await,
        _ => crate::auth::one_step(Box::pin(exchange::answer(app, request, request_id))).await,
    }
}

/// A task that panicked has answered nothing and accepted nothing.
fn report(ended: &Result<(), JoinError>) {
    if ended.is_err() {
        tracing::error!("RADIUS: work on a packet panicked: this is a defect, please report it");
    }
}

fn fail(app: &App, client: &str, error: &AuthError) {
    app.metrics.radius.count_packet(client, "failed");
    tracing::error!(client, error = %Chain(error), "RADIUS: not answered, so that the client asks its next server");
}

/// Refusals that wait for their second.
const MOST_HELD_BACK: usize = 4096;
