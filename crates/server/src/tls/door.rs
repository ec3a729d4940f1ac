//! Certificates and keys of the doors that speak TLS, read once, at the start.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::config::Tls;

/// A server that wants no certificate of anybody.
pub fn for_everybody(tls: &Tls) -> Result<ServerConfig, String> {
    config(tls, WebPkiClientVerifier::no_client_auth())
}

/// A server that speaks with nobody but those for whom one of these authorities vouches.
pub fn for_holders(tls: &Tls, client_ca_file: &Path) -> Result<ServerConfig, String> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(client_ca_file)? {
        roots.add(authority).map_err(|error| unusable(client_ca_file, &error))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    config(tls, verifier.map_err(|error| unusable(client_ca_file, &error))?)
}

/// TLS 1.2 and 1.3.
fn config(tls: &Tls, verifier: Arc<dyn ClientCertVerifier>) -> Result<ServerConfig, String> {
    let chain = certificates(&tls.cert_file)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|error| unusable(&tls.key_file, &error))?;
    let versions = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    versions
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| unusable(&tls.cert_file, &error))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{} cannot be used: {error}", file.display())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}
