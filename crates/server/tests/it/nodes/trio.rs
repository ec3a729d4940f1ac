//! Three nodes on one PostgreSQL that is well, each with an HTTP and a RADIUS door of its own, and alice.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use otpost::demo::sink::Sink;

use super::node::Node;
use crate::postgres::Database;
use crate::process::http::Client;
use crate::process::peers::{Peers, code_to};
use crate::process::place::{Place, free};
use crate::radius::wire::{Reply, Request};

/// The nodes and what surrounds them.
pub(super) struct Trio {
    pub(super) nodes: Vec<Node>,
    pub(super) admin: Client,
    pub(super) sink: Sink,
    pub(super) database: Database,
    radius: [SocketAddr; 3],
    gear: UdpSocket,
    _peers: Peers,
}

impl Trio {
    pub(super) fn start() -> Self {
        Self::start_with("")
    }

    /// The same with further lines about the RADIUS client.
    pub(super) fn start_with(about_vpn: &str) -> Self {
        let lines = |radius| lines(radius) + "\n" + about_vpn;
        let database = Database::new();
        let radius = [free(), free(), free()];
        let first = Node::first_with(database.url(), &lines(radius[0]), |place: &Place| {
            place.ok(&["user", "add", "alice", "--email", ALICE, "--password-stdin"], "a long password\n");
            place.ok(&["user", "enroll", "alice", "--pin-stdin"], PIN);
            place.ok(&["theme", "set", "default", "--provider", "E-mail"], "");
        });
        let (admin, peers) = (first.server().admin(), Peers::new());
        let sink = peers.sink(1_000);
        first.server().relay(&admin, "main", sink.addr());
        let others: Vec<_> = radius[1..].iter().map(|at| Node::beside_with(&first, &lines(*at))).collect();
        let gear = UdpSocket::bind("127.0.0.1:0").unwrap();
        gear.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let nodes = std::iter::once(first).chain(others).collect();
        Self { nodes, admin, sink, database, radius, gear, _peers: peers }
    }

    /// Somebody who talks to one of the nodes.
    pub(super) fn client(&self, node: usize) -> Client {
        self.nodes[node].server().client()
    }

    /// The same packet as it would come to any node: from one port.
    pub(super) fn ask(&self, node: usize, request: &Request) -> Reply {
        self.gear.send_to(&request.octets(), self.radius[node]).unwrap();
        let mut buffer = [0; 4096];
        let (length, from) = self.gear.recv_from(&mut buffer).expect("a reply");
        assert_eq!(from, self.radius[node]);
        request.read(&buffer[..length])
    }

    /// The same packet to all nodes at once; their answers, as they come.
    pub(super) fn ask_all(&self, request: &Request) -> [Reply; 3] {
        for node in self.radius {
            self.gear.send_to(&request.octets(), node).unwrap();
        }
        let mut buffer = [0; 4096];
        [(); 3].map(|()| {
            let length = self.gear.recv(&mut buffer).expect("a reply");
            request.read(&buffer[..length])
        })
    }

    /// The code in alice's newest mail, once there are so many.
    pub(super) fn code(&self, mails: usize) -> String {
        self.mailed(mails);
        code_to(&self.sink, ALICE)
    }

    /// Waits until so many mails have come.
    pub(super) fn mailed(&self, mails: usize) {
        let count = || self.sink.mails().len();
        crate::process::place::until("mails", Duration::from_secs(5), || (count() >= mails).then_some(()));
    }
}

fn lines(radius: SocketAddr) -> String {
    format!(
        "[radius]\nlisten = [\"{radius}\"]\n[[radius.client]]\nname = \"vpn\"\naddress = \"127.0.0.1\"\nsecret = \"{SECRET}\""
    )
}

pub(super) const ALICE: &str = "alice@example.org";
pub(super) const PIN: &str = "1234";
pub(super) const SECRET: &str = "the secret of the vpn";
