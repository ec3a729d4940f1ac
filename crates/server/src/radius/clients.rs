//! The clients: who may ask, found by the narrowest network, each with a secret and a memory of its own.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::secret::Secret;
use ipnet::IpNet;

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
        self.0.iter().find(|client| client.network.contains(&address))
    }

    /// Says what is allowed and not wise.
    pub(super) fn warn(&self) {
        if self.0.is_empty() {
            tracing::warn!(
                "radius.listen is set, but there is no client: nobody gets an answer; add a [[radius.client]]"
            );
        }
        for (number, client) in self.0.iter().enumerate() {
            if let Some(other) = self.0.iter().skip(number + 1).find(|other| other.shared == client.shared) {
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
            is_learning: config.require_message_authenticator == MessageAuthenticator::Auto,
            has_signed: AtomicBool::new(false),
        }
    }

    /// The shared secret.
    pub(super) fn shared(&self) -> &[u8] {
        self.shared.expose().as_bytes()
    }

    /// Whether its requests have to be signed: by order, or because it has shown that it can.
    pub(super) fn must_sign(&self) -> bool {
        !self.is_learning || self.has_signed.load(Ordering::Relaxed)
    }

    /// Notes that it can sign.
    pub(super) fn has_signed(&self) {
        self.has_signed.store(true, Ordering::Relaxed);
    }
}
