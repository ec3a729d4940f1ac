//! What has come before: the same packet is judged once and answered with the same octets (RFC 5080 2.2.2).

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::time::Timestamp;
use radius_wire::packet::Packet;
use sha2::{Digest, Sha256};

use super::clients::Client;

/// Names one packet: the socket it came to, where from, and all its octets. Identifier and Request
/// Authenticator are among those; a client that repeats its authenticators is still told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    listener: usize,
    source: SocketAddr,
    digest: [u8; 32],
}

/// What is known about a packet.
pub(super) enum Seen {
    /// It was answered so.
    Answered(Arc<[u8]>),
    /// Its first copy is being worked on.
    InWork,
    /// It is new.
    Never,
}

/// The packets of one client in the last half minute.
#[derive(Default)]
pub(super) struct Duplicates(Mutex<Table>);

#[derive(Default)]
struct Table {
    entries: HashMap<Key, Entry>,
    /// The same by age.
    order: BTreeMap<u64, (Timestamp, Key)>,
    next: u64,
}

struct Entry {
    number: u64,
    reply: Option<Arc<[u8]>>,
}

/// A packet in work. Dropped without an answer it is forgotten, and its next copy is new.
pub(super) struct Ticket {
    client: Arc<Client>,
    key: Key,
}

impl Key {
    /// The key of a packet that has been verified.
    pub(super) fn new(listener: usize, source: SocketAddr, packet: &Packet) -> Self {
        Self { listener, source, digest: Sha256::digest(packet.octets()).into() }
    }
}

impl Duplicates {
    /// Looks a packet up.
    pub(super) fn find(&self, key: &Key, now: Timestamp) -> Seen {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.expire(now);
        match table.entries.get(key) {
            Some(Entry { reply: Some(reply), .. }) => Seen::Answered(Arc::clone(reply)),
            Some(_) => Seen::InWork,
            None => Seen::Never,
        }
    }

    /// Notes that work on a packet begins.
    pub(super) fn enter(client: &Arc<Client>, key: Key, now: Timestamp) -> Ticket {
        let mut table = client.duplicates.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.make_room();
        table.insert(key, now, None);
        Ticket { client: Arc::clone(client), key }
    }
}

impl Ticket {
    /// Keeps the reply for the copies that follow.
    pub(super) fn settle(&self, reply: &Arc<[u8]>, now: Timestamp) {
        let mut table = self.client.duplicates.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.remove(&self.key);
        table.insert(self.key, now, Some(Arc::clone(reply)));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut table = self.client.duplicates.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.entries.get(&self.key).is_some_and(|entry| entry.reply.is_none()) {
            table.remove(&self.key);
        }
    }
}

impl Table {
    fn insert(&mut self, key: Key, now: Timestamp, reply: Option<Arc<[u8]>>) {
        let number = self.next;
        self.next += 1;
        self.order.insert(number, (now, key));
        self.entries.insert(key, Entry { number, reply });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.number);
        }
    }

    /// Forgets answers older than half a minute. Those in work leave with their tickets.
    fn expire(&mut self, now: Timestamp) {
        while let Some((_, (at, key))) = self.order.first_key_value()
            && now.since(*at) >= KEPT
        {
            let key = *key;
            match self.entries.get(&key) {
                Some(Entry { reply: None, .. }) => {
                    self.remove(&key);
                    self.insert(key, now, None);
                }
                _ => self.remove(&key),
            }
        }
    }

    /// Gives the oldest answer's place away. What is in work keeps its own: it is bounded elsewhere.
    fn make_room(&mut self) {
        if self.entries.len() < MOST_ENTRIES {
            return;
        }
        let is_answered = |key: &Key| self.entries.get(key).is_some_and(|entry| entry.reply.is_some());
        let oldest = self.order.values().map(|(_, key)| *key).find(is_answered);
        if let Some(key) = oldest {
            self.remove(&key);
        }
    }
}

const KEPT: Duration = Duration::from_secs(30);
/// Packets remembered for each client.
const MOST_ENTRIES: usize = 4096;

#[cfg(test)]
mod tests {
    use domain::secret::Secret;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::clients::Clients;
    use super::*;
    use crate::config::{MessageAuthenticator, RadiusClient, RadiusProfile};

    /// What may happen, to one of a few packets.
    #[derive(Debug, Clone, Copy)]
    enum Event {
        Comes(u8),
        IsAnswered(u8),
        IsLost(u8),
        SecondsPass(u8),
    }

    fn event() -> impl Strategy<Value = Event> {
        let packet = || 0..4_u8;
        prop_oneof![
            4 => packet().prop_map(Event::Comes),
            2 => packet().prop_map(Event::IsAnswered),
            1 => packet().prop_map(Event::IsLost),
            2 => (1..20_u8).prop_map(Event::SecondsPass),
        ]
    }

    fn client() -> Arc<Client> {
        let address = "192.0.2.1/32".parse().expect("a network");
        let (name, secret) = ("vpn".to_owned(), Secret::new("secret"));
        let require_message_authenticator = MessageAuthenticator::Yes;
        let (certificate_name, profile) = (None, RadiusProfile::default());
        let config = RadiusClient { name, address, secret, certificate_name, require_message_authenticator, profile };
        Arc::clone(Clients::new(&[config]).find(address.addr()).expect("a client"))
    }

    fn key(packet: u8) -> Key {
        Key { listener: 0, source: SocketAddr::from(([192, 0, 2, 1], 1812)), digest: [packet; 32] }
    }

    fn word(seen: &Seen) -> &'static str {
        match seen {
            Seen::Answered(_) => "answered",
            Seen::InWork => "in work",
            Seen::Never => "new",
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn whatever_happens_a_packet_is_new_once_until_it_is_lost_or_forgotten(events in vec(event(), 0..120)) {
            let (client, mut now, reply) = (client(), Timestamp::default(), Arc::from(&b"reply"[..]));
            let (mut in_work, mut answered) = (HashMap::new(), HashMap::<u8, Timestamp>::new());
            for event in events {
                match event {
                    Event::Comes(packet) => {
                        let is_kept = answered.get(&packet).is_some_and(|at| now.since(*at) < KEPT);
                        let expected = match in_work.contains_key(&packet) {
                            true => "in work",
                            false if is_kept => "answered",
                            false => "new",
                        };
                        prop_assert_eq!(word(&client.duplicates.find(&key(packet), now)), expected);
                        if expected == "new" {
                            in_work.insert(packet, Duplicates::enter(&client, key(packet), now));
                        }
                    }
                    Event::IsAnswered(packet) => if let Some(ticket) = in_work.remove(&packet) {
                        ticket.settle(&reply, now);
                        answered.insert(packet, now);
                    },
                    Event::IsLost(packet) => drop(in_work.remove(&packet)),
                    Event::SecondsPass(seconds) => now = now + Duration::from_secs(seconds.into()),
                }
            }
            drop(in_work);
            let table = client.duplicates.0.lock().expect("no panic");
            prop_assert_eq!(table.entries.len(), table.order.len());
        }
    }
}
