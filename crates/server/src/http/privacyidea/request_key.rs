//! What a client names a request by: the header `Idempotency-Key`, or a `nonce` long enough to be one.

use axum::http::HeaderMap;
use domain::request_key::RequestKey;

use super::envelope::Failure;
use super::params::Params;

/// Reads it, if there is one. A header that cannot be a key is bad input: to ignore it would mail twice.
pub(super) fn read(headers: &HeaderMap, params: &Params) -> Result<Option<RequestKey>, Failure> {
    let mut given = headers.get_all(HEADER).iter();
    let nonce = || params.text("nonce").filter(|nonce| nonce.len() >= LEAST_NONCE);
    let Some(key) = given.next() else {
        return Ok(nonce().map(|nonce| RequestKey::new("nonce", nonce.as_bytes())));
    };
    let (key, others) = (key.as_bytes(), given.count());
    let is_key = (1..=MOST_OCTETS).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic);
    if !is_key || others > 0 {
        let reason =
            format!("The header Idempotency-Key must be given once, with 1 to {MOST_OCTETS} visible ASCII characters");
        return Err(Failure::parameter(reason));
    }
    Ok(Some(RequestKey::new("key", key)))
}

const HEADER: &str = "idempotency-key";
const MOST_OCTETS: usize = 255;
/// Shorter ones may be numbers that a client uses again.
const LEAST_NONCE: usize = 16;
