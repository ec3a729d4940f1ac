//! The clients: who may ask, found by the narrowest network, each with a secret and a memory of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::secret::Secret;
use ipnet::IpNet;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::duplicates::Duplicates;
use crate::config::{MessageAuthenticator, RadiusClient, RadiusProfile};

/// Everybody who may ask.
pub(super) struct Clients(Vec<Arc<Client>>);

/// One of them.
pub(super) struct Client {
    /// Its name in log, audit and metrics.
    pub(super) name: String,
    /// Its client group: nobody outside can answer its challenges.
    pub(super) group: String,
    /// How people sign in there.
    pub(super) profile: RadiusProfile,
    /// What it was sent lately.
    pub(super) duplicates: Duplicates,
    network: IpNet,
    shared: Secret,
    /// The name in its certificate, if it speaks over TLS.
    certificate_name: Option<ServerName<'static>>,
    connections: Arc<Semaphore>,
    is_learning: bool,
    has_signed: AtomicBool,
}

impl Clients {
    /// From the configuration.
    pub(super) fn new(config: &[RadiusClient]) -> Self {
        let mut clients: Vec<_> = config.iter().map(|client| Arc::new(Client::new(client))).collect();
        clients.sort_by_key(|client| std::cmp::Reverse(client.network.prefix_len()));
        Self(clients)
    }

    /// The client with the narrowest network around an address.
    pub(super) fn find(&self, address: IpAddr) -> Option<&Arc<Client>> {
        self.0.iter().find(|client| !client.is_certified() && client.network.contains(&address))
    }

    /// The client whose certificate this is, if it lives there. One that names two clients names none.
    pub(super) fn find_holder(&self, certificate: &CertificateDer<'_>, address: IpAddr) -> Option<&Arc<Client>> {
        let certificate = ParsedCertificate::try_from(certificate).ok()?;
        let carries = |name: &ServerName<'_>| verify_server_name(&certificate, name).is_ok();
        let mut named = self.0.iter().filter(|client| client.certificate_name.as_ref().is_some_and(carries));
        let client = named.next().filter(|_| named.next().is_none())?;
        client.network.contains(&address).then_some(client)
    }

    /// Says what is allowed and not wise.
    pub(super) fn warn(&self) {
        if self.0.is_empty() {
            tracing::warn!(
                "radius.listen is set, but there is no client: nobody gets an answer; add a [[radius.client]]"
            );
        }
        for (number, client) in self.0.iter().enumerate() {
            let shares = |other: &&Arc<Client>| other.shared == client.shared && !other.is_certified();
            if let Some(other) = self.0.iter().skip(number + 1).find(shares).filter(|_| !client.is_certified()) {
                let (one, other) = (&client.name, &other.name);
                tracing::warn!(
                    one,
                    other,
                    "two RADIUS clients share one secret: who takes one over can speak for both"
                );
            }
        }
    }
}

impl Client {
    fn new(config: &RadiusClient) -> Self {
        Self {
            name: config.name.clone(),
            group: config.profile.client_group.clone().unwrap_or_else(|| format!("radius {}", config.name)),
            profile: config.profile.clone(),
            duplicates: Duplicates::default(),
            network: config.address,
            shared: config.secret.clone(),
            certificate_name: config.certificate_name.clone().map(ServerName::DnsName),
            connections: Arc::new(Semaphore::new(MOST_CONNECTIONS)),
            is_learning: config.require_message_authenticator == MessageAuthenticator::Auto,
            has_signed: AtomicBool::new(false),
        }
    }

    /// The shared secret.
    pub(super) fn shared(&self) -> &[u8] {
        self.shared.expose().as_bytes()
    }

    /// Whether it is known by its certificate, so that TLS protects what it says.
    pub(super) fn is_certified(&self) -> bool {
        self.certificate_name.is_some()
    }

    /// A place for one more connection, given back when dropped.
    pub(super) fn connection(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.connections).try_acquire_owned().ok()
    }

    /// Whether its requests have to be signed: by order, or because it has shown that it can.
    pub(super) fn must_sign(&self) -> bool {
        !self.is_certified() && (!self.is_learning || self.has_signed.load(Ordering::Relaxed))
    }

    /// Notes that it can sign.
    pub(super) fn has_signed(&self) {
        if self.is_learning && !self.has_signed.swap(true, Ordering::Relaxed) {
            let client = self.name.as_str();
            tracing::info!(
                client,
                "RADIUS: this client signs its requests, from now on it has to; set its \
                 require_message_authenticator to \"yes\", so that this outlives a restart"
            );
        }
    }
}

/// Connections of one client at the same time; a proxy needs one or two.
const MOST_CONNECTIONS: usize = 32;
