//! Certificates and keys of the doors that speak TLS, and who may speak there. Their files may be renewed while the
//! doors are open.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::config::Tls;
use crate::keys::check_private;

/// What a door shows, as its files had it when they were last in order.
pub struct Credentials {
    /// The section of the configuration that names the files.
    key: &'static str,
    files: Files,
    held: Mutex<Held>,
}

/// What is wrong with a file that a section of the configuration names.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {what}")]
pub struct Unusable {
    key: &'static str,
    what: String,
}

struct Files {
    tls: Tls,
    /// Whose holders alone may speak; without it everybody may.
    client_ca: Option<PathBuf>,
    protocols: Vec<Vec<u8>>,
}

struct Held {
    acceptor: TlsAcceptor,
    /// The files as they were when they were last read, whatever came of it.
    seen: Vec<Option<Stamp>>,
}

/// By which one sees that a file is not the one it was.
#[derive(PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    octets: u64,
    /// Of the last change to what is in it, its name or its rights.
    changed: (i64, i64),
}

impl Credentials {
    /// Of a door for HTTP, that wants no certificate of anybody. Reads the files.
    pub fn for_everybody(key: &'static str, tls: &Tls) -> Result<Self, Unusable> {
        Self::read(key, Files { tls: tls.clone(), client_ca: None, protocols: vec![b"http/1.1".to_vec()] })
    }

    /// Of a door that speaks with nobody but those for whom one of these authorities vouches. Reads the files.
    pub fn for_holders(key: &'static str, tls: &Tls, client_ca_file: &Path) -> Result<Self, Unusable> {
        let client_ca = Some(client_ca_file.to_owned());
        Self::read(key, Files { tls: tls.clone(), client_ca, protocols: Vec::new() })
    }

    fn read(key: &'static str, files: Files) -> Result<Self, Unusable> {
        let seen = files.stamps();
        let acceptor = files.read().map_err(|what| Unusable { key, what })?;
        Ok(Self { key, files, held: Mutex::new(Held { acceptor, seen }) })
    }

    /// For the next connection; those that are open stay as they are.
    pub fn acceptor(&self) -> TlsAcceptor {
        self.held().acceptor.clone()
    }

    /// Reads the files if they are others than they were. What cannot be used is said once, and changes nothing.
    pub fn refresh(&self) {
        // Before they are read: what changes in between is seen the next time.
        let now = self.files.stamps();
        if self.held().seen == now {
            return;
        }
        let read = self.files.read();
        let mut held = self.held();
        held.seen = now;
        match read {
            Ok(acceptor) => {
                held.acceptor = acceptor;
                tracing::info!(key = self.key, "certificates were read again");
            }
            Err(error) => {
                tracing::error!(key = self.key, %error, "a certificate could not be read again; what was read before stays in use");
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn stamps(&self) -> Vec<Option<Stamp>> {
        let files = [&self.tls.cert_file, &self.tls.key_file].into_iter().chain(&self.client_ca);
        files.map(|file| Stamp::of(file)).collect()
    }

    /// TLS 1.2 and 1.3.
    fn read(&self) -> Result<TlsAcceptor, String> {
        let Tls { cert_file, key_file } = &self.tls;
        let chain = certificates(cert_file)?;
        let key = private_key(key_file)?;
        let versions = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
        let mut config = versions
            .map_err(|error| error.to_string())?
            .with_client_cert_verifier(self.verifier()?)
            .with_single_cert(chain, key)
            .map_err(|error| cannot_use(cert_file, &error))?;
        config.alpn_protocols.clone_from(&self.protocols);
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, String> {
        let Some(file) = &self.client_ca else {
            return Ok(WebPkiClientVerifier::no_client_auth());
        };
        let mut roots = RootCertStore::empty();
        for authority in certificates(file)? {
            roots.add(authority).map_err(|error| cannot_use(file, &error))?;
        }
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        verifier.map_err(|error| cannot_use(file, &error))
    }
}

impl Stamp {
    /// None of a file that is not there, or not ours to see.
    fn of(file: &Path) -> Option<Self> {
        let about = std::fs::metadata(file).ok()?;
        let changed = (about.ctime(), about.ctime_nsec());
        Some(Self { device: about.dev(), inode: about.ino(), octets: about.size(), changed })
    }
}

/// A link is followed, as programs that renew certificates leave one; where it leads, only we may read.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
    let (found, file) = opened.map_err(|error| cannot_use(path, &error))?;
    check_private(path, &found).map_err(|error| error.to_string())?;
    PrivateKeyDer::from_pem_reader(BufReader::new(file)).map_err(|error| cannot_use(path, &error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| cannot_use(file, &error))
}

fn cannot_use(file: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} cannot be used: {error}", file.display())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}
