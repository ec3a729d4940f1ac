//! From the relays that administrators set to open pools of connections.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::address::MailAddress;

use crate::keys::Keys;
use crate::mail::pool::RelayPool;
use crate::mail::relay::{Credentials, Limits, Mechanism, Relay, Security};
use crate::mail::smtp::{Connection, Tls};
use crate::settings::Settings;
use crate::store::relays::StoredRelay;

/// The pools in use, by the relay that a mail prefers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mailer(Arc<Mutex<HashMap<String, Route>>>);

/// Which pool a mail goes to, and who it is from.
#[derive(Clone)]
pub struct Route {
    /// The picture of the settings in which it was last looked up.
    version: i64,
    relays: Arc<[StoredRelay]>,
    /// The relays, in order.
    pub pool: Arc<RelayPool>,
    /// Sender of the first relay.
    pub sender: MailAddress,
}

/// Why no relay can be asked at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RelayProblem {
    /// None is set.
    #[error("no mail relay is set; add one under /smtpserver/ and name it in email.identifier")]
    None,
    /// The sender is not an address.
    #[error("relay {0} has no valid sender address")]
    Sender(String),
    /// The stored password does not open.
    #[error("the stored password of relay {0} does not open with this key file; enter it again")]
    Sealed(String),
}

impl Mailer {
    /// The pool for a mail: the enrollment's own relay first, then the usual order.
    pub fn route(&self, settings: &Settings, keys: &Keys, preferred: &str) -> Result<Route, RelayProblem> {
        let preferred = if settings.relays.iter().any(|relay| relay.name == preferred) { preferred } else { "" };
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(preferred).filter(|route| route.version == settings.version) {
            return Ok(route.clone());
        }
        let (version, relays) = (settings.version, in_order(settings, preferred));
        // A change of anything else leaves the connections as they are.
        let same = routes.values().find(|route| *route.relays == *relays).cloned();
        let route = same.map_or_else(|| open(relays, keys), Ok)?;
        let route = Route { version, ..route };
        routes.insert(preferred.to_owned(), route.clone());
        Ok(route)
    }

    /// Closes connections that nobody has used for a while.
    pub async fn close_idle(&self) {
        let pools: Vec<_> = {
            let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            routes.values().map(|route| Arc::clone(&route.pool)).collect()
        };
        for pool in pools {
            pool.close_idle().await;
        }
    }

    /// Every relay in use, and whether it takes mail.
    pub fn health(&self) -> Vec<(String, bool)> {
        let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeMap::new();
        for health in routes.values().flat_map(|route| route.pool.health()) {
            *all.entry(health.name).or_insert(true) &= health.up;
        }
        all.into_iter().collect()
    }
}

/// A pool for one relay alone, to try it out. `timeout` bounds the whole attempt.
pub fn test_relay(relay: StoredRelay, keys: &Keys) -> Result<Route, RelayProblem> {
    open(vec![relay], keys)
}

/// Connects to a relay, protects the connection, signs in, and leaves again without a mail.
pub(super) async fn greet(keys: &Keys, relay: &StoredRelay) -> Result<(), String> {
    let relay = unseal(relay, keys).map_err(|problem| problem.to_string())?;
    let greeted = async {
        let tls = Tls::new(&relay)?;
        Connection::open(&relay, &tls).await
    };
    let connection = greeted.await.map_err(|error| error.to_string())?;
    // A relay that is rude at the end has greeted us all the same.
    drop(connection.quit().await);
    Ok(())
}

/// The relays named in `email.identifier`, in that order; all of them where it names none.
fn in_order(settings: &Settings, preferred: &str) -> Vec<StoredRelay> {
    let usual = settings.values.get("email.identifier").map(String::as_str).unwrap_or_default();
    let names = std::iter::once(preferred).chain(usual.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let mut order: Vec<StoredRelay> = Vec::new();
    for name in names {
        let found = settings.relays.iter().find(|relay| relay.name == name);
        order.extend(found.filter(|relay| !order.contains(relay)).cloned());
    }
    if order.is_empty() { settings.relays.clone() } else { order }
}

/// Reads certificate files. Not looked up in any settings yet.
fn open(relays: Vec<StoredRelay>, keys: &Keys) -> Result<Route, RelayProblem> {
    let first = relays.first().ok_or(RelayProblem::None)?;
    let sender = MailAddress::parse(&first.sender).map_err(|_| RelayProblem::Sender(first.name.clone()))?;
    let opened = relays.iter().map(|relay| unseal(relay, keys)).collect::<Result<Vec<_>, _>>()?;
    Ok(Route { version: 0, pool: Arc::new(RelayPool::new(opened)), relays: relays.into(), sender })
}

fn unseal(stored: &StoredRelay, keys: &Keys) -> Result<Relay, RelayProblem> {
    let credentials = match &stored.sealed_password {
        Some(sealed) if !stored.user_name.is_empty() => {
            let secret = keys.open(&seal_place(&stored.name), sealed);
            let secret = secret.map_err(|_| RelayProblem::Sealed(stored.name.clone()))?;
            Some(Credentials { user: stored.user_name.clone(), secret, mechanism: mechanism(&stored.mechanism) })
        }
        _ => None,
    };
    let attempt = Duration::from_secs(u64::try_from(stored.timeout_seconds).unwrap_or(30).clamp(1, 30));
    Ok(Relay {
        port: stored.port,
        security: security(&stored.security),
        credentials,
        ca_file: Some(PathBuf::from(&stored.ca_file)).filter(|path| !path.as_os_str().is_empty()),
        limits: Limits { attempt, ..Limits::default() },
        allow_plaintext: stored.allow_plaintext,
        ..Relay::new(&*stored.name, &*stored.host)
    })
}

/// Where a relay's password is sealed for; elsewhere it does not open.
pub fn seal_place(relay: &str) -> String {
    format!("relay/{relay}/password")
}

/// An unknown name is read as the safest: TLS from the first byte.
fn security(name: &str) -> Security {
    match name {
        "plaintext" => Security::Plaintext,
        "starttls" => Security::StartTls,
        _ => Security::Implicit,
    }
}

fn mechanism(name: &str) -> Mechanism {
    match name {
        "login" => Mechanism::Login,
        "plain" => Mechanism::Plain,
        "xoauth2" => Mechanism::XOAuth2,
        _ => Mechanism::Auto,
    }
}
