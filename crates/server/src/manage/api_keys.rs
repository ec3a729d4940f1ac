//! API keys: making, listing, revoking.

use domain::secret::Secret;
use domain::time::Timestamp;
use ipnet::IpNet;

use super::{About, By, ManageError, apply};
use crate::api_key::{self, SCOPES, Scope};
use crate::app::App;
use crate::store::api_keys;

/// What a new key is to be.
#[derive(Debug, Clone, Default)]
pub struct NewKey {
    /// What the administrator calls it.
    pub name: String,
    /// Names of scopes.
    pub scopes: Vec<String>,
    /// Networks it may be used from; none for all.
    pub networks: Vec<IpNet>,
    /// The group of clients it belongs to; none for the usual one.
    pub group: Option<String>,
    /// When it stops working by itself.
    pub expires_at: Option<Timestamp>,
}

/// Makes a key; its text is shown once and kept nowhere.
pub async fn add(app: &App, by: &By, new: NewKey) -> Result<Secret, ManageError> {
    let scopes = new.scopes.iter().map(|name| parse_scope(name)).collect::<Result<Vec<_>, _>>()?;
    if scopes.is_empty() {
        return Err(ManageError::Invalid(format!("a key needs at least one scope of: {}", all_scopes())));
    }
    let (mut row, text) = api_key::create(&new.name, &scopes, &new.networks, app.now(), &*app.random)?;
    row.expires_at = new.expires_at;
    if let Some(group) = new.group {
        row.client_group = group;
    }
    let about = About { detail: format!("key {} with {}", row.id, row.scopes), ..About::default() };
    apply(app, by, about, vec![api_keys::insert(&row)]).await?;
    Ok(text)
}

/// Revokes a key, for good.
pub async fn revoke(app: &App, by: &By, id: &str) -> Result<(), ManageError> {
    let about = About { detail: format!("key {id}"), ..About::default() };
    apply(app, by, about, vec![api_keys::revoke(id, app.now())]).await
}

fn parse_scope(name: &str) -> Result<Scope, ManageError> {
    Scope::parse(name)
        .ok_or_else(|| ManageError::Invalid(format!("'{name}' is not a scope; there are: {}", all_scopes())))
}

fn all_scopes() -> String {
    SCOPES.map(Scope::as_str).join(", ")
}
