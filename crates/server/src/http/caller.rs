//! Who calls: a listed network, an API key, or an administrator with an access token.

use axum::http::HeaderMap;
use domain::attempt::{Audience, Client, Device};
use domain::secret::Secret;

use crate::api_key::{ApiKey, STANDARD_GROUP, Scope};
use crate::app::App;
use crate::origin::Origin;

/// A caller that may call at all.
#[derive(Debug, Clone)]
pub enum Caller {
    /// An application with its key.
    Key(ApiKey),
    /// Anything in a listed network.
    Network,
}

/// What a caller says about the end user. It counts only from those who may say so.
#[derive(Debug, Clone, Default)]
pub struct Claimed {
    /// Their device.
    pub device: Device,
    /// The theme they came in by.
    pub theme: Option<String>,
}

/// Why a caller may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// The key is wrong, expired, revoked, or not for this network.
    BadKey,
    /// The key is good, but not for this.
    MissingScope(Scope),
    /// No key, and no listed network.
    NoKey,
}

/// Admits a caller of the calls that clients make without signing in.
pub fn admit(app: &App, origin: &Origin, headers: &HeaderMap, scope: Scope) -> Result<Caller, NotAdmitted> {
    if let Some(text) = presented_key(headers) {
        return find_key(app, origin, &text, scope).map(Caller::Key);
    }
    let is_in = |address| app.config.validate.allow.iter().any(|network| network.contains(&address));
    let is_listed = origin.address.is_some_and(is_in);
    if is_listed { Ok(Caller::Network) } else { Err(NotAdmitted::NoKey) }
}

/// The key that a text names, if it may do this from there.
pub fn find_key(app: &App, origin: &Origin, text: &Secret, scope: Scope) -> Result<ApiKey, NotAdmitted> {
    let settings = app.settings();
    let key = settings.find_api_key(text, app.now(), origin.address).ok_or(NotAdmitted::BadKey)?;
    if key.may(scope) { Ok(key.clone()) } else { Err(NotAdmitted::MissingScope(scope)) }
}

/// An API key in `X-API-Key`, or in `Authorization` with or without `Bearer`. Other
/// authorizations are not for us to judge here: some clients send theirs with every call.
pub fn presented_key(headers: &HeaderMap) -> Option<Secret> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(Secret::new(key.to_str().unwrap_or_default()));
    }
    let text = headers.get("authorization")?.to_str().ok()?;
    let bare = text.strip_prefix("Bearer ").unwrap_or(text);
    bare.starts_with("otpk_").then(|| Secret::new(bare))
}

impl Caller {
    /// This caller as the use case knows it. What it claims about the end user counts only if it may
    /// make such claims.
    pub fn client(&self, origin: &Origin, claimed: Claimed) -> Client {
        let (group, label, may_claim) = match self {
            Self::Key(key) => (key.client_group.clone(), format!("key {}", key.id), key.may(Scope::AssertClient)),
            Self::Network => (STANDARD_GROUP.to_owned(), format!("network {}", origin.place()), false),
        };
        let Claimed { device, theme } = if may_claim { claimed } else { Claimed::default() };
        Client {
            group,
            label,
            address: device.address.or(origin.address),
            device,
            audience: Audience::Program,
            theme,
            request_id: origin.request_id.clone(),
            request_key: None,
        }
    }
}
