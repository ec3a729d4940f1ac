//! One connection of `RadSec`: packets one after the other, replies as they are ready.
//!
//! A stream has no copies to look out for; what it can do is never read its replies, lie about lengths, or
//! say nothing for ever. All three are bounded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use radius_wire::packet::{HEADER_OCTETS, MOST_OCTETS, Malformed};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::clients::Client;
use super::dropped::Dropped;
use super::intake::{self, Request};
use super::shared::{Arrival, Shared, report};
use crate::stop::Stop;

/// Whose it is.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) client: Arc<Client>,
    pub(super) source: SocketAddr,
}

type Replies = mpsc::Sender<Arc<[u8]>>;

impl Connection {
    /// Answers until the peer leaves, breaks the format, or we are told to stop.
    pub(super) async fn run<S: AsyncRead + AsyncWrite>(self, stream: S, stop: Stop) {
        let (reader, writer) = tokio::io::split(stream);
        let (replies, ready) = mpsc::channel(MOST_IN_WORK);
        tokio::join!(self.read(reader, replies, stop), write(writer, ready));
    }

    async fn read<S: AsyncRead>(&self, mut reader: ReadHalf<S>, replies: Replies, mut stop: Stop) {
        let (in_work, mut tasks) = (Arc::new(Semaphore::new(MOST_IN_WORK)), JoinSet::new());
        loop {
            // While too many are in work, nothing more is read: the peer feels it.
            let Ok(turn) = Arc::clone(&in_work).acquire_owned().await else { break };
            let next = tokio::select! {
                next = next(&mut reader) => next,
                () = stop.requested() => break,
                () = replies.closed() => break,
            };
            while let Some(ended) = tasks.try_join_next() {
                report(&ended);
            }
            let Some(octets) = next else { break };
            match self.take(&octets) {
                Ok(request) => drop(tasks.spawn(work(Arc::clone(&self.shared), request, turn, replies.clone()))),
                Err(dropped) if dropped.ends_a_stream() => break,
                Err(_) => {}
            }
        }
        // The writer ends with the last of these.
        drop(replies);
        while let Some(ended) = tasks.join_next().await {
            report(&ended);
        }
    }

    fn take(&self, next: &Result<Vec<u8>, Dropped>) -> Result<Request, Dropped> {
        let arrival = Arrival { source: self.source, over: OVER, octets: next.as_deref().unwrap_or_default() };
        let taken = match next {
            Ok(_) => intake::take(&self.client, arrival),
            Err(dropped) => Err(*dropped),
        };
        taken.inspect_err(|dropped| self.shared.note(arrival, Some(&self.client), *dropped))
    }
}

/// Works on one request and hands its reply over.
async fn work(shared: Arc<Shared>, request: Request, turn: OwnedSemaphorePermit, replies: Replies) {
    let Some(place) = shared.admission.enter(&request.packet) else {
        return shared.note(request.arrival(), Some(&request.client), Dropped::Busy);
    };
    let Some(judged) = shared.judge(&request, place).await else { return };
    drop(turn);
    // Nothing would fetch it later: where too many wait already, it leaves at once.
    let _ = shared.hold_back(&judged).await;
    drop(replies.send(judged.octets).await);
}

/// The next packet by its own length; none when the peer has left or says nothing for too long.
async fn next<S: AsyncRead>(reader: &mut ReadHalf<S>) -> Option<Result<Vec<u8>, Dropped>> {
    let code = timeout(IDLE, reader.read_u8()).await.ok()?.ok()?;
    let rest = async {
        let id = reader.read_u8().await?;
        let length = reader.read_u16().await?;
        let octets = match usize::from(length) {
            0..HEADER_OCTETS => return Ok(Err(Dropped::Malformed(Malformed::TooShort))),
            length if length > MOST_OCTETS => return Ok(Err(Dropped::Malformed(Malformed::TooLong))),
            length => length,
        };
        let [high, low] = length.to_be_bytes();
        let mut packet = vec![code, id, high, low];
        packet.resize(octets, 0);
        if let Some(body) = packet.get_mut(4..) {
            reader.read_exact(body).await?;
        }
        std::io::Result::Ok(Ok(packet))
    };
    timeout(PACKET, rest).await.ok()?.ok()
}

/// Writes replies until there are no more to come, or the peer does not take them.
async fn write<S: AsyncWrite>(mut writer: WriteHalf<S>, mut ready: mpsc::Receiver<Arc<[u8]>>) {
    while let Some(reply) = ready.recv().await {
        let sent = async {
            writer.write_all(&reply).await?;
            writer.flush().await
        };
        if !matches!(timeout(PACKET, sent).await, Ok(Ok(()))) {
            return;
        }
    }
    // Who has left already needs no goodbye.
    drop(timeout(PACKET, writer.shutdown()).await);
}

/// By which way packets of a connection come, as the log says it.
pub(super) const OVER: &str = "tls";
/// Requests of one connection in work at the same time.
const MOST_IN_WORK: usize = 64;
/// Between two packets; clients keep connections open, and connect again when they need to.
const IDLE: Duration = Duration::from_mins(15);
/// From the first octet of a packet to its last one, either way.
const PACKET: Duration = Duration::from_secs(5);
