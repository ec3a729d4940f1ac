//! Network gear beside everybody else: while something is wrong with the database its packets get no reply
//! at all, so that it asks its next server; soon afterwards they are answered as ever.

use std::collections::BTreeSet;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::radius::wire::{ACCEPT, Reply, Request};

/// One piece of gear.
pub(super) struct Gear {
    socket: UdpSocket,
    server: SocketAddr,
    next: AtomicU8,
}

/// Somebody who signs in through it, with a challenge whose code is known.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) state: Vec<u8>,
    pub(super) code: String,
}

impl Gear {
    pub(super) fn new(server: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        Self { socket, server, next: AtomicU8::new(0) }
    }

    /// The lines of a configuration that lists it.
    pub(super) fn lines(listen: SocketAddr) -> String {
        format!(
            "[radius]\nlisten = [\"{listen}\"]\n\
             [[radius.client]]\nname = \"vpn\"\naddress = \"127.0.0.1\"\nsecret = \"{SECRET}\""
        )
    }

    pub(super) fn first_step(&self, name: &str) -> Request {
        self.request().user(name).password(PIN)
    }

    pub(super) fn answer(&self, person: &Person) -> Request {
        self.request().user(&person.name).password(&person.code).with(24, &person.state)
    }

    /// A reply, asked for again and again as impatient gear does.
    pub(super) fn ask(&self, request: &Request, patience: Duration) -> Option<Reply> {
        let started = Instant::now();
        while started.elapsed() < patience {
            self.send(request);
            if let Some(reply) = self.receive(AGAIN).into_iter().find(|octets| octets[1] == request.id) {
                return Some(request.read(&reply));
            }
        }
        None
    }

    /// A first step and a right code, each three times, and all the time that gear gives them.
    pub(super) fn ask_in_vain(&self, person: &Person) -> Vec<Reply> {
        let requests = [self.first_step(&person.name), self.answer(person)];
        let mut replies = Vec::new();
        for _ in 0..TRIES {
            requests.iter().for_each(|request| self.send(request));
            replies.extend(self.receive(PATIENCE / TRIES));
        }
        let of = |octets: &Vec<u8>| requests.iter().find(|request| request.id == octets[1]).map(|to| to.read(octets));
        replies.iter().filter_map(of).collect()
    }

    fn request(&self) -> Request {
        Request::access(self.next.fetch_add(1, Ordering::SeqCst), SECRET)
    }

    fn send(&self, request: &Request) {
        self.socket.send_to(&request.octets(), self.server).unwrap();
    }

    /// All that comes within this time.
    fn receive(&self, patience: Duration) -> Vec<Vec<u8>> {
        let (started, mut replies) = (Instant::now(), Vec::new());
        while let Some(left) = patience.checked_sub(started.elapsed()).filter(|left| !left.is_zero()) {
            self.socket.set_read_timeout(Some(left)).unwrap();
            let mut buffer = [0; 4096];
            if let Ok(length) = self.socket.recv(&mut buffer) {
                replies.push(buffer[..length].to_vec());
            }
        }
        replies
    }
}

/// How many packets let somebody in; all copies of one are answered alike.
pub(super) fn accepted(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.code == ACCEPT).map(|reply| reply.id).collect::<BTreeSet<_>>().len()
}

pub(super) const PIN: &str = "1234";
const SECRET: &str = "radius-canary-Bq7Lw2Xz";
const AGAIN: Duration = Duration::from_millis(200);
/// Tries of a client that gives a server five seconds.
const TRIES: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(5);
