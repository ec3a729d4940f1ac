//! What all sockets have in common, and the work on one request, whichever way it came.

use std::net::SocketAddr;
use std::sync::Arc;

use radius_wire::packet::Code;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use tokio::time::{Instant, timeout};

use super::Pace;
use super::admission::{Admission, Place};
use super::clients::{Client, Clients};
use super::dropped::{Complaints, Dropped};
use super::exchange::{self, Answer, Outcome};
use super::intake::Request;
use super::sighting::{Came, Glimpse};
use crate::app::App;
use crate::auth::AuthError;
use crate::telemetry::Chain;

/// The parts.
pub(super) struct Shared {
    pub(super) app: App,
    pub(super) clients: Clients,
    pub(super) admission: Admission,
    pace: Pace,
    complaints: Complaints,
    held_back: Semaphore,
}

/// A reply, ready to be sent.
pub(super) struct Judged {
    pub(super) octets: Arc<[u8]>,
    outcome: Outcome,
}

/// Octets that came, from where and how.
#[derive(Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) source: SocketAddr,
    pub(super) over: &'static str,
    pub(super) octets: &'a [u8],
}

impl Shared {
    pub(super) fn new(app: App, clients: Clients, pace: Pace) -> Self {
        let (admission, complaints) = (Admission::default(), Complaints::default());
        Self { app, clients, admission, pace, complaints, held_back: Semaphore::new(MOST_HELD_BACK) }
    }

    /// Works on one request. Whatever goes wrong ends in silence, and nothing is accepted.
    pub(super) async fn judge(&self, request: &Request, place: Place) -> Option<Judged> {
        let (app, started) = (&self.app, Instant::now());
        let client = request.client.name.as_str();
        let answered = match exchange::request_id(app) {
            Ok(id) => match timeout(self.pace.answer_within, answer(app, request, &id)).await {
                Ok(answered) => answered.map(|answer| (answer, id)),
                Err(late) => return self.fail(request, &late),
            },
            Err(error) => Err(error),
        };
        let (reply, outcome, request_id) = match answered {
            Ok((Answer::Reply(reply, outcome), id)) => (reply, outcome, id),
            Ok((Answer::Dropped(dropped), _)) => return self.give_up(request, dropped),
            Err(error) if error.is_overload() => return self.give_up(request, Dropped::Busy),
            Err(error) => return self.fail(request, &error),
        };
        app.metrics.radius.count_packet(client, outcome.as_str());
        let (took, source, over) = (started.elapsed(), request.source, request.over);
        let took_us = took.as_micros();
        tracing::info!(request_id, client, %source, over, outcome = outcome.as_str(), took_us, "RADIUS answered");
        self.show(request, || Came::answered(outcome.as_str(), took));
        drop(place);
        match reply.seal(&request.packet, request.client.shared()) {
            Ok(octets) => Some(Judged { octets: octets.into(), outcome }),
            Err(error) => {
                tracing::warn!(request_id, client, %error, "RADIUS: no room for the reply");
                None
            }
        }
    }

    /// Counts octets that nobody answers, and tells whoever should know.
    pub(super) fn note(&self, arrival: Arrival<'_>, client: Option<&Client>, dropped: Dropped) {
        self.complaints.note(&self.app, arrival.source, dropped);
        let came = || Came::Dropped { reason: dropped.as_str().to_owned(), words: dropped.words() };
        self.glimpse(arrival, client).show(came);
    }

    /// Tells whoever watches what came of a request.
    pub(super) fn show(&self, request: &Request, came: impl FnOnce() -> Came) {
        self.glimpse(request.arrival(), Some(&request.client)).show(came);
    }

    /// Lets a refusal wait for its second. False where too many wait already.
    pub(super) async fn hold_back(&self, judged: &Judged) -> bool {
        if judged.outcome != Outcome::Reject || self.pace.reject_after.is_zero() {
            return true;
        }
        let Ok(_room) = self.held_back.try_acquire() else { return false };
        tokio::time::sleep(self.pace.reject_after).await;
        true
    }

    fn give_up(&self, request: &Request, dropped: Dropped) -> Option<Judged> {
        self.note(request.arrival(), Some(&request.client), dropped);
        None
    }

    fn fail(&self, request: &Request, error: &(dyn std::error::Error + 'static)) -> Option<Judged> {
        let client = request.client.name.as_str();
        self.app.metrics.radius.count_packet(client, "failed");
        tracing::error!(client, error = %Chain(error), "RADIUS: not answered, so that the client asks its next server");
        self.show(request, || Came::Failed);
        None
    }

    fn glimpse<'a>(&'a self, arrival: Arrival<'a>, client: Option<&'a Client>) -> Glimpse<'a> {
        let Arrival { source, over, octets } = arrival;
        Glimpse { app: &self.app, source, over, client: client.map(|client| client.name.as_str()), octets }
    }
}

async fn answer(app: &App, request: &Request, request_id: &str) -> Result<Answer, AuthError> {
    match request.packet.code {
        Code::StatusServer => exchange::status(app).await,
        _ => crate::auth::one_step(Box::pin(exchange::answer(app, request, request_id))).await,
    }
}

/// A task that panicked has answered nothing and accepted nothing.
pub(super) fn report(ended: &Result<(), JoinError>) {
    if ended.is_err() {
        tracing::error!("RADIUS: work on a packet panicked: this is a defect, please report it");
    }
}

/// Refusals that wait for their second.
const MOST_HELD_BACK: usize = 4096;
