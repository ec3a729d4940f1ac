//! The TLS side of a relay: which authorities are trusted, and what a failed handshake means to an
//! operator. Owns the connector, built once per relay because loading the system's authorities
//! costs milliseconds. The name check cannot be switched off.

use std::fs;
use std::io;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::mail::error::MailError;
use crate::mail::relay::Relay;

/// A kept connector for one relay. Cloning shares it, and with it the session cache.
#[derive(Clone)]
pub struct Tls(TlsConnector);

impl Tls {
    /// Trusts the system's authorities and those of the relay's `ca_file`. Reads files: call it
    /// when starting, not between two messages.
    pub fn new(relay: &Relay) -> Result<Self, MailError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Verifier::new_with_extra_roots(extra_roots(relay)?, provider.clone())
            .map_err(|error| MailError::misconfigured(format!("no usable certificate authorities: {error}")))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| MailError::misconfigured(format!("TLS is not usable: {error}")))?
            // The name of the method is a general warning: what is set here is the verifier of the
            // platform, which checks chain, dates and name.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Shakes hands within the relay's limit.
    pub(super) async fn shake_hands(
        &self,
        relay: &Relay,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, MailError> {
        let name = ServerName::try_from(relay.bare_host().to_owned()).map_err(|_| {
            MailError::misconfigured(format!("{} cannot be the name in a certificate", relay.host.escape_debug()))
        })?;
        match timeout(relay.limits.tls, self.0.connect(name, socket)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(handshake_failure(relay, &error)),
            Err(_) => Err(MailError::try_later("the TLS handshake took too long")),
        }
    }
}

fn extra_roots(relay: &Relay) -> Result<Vec<CertificateDer<'static>>, MailError> {
    let Some(path) = &relay.ca_file else {
        return Ok(Vec::new());
    };
    let refuse = |what: String| MailError::misconfigured(format!("CA file {}: {what}", path.display()));
    let pem = fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let roots: Vec<_> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|error| refuse(error.to_string()))?;
    if roots.is_empty() { Err(refuse("no certificate in it".to_owned())) } else { Ok(roots) }
}

/// Sorts a failed handshake: a lost connection heals by itself, everything else needs a person.
fn handshake_failure(relay: &Relay, error: &io::Error) -> MailError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        None => MailError::try_later(format!("the TLS handshake was cut off: {error}")),
        Some(rustls::Error::InvalidCertificate(fault)) => {
            MailError::misconfigured(format!("certificate refused: {}", certificate_fault(relay, fault)))
        }
        Some(rustls::Error::InvalidMessage(_)) => MailError::misconfigured(format!(
            "{} port {} does not speak TLS from the first byte: is it a STARTTLS port?",
            relay.host, relay.port
        )),
        Some(other) => MailError::misconfigured(format!("the TLS handshake failed: {other}")),
    }
}

fn certificate_fault(relay: &Relay, fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it was not issued for the name {}", relay.host)
        }
        CertificateError::UnknownIssuer => {
            "it was issued by an authority that is not trusted here; a private one goes into the CA file".to_owned()
        }
        CertificateError::Revoked => "it has been revoked".to_owned(),
        other => other.to_string(),
    }
}
