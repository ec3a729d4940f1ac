//! `otpost api-key …`

use clap::Subcommand;
use ipnet::IpNet;

use super::error::CliError;
use super::{Context, by};
use crate::app::App;
use crate::manage::api_keys::{self, NewKey};

/// API keys.
#[derive(Subcommand)]
pub(super) enum ApiKey {
    /// Makes a key and prints it, once.
    Add {
        /// What you call it.
        name: String,
        /// What it may do: admin:read, admin:write, assert-client, audit:read, enroll, metrics:read,
        /// secrets, validate:check, validate:trigger. Several with commas, or said several times.
        #[arg(long = "scope", visible_alias = "scopes", value_delimiter = ',', required = true)]
        scopes: Vec<String>,
        /// Network it may be used from; may be said several times. Anywhere, if never.
        #[arg(long = "network")]
        networks: Vec<IpNet>,
        /// Keys of one group may answer each other's challenges.
        #[arg(long)]
        group: Option<String>,
    },
    /// Lists keys, without their secrets.
    List,
    /// Revokes a key, for good.
    Revoke {
        /// The part of the key between `otpk_` and the next underscore.
        id: String,
    },
}

pub(super) async fn run(app: &App, context: &Context, verb: ApiKey) -> Result<(), CliError> {
    match verb {
        ApiKey::Add { name, scopes, networks, group } => {
            let new = NewKey { name, scopes, networks, group, expires_at: None };
            let text = api_keys::add(app, &by("api-key add"), new).await?;
            context.out.value("key", text.expose())
        }
        ApiKey::List => {
            let settings = app.settings();
            let row = |key: &crate::api_key::ApiKey| {
                let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                let state = if key.revoked_at.is_some() { "revoked" } else { "in force" };
                vec![key.id.clone(), key.name.clone(), scopes.join(","), key.client_group.clone(), state.to_owned()]
            };
            let rows: Vec<_> = settings.api_keys.iter().map(row).collect();
            context.out.table(&["id", "name", "scopes", "group", "state"], &rows)
        }
        ApiKey::Revoke { id } => {
            if !app.settings().api_keys.iter().any(|key| key.id == id) {
                return Err(CliError::not_found(format!("there is no API key {id}; otpost api-key list")));
            }
            api_keys::revoke(app, &by("api-key revoke"), &id).await?;
            context.out.line(&format!("key {id} revoked"))
        }
    }
}
