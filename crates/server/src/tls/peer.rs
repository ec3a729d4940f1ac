//! TLS to a peer that administrators name: which authorities are trusted, and what a failed handshake
//! means to an operator. The name check cannot be switched off.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What is trusted, kept for one peer because loading the system's authorities costs milliseconds.
/// Cloning shares it, and with it the session cache.
#[derive(Clone)]
pub struct Trust(TlsConnector);

/// The peer, as its certificate must name it.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// Host name or address, without brackets.
    pub host: &'a str,
    /// TCP port, for what is said to operators.
    pub port: u16,
}

/// Why there is no protected connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// It heals by itself: the connection was lost, or too slow.
    #[error("{0}")]
    Lost(String),
    /// A person has to mend it.
    #[error("{0}")]
    Misconfigured(String),
}

impl Trust {
    /// Trusts the system's authorities and those of a PEM file. Reads files: call it when starting, not
    /// between two messages.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, TlsError> {
        let wrong = |what: String| TlsError::Misconfigured(what);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(extra_roots(ca_file)?, provider.clone())
            .map_err(|error| wrong(format!("no usable certificate authorities: {error}")))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(format!("TLS is not usable: {error}")))?
            // The name of the method is a general warning: what is set here is the verifier of the
            // platform, which checks chain, dates and name.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Shakes hands within that time.
    pub async fn shake_hands<S>(&self, peer: Peer<'_>, socket: S, limit: Duration) -> Result<TlsStream<S>, TlsError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(peer.host.to_owned()).map_err(|_| {
            TlsError::Misconfigured(format!("{} cannot be the name in a certificate", peer.host.escape_debug()))
        })?;
        match timeout(limit, self.0.connect(name, socket)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(handshake_failure(peer, &error)),
            Err(_) => Err(TlsError::Lost("the TLS handshake took too long".to_owned())),
        }
    }
}

fn extra_roots(ca_file: Option<&Path>) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let Some(path) = ca_file else {
        return Ok(Vec::new());
    };
    let refuse = |what: String| TlsError::Misconfigured(format!("CA file {}: {what}", path.display()));
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let roots: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| refuse(error.to_string()))?;
    if roots.is_empty() { Err(refuse("no certificate in it".to_owned())) } else { Ok(roots) }
}

/// Sorts a failed handshake: a lost connection heals by itself, everything else needs a person.
fn handshake_failure(peer: Peer<'_>, error: &io::Error) -> TlsError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        None => TlsError::Lost(format!("the TLS handshake was cut off: {error}")),
        Some(rustls::Error::InvalidCertificate(fault)) => {
            TlsError::Misconfigured(format!("certificate refused: {}", certificate_fault(peer, fault)))
        }
        Some(rustls::Error::InvalidMessage(_)) => TlsError::Misconfigured(format!(
            "{} port {} does not speak TLS from the first byte: is it a STARTTLS port?",
            peer.host, peer.port
        )),
        Some(other) => TlsError::Misconfigured(format!("the TLS handshake failed: {other}")),
    }
}

fn certificate_fault(peer: Peer<'_>, fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it was not issued for the name {}", peer.host)
        }
        CertificateError::UnknownIssuer => {
            "it was issued by an authority that is not trusted here; a private one goes into the CA file".to_owned()
        }
        CertificateError::Revoked => "it has been revoked".to_owned(),
        other => other.to_string(),
    }
}
