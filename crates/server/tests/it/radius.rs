//! RADIUS through real sockets: network gear on this machine's own addresses, the product behind a port.

mod believed;
pub(crate) mod certificates;
mod connecting;
mod copies;
mod dialogue;
mod foreign;
mod front_door;
mod malformed;
mod methods;
mod modes;
mod outage;
mod radsec;
mod rd_gateway;
mod told;
pub(crate) mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use domain::secret::Secret;
use otpost::config::{Config, MessageAuthenticator, Radius, RadiusClient, RadiusProfile, Source};
use otpost::radius::{self, Pace};
use otpost::stop::{self, Stopper};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::app::TestApp;
use wire::{Reply, Request};

/// The product with an open RADIUS port.
pub(crate) struct Desk {
    pub(crate) test: TestApp,
    server: SocketAddr,
    stopper: Stopper,
    doors: JoinSet<()>,
}

/// One piece of network gear: an address and the secret it was given.
struct Gear {
    socket: UdpSocket,
    server: SocketAddr,
    secret: &'static str,
}

const VPN: &str = "127.0.0.1";
const OTHER: &str = "127.0.0.2";
/// Gear whose firmware does not sign.
const OLD: &str = "127.0.0.3";
const STRANGER: &str = "127.0.0.9";
const SECRET: &str = "the secret of the vpn";
const OTHER_SECRET: &str = "the secret of another";

impl Desk {
    async fn start() -> Self {
        Self::start_with(Pace { reject_after: Duration::ZERO, ..Pace::default() }).await
    }

    async fn start_with(pace: Pace) -> Self {
        Self::start_on(configuration(), pace).await
    }

    /// The same where people sign in at `vpn` in another way.
    pub(crate) async fn start_as(profile: RadiusProfile) -> Self {
        let mut configuration = configuration();
        configuration.clients[0].profile = profile;
        Self::start_on(configuration, Pace { reject_after: Duration::ZERO, ..Pace::default() }).await
    }

    async fn start_on(radius: Radius, pace: Pace) -> Self {
        let test = TestApp::start_with(|config| config.radius = radius).await;
        test.enroll("alice", "1234").await;
        let door = radius::open(&test.app.config.radius).unwrap();
        let server = door.addresses().unwrap()[0];
        let (stopper, stop) = stop::channel();
        let mut doors = JoinSet::new();
        doors.spawn(door.serve(test.app.clone(), pace, stop));
        Self { test, server, stopper, doors }
    }

    async fn gear(&self, address: &str, secret: &'static str) -> Gear {
        let socket = UdpSocket::bind(format!("{address}:0")).await.unwrap();
        Gear { socket, server: self.server, secret }
    }

    async fn vpn(&self) -> Gear {
        self.gear(VPN, SECRET).await
    }

    /// The value of a metric, by the line that Prometheus reads.
    fn counted(&self, series: &str) -> u64 {
        let text = self.test.app.metrics.render();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("otpost_radius_{series} ")));
        line.map_or(0, |count| count.parse().unwrap())
    }

    fn dropped(&self, reason: &str) -> u64 {
        self.counted(&format!("dropped_total{{reason=\"{reason}\"}}"))
    }

    fn packets(&self, client: &str, outcome: &str) -> u64 {
        self.counted(&format!("packets_total{{client=\"{client}\",outcome=\"{outcome}\"}}"))
    }

    /// Waits for something that happens without an answer.
    async fn until(&self, mut is_so: impl FnMut(&Self) -> bool) {
        for _ in 0..5_000 {
            if is_so(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("it did not happen within five seconds: {}", self.test.app.metrics.render());
    }
}

impl Gear {
    fn access(&self, id: u8) -> Request {
        Request::access(id, self.secret)
    }

    /// The first step of alice.
    fn alice(&self, id: u8) -> Request {
        self.access(id).user("alice").password("1234")
    }

    async fn send(&self, octets: &[u8]) {
        self.socket.send_to(octets, self.server).await.unwrap();
    }

    async fn receive(&self) -> Vec<u8> {
        let mut buffer = [0; 5000];
        let patience = Duration::from_secs(10);
        let (length, from) =
            tokio::time::timeout(patience, self.socket.recv_from(&mut buffer)).await.expect("a reply").unwrap();
        assert_eq!(from, self.server);
        buffer[..length].to_vec()
    }

    /// Sends a request and reads its reply.
    async fn ask(&self, request: &Request) -> Reply {
        self.send(&request.octets()).await;
        request.read(&self.receive().await)
    }

    /// Whether nothing has come so far: packets arrive in order, and what is dropped is dropped before
    /// the next one is read.
    async fn hears_nothing(&self, client_secret: &str) {
        let status = Request::status(255, client_secret);
        self.send(&status.octets()).await;
        assert_eq!(status.read(&self.receive().await).code, wire::ACCEPT);
    }
}

/// How people sign in at the client that is configured like this.
pub(crate) fn profile(text: &str) -> RadiusProfile {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("otpost.toml");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(Source::Named(&file), std::iter::empty()).unwrap_or_else(|errors| panic!("{errors}"));
    config.radius.clients.into_iter().next().expect("a client").profile
}

fn configuration() -> Radius {
    let client = |name: &str, address: &str, secret: &str, word| RadiusClient {
        name: name.to_owned(),
        address: address.parse().unwrap(),
        secret: Secret::new(secret),
        certificate_name: None,
        require_message_authenticator: word,
        profile: RadiusProfile::default(),
    };
    use MessageAuthenticator::{Auto, Yes};
    let clients = vec![
        client("vpn", "127.0.0.1/32", SECRET, Yes),
        client("other", "127.0.0.2/32", OTHER_SECRET, Yes),
        client("old", "127.0.0.3/32", SECRET, Auto),
        client("wide", "127.0.4.0/24", SECRET, Yes),
        client("narrow", "127.0.4.7/32", OTHER_SECRET, Yes),
        client("six", "::1/128", SECRET, Yes),
    ];
    let listen = ["127.0.0.1:0", "[::1]:0"].map(|address| address.parse().unwrap()).into();
    Radius { listen, tls: None, clients_file: None, clients }
}
