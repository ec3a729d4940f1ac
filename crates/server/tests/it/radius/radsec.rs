//! RADIUS over TLS from a client of our own, which can also misbehave; foreign ones are under `foreign/recipes`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::secret::Secret;
use otpost::config::{MessageAuthenticator, Radius, RadiusClient, RadiusProfile, Tls};
use otpost::radius::{self, Pace};
use otpost::stop::{self, Stopper};
use otpost::tls::door::Credentials;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificates::Authority;
use super::wire::{ACCEPT, CHALLENGE, REJECT, Reply, Request};
use crate::app::TestApp;

/// The product behind a port for RadSec.
struct Port {
    test: TestApp,
    server: SocketAddr,
    folder: tempfile::TempDir,
    stopper: Stopper,
    doors: JoinSet<()>,
}

/// A connection.
struct Line(TlsStream<TcpStream>);

const SECRET: &str = "radsec";

impl Port {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path(), "ca.pem");
        for (file, name) in [("server", "otp.example.org"), ("branch", "branch.example.org")] {
            authority.certify(file, &[name]);
        }
        let radius = Radius { listen: Vec::new(), tls: None, clients_file: None, clients: vec![branch()] };
        let test = TestApp::start_with(|config| config.radius = radius).await;
        test.enroll("alice", "1234").await;
        let (cert_file, key_file) = (folder.path().join("server.pem"), folder.path().join("server.key"));
        let tls = Tls { cert_file, key_file };
        let credentials = Credentials::for_holders("radius.tls", &tls, &folder.path().join("ca.pem")).unwrap();
        let door = radius::open(&test.app.config.radius).unwrap();
        let door = door.with_radsec(&["127.0.0.1:0".parse().unwrap()], Arc::new(credentials)).await.unwrap();
        let server = door.radsec_addresses().unwrap()[0];
        let (stopper, stop) = stop::channel();
        let mut doors = JoinSet::new();
        doors.spawn(door.serve(test.app.clone(), Pace { reject_after: Duration::ZERO, ..Pace::default() }, stop));
        Self { test, server, folder, stopper, doors }
    }

    async fn connect(&self) -> Line {
        let file = |name: &str| self.folder.path().join(name);
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(file("ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let chain = vec![CertificateDer::from_pem_file(file("branch.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(file("branch.key")).unwrap();
        let config = config.with_root_certificates(roots).with_client_auth_cert(chain, key).unwrap();
        let stream = TcpStream::connect(self.server).await.unwrap();
        let name = ServerName::try_from("otp.example.org").unwrap();
        Line(TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap())
    }

    fn dropped(&self, reason: &str) -> u64 {
        let start = format!("otpost_radius_dropped_total{{reason=\"{reason}\"}} ");
        let text = self.test.app.metrics.render();
        text.lines().find_map(|line| line.strip_prefix(&start)).map_or(0, |count| count.parse().unwrap())
    }
}

impl Line {
    async fn send(&mut self, octets: &[u8]) {
        self.0.write_all(octets).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The next packet; none at the end of the connection.
    async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut packet = vec![0; 4];
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, self.0.read_exact(&mut packet)).await.expect("a packet or the end").ok()?;
        packet.resize(usize::from(packet[2]) * 256 + usize::from(packet[3]), 0);
        self.0.read_exact(&mut packet[4..]).await.ok()?;
        Some(packet)
    }

    async fn ask(&mut self, request: &Request) -> Reply {
        self.send(&request.octets()).await;
        request.read(&self.receive().await.expect("a reply"))
    }
}

fn branch() -> RadiusClient {
    RadiusClient {
        name: "branch".to_owned(),
        address: "127.0.0.0/8".parse().unwrap(),
        secret: Secret::new(SECRET),
        certificate_name: Some("branch.example.org".to_owned().try_into().unwrap()),
        profile: RadiusProfile::default(),
        require_message_authenticator: MessageAuthenticator::Yes,
    }
}

fn alice(id: u8) -> Request {
    Request::access(id, SECRET).user("alice").password("1234")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_comes_in_over_tls_and_tls_is_signature_enough() {
    let port = Port::open().await;
    let mut line = port.connect().await;
    let challenge = line.ask(&alice(1).unsigned()).await;
    assert_eq!(challenge.code, CHALLENGE);
    let code = port.test.code_to("alice@example.org").await;
    let answer = |id| Request::access(id, SECRET).user("alice").password(&code).with(24, challenge.state()).unsigned();
    // By another connection of the same client, and through a proxy.
    let mut other = port.connect().await;
    assert_eq!(other.ask(&answer(2).with(33, "hop")).await.code, ACCEPT);
    assert_eq!(line.ask(&answer(3)).await.code, REJECT, "once");
    assert_eq!(line.ask(&Request::status(4, SECRET)).await.code, ACCEPT);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_on_one_connection_are_all_answered() {
    let port = Port::open().await;
    let mut line = port.connect().await;
    // More than may be in work at once: the others wait unread.
    for id in 0..200 {
        line.send(&Request::status(id, SECRET).octets()).await;
    }
    let mut answered = [false; 200];
    for _ in 0..200 {
        let reply = line.receive().await.expect("a reply");
        let id = reply[1];
        assert_eq!(Request::status(id, SECRET).read(&reply).code, ACCEPT);
        assert!(!std::mem::replace(&mut answered[usize::from(id)], true), "{id} twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_lies_is_ended_and_the_next_one_is_answered() {
    let port = Port::open().await;
    let saying = |length: u16| {
        let mut octets = alice(1).octets();
        octets[2..4].copy_from_slice(&length.to_be_bytes());
        octets
    };
    let wrong = Request::access(1, "another secret").user("alice").password("1234").octets();
    let ends = [
        ("too-short", saying(19)),
        ("too-long", saying(4097)),
        ("attribute-overrun", saying(30)),
        ("secret-differs", wrong),
    ];
    for (reason, octets) in ends {
        let mut line = port.connect().await;
        line.send(&octets).await;
        assert_eq!(line.receive().await, None, "{reason}");
        assert_eq!(port.dropped(reason), 1, "{reason}");
    }
    // What is no request of ours is dropped, and the stream goes on.
    let mut line = port.connect().await;
    let mut accounting = alice(1).octets();
    accounting[0] = 4;
    line.send(&accounting).await;
    line.send(&Request::access(2, SECRET).user("alice").with(79, [2, 1, 0, 5, 1]).unsigned().octets()).await;
    assert_eq!(line.ask(&alice(3)).await.code, CHALLENGE);
    assert_eq!((port.dropped("unknown-code"), port.dropped("unsigned")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_answered_before_the_end() {
    let mut port = Port::open().await;
    let (mut line, mut idle) = (port.connect().await, port.connect().await);
    let (first, second) = (alice(1), Request::status(2, SECRET));
    line.send(&first.octets()).await;
    line.send(&second.octets()).await;
    // The second is answered at once, and has been read after the first, which costs a hash.
    let is_answered = || port.test.app.metrics.render().contains("client=\"branch\",outcome=\"status\"} 1");
    while !is_answered() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    port.stopper.stop();
    for _ in 0..2 {
        let reply = line.receive().await.expect("a reply");
        match reply[1] {
            1 => assert_eq!(first.read(&reply).code, CHALLENGE),
            _ => assert_eq!(second.read(&reply).code, ACCEPT),
        }
    }
    assert_eq!((line.receive().await, idle.receive().await), (None, None));
    while port.doors.join_next().await.is_some() {}
}
