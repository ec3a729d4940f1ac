//! Where the server is and how it is reached: address, TLS, limits of a connection.

use std::fs;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::StoreError;
use crate::config::is_encrypted;

/// The address of the server, taken apart and checked.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Server {
    /// Reads `postgres://USER@HOST/DATABASE`. Of TLS there are two kinds: `sslmode=verify-full`, the
    /// default for every other machine, and `sslmode=disable`, for this one. A private authority
    /// goes into `sslrootcert=FILE`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (url, own) = split_own_parameters(url);
        let mut config: Config = url.parse().map_err(|error| unfit(format!("the address cannot be read: {error}")))?;
        let is_here =
            config.get_hosts().iter().all(is_this_machine) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        let is_encrypted = is_encrypted(own.mode.as_deref(), is_here).map_err(unfit)?;
        config
            .ssl_mode(if is_encrypted { SslMode::Require } else { SslMode::Disable })
            .application_name("otpost")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(10));
        let tls = if is_encrypted { verifying(own.authority.as_deref())? } else { trusting_nobody()? };
        Ok(Self { config, tls: MakeRustlsConnect::new(tls) })
    }
}

impl Server {
    /// How long connecting may take: every host may be silent before the last one answers.
    pub(super) fn connect_patience(&self) -> Duration {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len()).max(1);
        CONNECT * u32::try_from(hosts).unwrap_or(u32::MAX)
    }
}

/// Parameters that the driver does not know.
#[derive(Default)]
struct Own {
    mode: Option<String>,
    authority: Option<String>,
}

fn split_own_parameters(url: &str) -> (String, Own) {
    let Some((place, parameters)) = url.split_once('?') else {
        return (url.to_owned(), Own::default());
    };
    let mut own = Own::default();
    let mut others = Vec::new();
    for parameter in parameters.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", mode)) => own.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => own.authority = Some(file.replace("%2F", "/").replace("%20", " ")),
            _ => others.push(parameter),
        }
    }
    let rest = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (format!("{place}{rest}"), own)
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        Host::Unix(_) => true,
    }
}

/// Checks chain, dates and name, against the system's authorities or the one that is given.
fn verifying(authority: Option<&str>) -> Result<ClientConfig, StoreError> {
    let builder = builder()?;
    let Some(file) = authority else {
        let builder = builder.with_platform_verifier().map_err(|error| unfit(format!("no authorities: {error}")))?;
        return Ok(builder.with_no_client_auth());
    };
    let refuse = |what: String| unfit(format!("sslrootcert {file}: {what}"));
    let pem = fs::read(file).map_err(|error| refuse(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
        roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refuse("no certificate in it".to_owned()));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// For connections that never shake hands.
fn trusting_nobody() -> Result<ClientConfig, StoreError> {
    Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, StoreError> {
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(format!("TLS is not usable: {error}")))
}

fn unfit(what: impl Into<String>) -> StoreError {
    StoreError::Unfit(format!("store.url: {}", what.into()))
}

/// Until one host counts as not there.
pub(super) const CONNECT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Result<SslMode, String> {
        Server::parse(url).map(|server| server.config.get_ssl_mode()).map_err(|error| error.to_string())
    }

    #[test]
    fn another_machine_is_reached_by_tls_alone() {
        assert_eq!(mode("postgres://otpost@db.example.org/otpost"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://otpost@192.0.2.7/otpost?sslmode=verify-full"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://otpost@127.0.0.1,db/otpost"), Ok(SslMode::Require));
        assert_eq!(mode("postgres://otpost@localhost/otpost?hostaddr=192.0.2.7"), Ok(SslMode::Require));
        assert!(mode("postgres://otpost@db/otpost?sslmode=disable").expect_err("refused").contains("this machine"));
        for half in ["prefer", "require", "allow", "verify-ca", ""] {
            assert!(mode(&format!("postgres://otpost@db/otpost?sslmode={half}")).is_err(), "{half}");
        }
    }

    #[test]
    fn this_machine_needs_no_tls() {
        for here in ["127.0.0.1", "[::1]", "localhost", "127.0.0.1:5433", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://otpost@{here}/otpost")), Ok(SslMode::Disable), "{here}");
        }
        assert_eq!(mode("postgres://otpost@localhost/otpost?sslmode=verify-full"), Ok(SslMode::Require));
    }

    #[test]
    fn an_authority_that_cannot_be_read_is_named() {
        let refused = mode("postgres://otpost@db/otpost?sslrootcert=%2Fno%2Fsuch.pem").expect_err("refused");
        assert!(refused.contains("/no/such.pem"), "{refused}");
    }
}
