//! Access tokens: signed in at `/auth`, sent bare with every management call.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::attempt::{Audience, Client};
use domain::name::UserName;
use domain::random;
use domain::secret::Secret;
use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation};
use serde::Deserialize;
use serde_json::json;

use super::envelope::{Failure, busy};
use crate::api_key::{ApiKey, STANDARD_GROUP, Scope};
use crate::app::App;
use crate::hex;
use crate::http::caller::{self, Claimed};
use crate::keys::Keys;
use crate::origin::Origin;
use crate::telemetry::Chain;

/// Who acts: an administrator, or an application with a key.
#[derive(Debug, Clone)]
pub enum Actor {
    /// An administrator, signed in.
    Admin(UserName),
    /// An application.
    Key(ApiKey),
}

/// Who signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An administrator.
    Admin,
    /// A user.
    User,
}

#[derive(Deserialize)]
struct Claims {
    username: String,
    role: String,
}

impl Actor {
    /// How the audit names them.
    pub fn name(&self) -> String {
        match self {
            Self::Admin(name) => name.as_str().to_owned(),
            Self::Key(key) => format!("key {}", key.id),
        }
    }

    /// This actor as a client of the use case.
    pub fn client(&self, origin: &Origin, claimed: Claimed) -> Client {
        match self {
            Self::Admin(name) => Client {
                group: STANDARD_GROUP.to_owned(),
                label: format!("admin {}", name.as_str()),
                address: claimed.device.address.or(origin.address),
                device: claimed.device,
                audience: Audience::Program,
                theme: claimed.theme,
                request_id: origin.request_id.clone(),
                request_key: None,
            },
            Self::Key(key) => caller::Caller::Key(key.clone()).client(origin, claimed),
        }
    }
}

/// The actor of a management call: an administrator's token, or a key with the scope.
pub async fn require(app: &App, origin: &Origin, headers: &HeaderMap, scope: Scope) -> Result<Actor, Failure> {
    if let Some(text) = caller::presented_key(headers) {
        return Ok(Actor::Key(caller::find_key(app, origin, &text, scope)?));
    }
    let token = headers.get("pi-authorization").or_else(|| headers.get("authorization"));
    let Some(token) = token else {
        return Err(Failure::unauthorized(4033, "Authentication failure. Missing Authorization header."));
    };
    let text = token.to_str().unwrap_or_default();
    let (name, role) = verify(app, text.strip_prefix("Bearer ").unwrap_or(text))?;
    if role != Role::Admin {
        let message = "Authentication failure. You do not have the necessary role (['admin']) to access this resource!";
        return Err(Failure::unauthorized(4306, message));
    }
    // An administrator who was removed, disabled or demoted since is none.
    match app.store.find_admin(&name).await {
        Ok(Some(admin)) if admin.is_acting_root() => Ok(Actor::Admin(name)),
        Ok(_) => Err(undecodable()),
        Err(error) => {
            tracing::error!(error = %Chain(&error), "an administrator could not be looked up");
            Err(busy())
        }
    }
}

/// A token for somebody who has just signed in. Its payload holds nothing but plain ASCII, and the
/// nonce is drawn again until its base64 has neither `-` nor `_`: some clients decode it with the
/// other alphabet.
pub fn issue(app: &App, name: &str, realm: &str, role: Role) -> Result<Secret, Failure> {
    for _ in 0..NONCE_DRAWS {
        let nonce: [u8; 20] = random::bytes(&*app.random).map_err(|_| busy())?;
        let payload = payload(name, realm, role, nonce, app.now());
        let encoded = URL_SAFE_NO_PAD.encode(payload);
        if !encoded.contains(['-', '_']) {
            return sign(&app.keys, &encoded);
        }
    }
    Err(busy())
}

fn payload(name: &str, realm: &str, role: Role, nonce: [u8; 20], now: Timestamp) -> String {
    let nonce = hex::encode(&nonce);
    let claims = json!({
        "username": name,
        "realm": realm,
        "nonce": nonce,
        "role": role_name(role),
        "authtype": "password",
        "exp": now.seconds() + LIFETIME_SECONDS,
    });
    escape_to_ascii(&claims.to_string())
}

/// Characters beyond ASCII, and the three whose sextets may be 62 or 63, as `\u` and four digits.
fn escape_to_ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'>' | b'?' | b'~') => escaped.push(char::from(byte)),
            _ => {
                escaped.push_str("\\u");
                escaped.push_str(&hex::encode(&unit.to_be_bytes()));
            }
        }
    }
    escaped
}

fn sign(keys: &Keys, payload: &str) -> Result<Secret, Failure> {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{payload}");
    let key = EncodingKey::from_secret(keys.token.expose());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).map_err(|_| busy())?;
    Ok(Secret::new(format!("{message}.{signature}")))
}

// tidy: not a secret, because it is what the caller sent, borrowed from the headers
fn verify(app: &App, token: &str) -> Result<(UserName, Role), Failure> {
    let mut validation = Validation::new(Algorithm::HS256);
    // Our own clock judges, below: one clock for the whole product.
    validation.validate_exp = false;
    validation.required_spec_claims.insert("exp".to_owned());
    let key = DecodingKey::from_secret(app.keys.token.expose());
    let data = jsonwebtoken::decode::<WithExpiry>(token, &key, &validation).map_err(|_| undecodable())?;
    if app.now().seconds() >= data.claims.exp {
        return Err(Failure::unauthorized(
            4305,
            "Authentication failure. Your token has expired: Signature has expired",
        ));
    }
    let role = match data.claims.claims.role.as_str() {
        "admin" => Role::Admin,
        "user" => Role::User,
        _ => return Err(undecodable()),
    };
    Ok((UserName::parse(&data.claims.claims.username).map_err(|_| undecodable())?, role))
}

#[derive(Deserialize)]
struct WithExpiry {
    exp: i64,
    #[serde(flatten)]
    claims: Claims,
}

fn undecodable() -> Failure {
    Failure::unauthorized(4304, "Authentication failure. Error during decoding your token.")
}

/// The name of a role on the wire.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::User => "user",
    }
}

/// An hour.
const LIFETIME_SECONDS: i64 = 3600;
/// About one payload in two is clean at the first draw when the names allow it.
const NONCE_DRAWS: usize = 64;
