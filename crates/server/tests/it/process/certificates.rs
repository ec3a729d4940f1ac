//! Certificates that are renewed under a running server, by both doors that show one.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::place::{Place, Server, free, until};
use crate::radius::certificates::Authority;

/// A server with HTTPS and RadSec on one certificate; a client of RadSec has the certificate `branch`.
struct Rig {
    place: Place,
    server: Server,
    radsec: SocketAddr,
    authority: Authority,
}

impl Rig {
    fn start() -> Self {
        let (mut place, radsec) = (Place::ready(), free());
        let folder = place.folder.path().to_owned();
        let authority = Authority::new(&folder, "ca.pem");
        authority.certify("server", &["127.0.0.1"]);
        authority.certify("branch", &["branch.example.org"]);
        std::fs::copy(folder.join("ca.pem"), folder.join("clients.pem")).unwrap();
        let file = |name: &str| folder.join(name).display().to_string();
        let pair = format!("cert_file = \"{}\"\nkey_file = \"{}\"\n", file("server.pem"), file("server.key"));
        place.extra = format!(
            "[http.tls]\n{pair}[radius.tls]\nlisten = [\"{radsec}\"]\n{pair}client_ca_file = \"{}\"\n\
             [[radius.client]]\nname = \"branch\"\naddress = \"127.0.0.0/8\"\ncertificate_name = \"branch.example.org\"\n",
            file("clients.pem")
        );
        let server = place.serve();
        Self { place, server, radsec, authority }
    }

    fn folder(&self) -> &Path {
        self.place.folder.path()
    }

    /// The certificate that a door shows to somebody it lets in.
    fn shown(&self, door: SocketAddr, holder: &str) -> Option<Vec<u8>> {
        let folder = self.folder();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        // Version 1.2, where a server has looked at the client's certificate before the handshake ends.
        let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&rustls::version::TLS12]);
        let chain = vec![CertificateDer::from_pem_file(folder.join(format!("{holder}.pem"))).unwrap()];
        let key = PrivateKeyDer::from_pem_file(folder.join(format!("{holder}.key"))).unwrap();
        let config = config.unwrap().with_root_certificates(roots).with_client_auth_cert(chain, key).unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut session = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut socket = TcpStream::connect(door).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        while session.is_handshaking() {
            session.complete_io(&mut socket).ok()?;
        }
        Some(session.peer_certificates()?.first()?.to_vec())
    }

    /// What stands in the file.
    fn renewed(&self) -> Vec<u8> {
        CertificateDer::from_pem_file(self.folder().join("server.pem")).unwrap().to_vec()
    }

    fn doors(&self) -> [SocketAddr; 2] {
        [self.server.http, self.radsec]
    }

    fn until_shown(&self, certificate: &[u8]) {
        for door in self.doors() {
            let is_shown = || self.shown(door, "branch").is_some_and(|shown| shown == certificate).then_some(());
            until(&format!("the certificate at {door}"), PATIENCE, is_shown);
        }
    }
}

#[test]
fn a_renewed_certificate_is_shown_without_a_restart() {
    let rig = Rig::start();
    let first = rig.renewed();
    rig.until_shown(&first);
    rig.authority.certify("server", &["127.0.0.1"]);
    let second = rig.renewed();
    assert_ne!(first, second);
    rig.until_shown(&second);
}

#[test]
fn a_file_that_cannot_be_used_changes_nothing_and_is_spoken_of_once() {
    let rig = Rig::start();
    let first = rig.renewed();
    // At one stroke: half a file would be spoken of, too.
    std::fs::write(rig.folder().join("broken"), "no certificate").unwrap();
    std::fs::rename(rig.folder().join("broken"), rig.folder().join("server.pem")).unwrap();
    let said = |words: &str| rig.place.read("stderr").lines().filter(|line| line.contains(words)).count();
    let words = "a certificate could not be read again; what was read before stays in use";
    until("the log to say so", PATIENCE, || (said(words) == 2).then_some(()));
    rig.until_shown(&first);
    rig.authority.certify("server", &["127.0.0.1"]);
    rig.until_shown(&rig.renewed());
    assert!(said("http.tls") >= 1 && said("radius.tls") >= 1, "{}", rig.place.read("stderr"));
}

#[test]
fn a_key_that_others_may_read_is_no_key() {
    let mut rig = Rig::start();
    let key = rig.folder().join("server.key");
    let open_to = |mode| std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
    let first = rig.renewed();
    rig.until_shown(&first);
    rig.authority.certify("server", &["127.0.0.1"]);
    open_to(0o644);
    let said = format!("others may read the key file {} (mode 0644); run: chmod 0600", key.display());
    until("the log to say so", PATIENCE, || rig.place.read("stderr").contains(&said).then_some(()));
    open_to(0o600);
    rig.until_shown(&rig.renewed());
    rig.server.child.terminate(PATIENCE);
    open_to(0o640);
    let refused = rig.place.cli(&["serve"], "");
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("http.tls: others may read the key file"), "{}", refused.err);
}

#[test]
fn who_may_speak_radsec_follows_the_file_of_authorities() {
    let rig = Rig::start();
    let other = Authority::new(rig.folder(), "others.pem");
    other.certify("moved", &["branch.example.org"]);
    assert!(rig.shown(rig.radsec, "branch").is_some());
    assert_eq!(rig.shown(rig.radsec, "moved"), None);
    std::fs::copy(rig.folder().join("others.pem"), rig.folder().join("clients.pem")).unwrap();
    until("the new authority to count", PATIENCE, || rig.shown(rig.radsec, "moved").map(drop));
    assert_eq!(rig.shown(rig.radsec, "branch"), None, "the old one does not");
}

const PATIENCE: Duration = Duration::from_secs(30);
