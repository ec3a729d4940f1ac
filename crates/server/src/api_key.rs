//! API keys: `otpk_<id>_<secret>`, scoped, hashed, bound to networks, revocable.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::random::{self, NoRandomness, Random};
use domain::secret::Secret;
use domain::time::Timestamp;
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::store::api_keys::StoredApiKey;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Read what administrators see.
    AdminRead,
    /// Change what administrators change.
    AdminWrite,
    /// State facts about the end user: address, device, gateway.
    AssertClient,
    /// Read the audit trail.
    AuditRead,
    /// Enroll users.
    Enroll,
    /// Read metrics.
    MetricsRead,
    /// Set stored secrets.
    Secrets,
    /// Check first factors and codes.
    ValidateCheck,
    /// Have a code mailed without a first factor.
    ValidateTrigger,
}

/// Every scope, in the order of their names.
pub const SCOPES: [Scope; 9] = [
    Scope::AdminRead,
    Scope::AdminWrite,
    Scope::AssertClient,
    Scope::AuditRead,
    Scope::Enroll,
    Scope::MetricsRead,
    Scope::Secrets,
    Scope::ValidateCheck,
    Scope::ValidateTrigger,
];

impl Scope {
    /// The name in commands and rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdminRead => "admin:read",
            Self::AdminWrite => "admin:write",
            Self::AssertClient => "assert-client",
            Self::AuditRead => "audit:read",
            Self::Enroll => "enroll",
            Self::MetricsRead => "metrics:read",
            Self::Secrets => "secrets",
            Self::ValidateCheck => "validate:check",
            Self::ValidateTrigger => "validate:trigger",
        }
    }

    /// Reads the name back.
    pub fn parse(name: &str) -> Option<Self> {
        SCOPES.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A key in force, or one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The public part.
    pub id: String,
    /// What the administrator calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Where it may be used; anywhere if empty.
    pub networks: Vec<IpNet>,
    /// Clients of one group may answer each other's challenges.
    pub client_group: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    secret_hash: [u8; 32],
}

impl ApiKey {
    /// Whether the text is this key, in force at `now` and allowed from there.
    pub fn admits(&self, text: &Secret, now: Timestamp, from: Option<IpAddr>) -> bool {
        let Some((id, secret)) = text.expose().strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')) else {
            return false;
        };
        let in_force = self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end);
        let is_allowed = self.networks.is_empty()
            || from.is_some_and(|from| self.networks.iter().any(|network| network.contains(&from.to_canonical())));
        // The id is no secret, so only the key it names is worth a hash.
        id == self.id && in_force && is_allowed && self.secret_hash.ct_eq(&hash(secret)).into()
    }

    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl From<StoredApiKey> for ApiKey {
    /// A scope or network that this version does not know grants nothing.
    fn from(stored: StoredApiKey) -> Self {
        let networks: Vec<_> = stored.networks.split_whitespace().map(str::parse::<IpNet>).collect();
        // A list with an unreadable network must not turn into "anywhere".
        let unreadable = networks.iter().any(Result::is_err);
        let scopes = stored.scopes.split_whitespace().filter_map(Scope::parse);
        Self {
            id: stored.id,
            name: stored.name,
            scopes: if unreadable { Vec::new() } else { scopes.collect() },
            networks: networks.into_iter().flatten().collect(),
            client_group: stored.client_group,
            created_at: stored.created_at,
            expires_at: stored.expires_at,
            revoked_at: stored.revoked_at,
            secret_hash: stored.secret_hash,
        }
    }
}

/// A new key: the row to store, and the text to show once.
pub fn create(
    name: &str,
    scopes: &[Scope],
    networks: &[IpNet],
    now: Timestamp,
    random: &dyn Random,
) -> Result<(StoredApiKey, Secret), NoRandomness> {
    let id = format!("{:08x}", u32::from_be_bytes(random::bytes(random)?));
    // The separator must not occur in the secret, so the URL-safe alphabet loses its underscore.
    let secret = URL_SAFE_NO_PAD.encode(random::bytes::<32>(random)?).replace('_', "-");
    let text = Secret::new(format!("{PREFIX}{id}_{secret}"));
    let row = StoredApiKey {
        id,
        name: name.to_owned(),
        secret_hash: hash(&secret),
        scopes: scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "),
        networks: networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        client_group: STANDARD_GROUP.to_owned(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
    };
    Ok((row, text))
}

/// The group of every client of the privacyIDEA interface that is not put into another one.
pub const STANDARD_GROUP: &str = "validate";

const PREFIX: &str = "otpk_";

// tidy: not a secret, because it is borrowed from a Secret and hashed at once
fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::OsRandom;

    #[test]
    fn a_key_is_known_by_its_secret_its_network_and_its_time() {
        let now = Timestamp::from_millis(1_000);
        let network = "10.0.0.0/8".parse().expect("network");
        let (mut row, text) = create("app", &[Scope::ValidateCheck], &[network], now, &OsRandom).expect("made");
        let inside = Some("10.1.2.3".parse().expect("address"));
        row.expires_at = Some(Timestamp::from_millis(2_000));
        let key = ApiKey::from(row.clone());
        assert!(key.admits(&text, now, inside) && key.may(Scope::ValidateCheck) && !key.may(Scope::AdminRead));
        assert!(!key.admits(&text, now, Some("192.0.2.1".parse().expect("address"))));
        assert!(!key.admits(&text, now, None));
        assert!(!key.admits(&text, Timestamp::from_millis(2_000), inside));
        assert!(!key.admits(&Secret::new(format!("otpk_{}_x", key.id)), now, inside));
        let revoked = ApiKey::from(StoredApiKey { revoked_at: Some(now), ..row });
        assert!(!revoked.admits(&text, now, inside));
    }
}
