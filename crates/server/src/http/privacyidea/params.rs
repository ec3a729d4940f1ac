//! Parameters, from wherever a client puts them: query, form, multipart, JSON. Parsed once.
//!
//! Some clients encode their values twice. Which ones is known by their `User-Agent`.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use domain::secret::Secret;

use super::envelope::Failure;

/// The parameters of one request. No `Debug`: a PIN is among them.
pub struct Params(BTreeMap<String, Secret>);

/// What has to be undone once more after the normal decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExtraLayer {
    /// `%41` is A, `+` is a blank.
    Form,
    /// Nothing.
    None,
    /// `%41` is A, `+` stays.
    Percent,
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let layer = extra_layer(request.headers());
        let mut params = from_query(request.uri(), layer)?;
        for (name, value) in from_body(request, state, layer).await? {
            // Where query and body disagree, the query wins.
            params.entry(name).or_insert(value);
        }
        Ok(Self(params))
    }
}

impl Params {
    /// A parameter that is no secret; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose).filter(|value| !value.is_empty())
    }

    /// A parameter that was sent, even if empty.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose)
    }

    /// A parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::missing(name))
    }

    /// A PIN, password or code. An empty one is a value; an over-long one is refused before
    /// anything is computed from it.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, Failure> {
        let Some(secret) = self.0.get(name) else {
            return Ok(None);
        };
        if secret.expose().len() > MOST_SECRET_OCTETS {
            return Err(Failure::parameter(format!("'{name}' is longer than {MOST_SECRET_OCTETS} bytes")));
        }
        Ok(Some(secret.clone()))
    }

    /// A truth value; absent and empty are no.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(crate::settings::is_true)
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Failure> {
        let read = |text: &str| {
            text.trim().parse().map_err(|_| Failure::parameter(format!("'{name}' must be a whole number")))
        };
        self.text(name).map(read).transpose()
    }

    /// All names and values that are no secrets to the handler, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.expose()))
    }
}

fn from_query(uri: &Uri, layer: ExtraLayer) -> Result<BTreeMap<String, Secret>, Failure> {
    from_form(uri.query().unwrap_or_default().as_bytes(), layer)
}

async fn from_body<S: Send + Sync>(
    request: Request,
    state: &S,
    layer: ExtraLayer,
) -> Result<BTreeMap<String, Secret>, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "multipart/form-data" {
        return from_multipart(request, state).await;
    }
    let body = Bytes::from_request(request, state).await.map_err(|rejection| unreadable(rejection.status()))?;
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if kind.ends_with("json") || (first == Some(&b'{') && kind != "application/x-www-form-urlencoded") {
        return from_json(&body);
    }
    from_form(&body, layer)
}

async fn from_multipart<S: Send + Sync>(request: Request, state: &S) -> Result<BTreeMap<String, Secret>, Failure> {
    let mut multipart = Multipart::from_request(request, state).await.map_err(|error| unreadable(error.status()))?;
    let mut params = BTreeMap::new();
    while let Some(field) = multipart.next_field().await.map_err(|error| unreadable(error.status()))? {
        let Some(name) = field.name().map(str::to_owned) else {
            continue;
        };
        let value = field.text().await.map_err(|error| unreadable(error.status()))?;
        add(&mut params, name, value)?;
    }
    Ok(params)
}

/// A body that ended early, is broken, or is longer than one may be.
pub(super) fn unreadable(status: StatusCode) -> Failure {
    let reason = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "The body is longer than limits.body_bytes allows; nothing was changed",
        _ => "The body could not be read",
    };
    Failure::parameter(reason).with_status(status)
}

fn from_json(body: &[u8]) -> Result<BTreeMap<String, Secret>, Failure> {
    let object: Object = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::parameter(format!("The JSON body could not be read: line {line}, column {column}"))
    })?;
    let mut params = BTreeMap::new();
    for (name, value) in object.0 {
        let text = match value {
            serde_json::Value::Bool(truth) => if truth { "1" } else { "0" }.to_owned(),
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::String(text) => text,
            serde_json::Value::Array(items) => join(&items),
            // An object has no meaning here; null is "not given".
            serde_json::Value::Null | serde_json::Value::Object(_) => continue,
        };
        add(&mut params, name, text)?;
    }
    Ok(params)
}

/// A JSON object as a list of its members, so that a repeated name is seen and not lost.
struct Object(Vec<(String, serde_json::Value)>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Lists travel as text with commas between, as the interface writes them elsewhere.
fn join(items: &[serde_json::Value]) -> String {
    let texts = items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
    texts.collect::<Vec<_>>().join(",")
}

fn from_form(body: &[u8], layer: ExtraLayer) -> Result<BTreeMap<String, Secret>, Failure> {
    let mut params = BTreeMap::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len()));
        let value = value.get(1..).unwrap_or_default();
        let (name, value) = (decode(name, true)?, decode(value, true)?);
        let value = match layer {
            ExtraLayer::Form => decode(value.as_bytes(), true)?,
            ExtraLayer::None => value,
            ExtraLayer::Percent => decode(value.as_bytes(), false)?,
        };
        add(&mut params, name, value)?;
    }
    Ok(params)
}

/// Undoes percent-encoding; a `%` without two hexadecimal digits stands for itself.
fn decode(encoded: &[u8], plus_is_blank: bool) -> Result<String, Failure> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let hex = if *first == b'%' { after.first_chunk::<2>().copied().and_then(hex_byte) } else { None };
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None if *first == b'+' && plus_is_blank => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_err(|_| Failure::parameter("A parameter is not valid UTF-8"))
}

fn hex_byte(pair: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let [high, low] = pair;
    Some(digit(high)? << 4 | digit(low)?)
}

fn add(params: &mut BTreeMap<String, Secret>, name: String, value: String) -> Result<(), Failure> {
    if params.len() >= MOST_PARAMS {
        return Err(Failure::parameter(format!("More than {MOST_PARAMS} parameters")));
    }
    if value.len() > MOST_VALUE_OCTETS {
        return Err(Failure::parameter(format!("'{}' is longer than {MOST_VALUE_OCTETS} bytes", short(&name))));
    }
    if params.contains_key(&name) {
        return Err(Failure::parameter(format!("Parameter '{}' was given more than once", short(&name))));
    }
    params.insert(name, Secret::new(value));
    Ok(())
}

/// A name as an error may show it.
fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn extra_layer(headers: &HeaderMap) -> ExtraLayer {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = agent.chars().take_while(|c| is_name(*c)).collect::<String>().to_ascii_lowercase();
    match name.as_str() {
        "entraid-via-keycloak" | "privacyidea-keycloak" | "privacyidea-shibboleth" => ExtraLayer::Form,
        "curl"
        | "lua-resty-http"
        | "otpost"
        | "pam"
        | "privacyidea-adfs"
        | "privacyidea-cp"
        | "privacyidea-ldap-proxy"
        | "privacyidea-nextcloud"
        | "simplesamlphp" => ExtraLayer::None,
        _ => ExtraLayer::Percent,
    }
}

/// Longest PIN, password or code.
const MOST_SECRET_OCTETS: usize = 256;
const MOST_VALUE_OCTETS: usize = 8192;
const MOST_PARAMS: usize = 100;

#[cfg(test)]
#[path = "params/tests.rs"]
mod tests;
