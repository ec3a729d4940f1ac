//! Tokens of sessions: 256 random bits that nobody can guess. Only a hash is stored, so a stolen database
//! opens nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::random::{self, NoRandomness, Random};
use domain::secret::Secret;
use sha2::{Digest, Sha256};

/// A token that there was never before.
pub(crate) fn fresh(random: &dyn Random) -> Result<Secret, NoRandomness> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random::bytes::<32>(random)?)))
}

/// What is stored of a token. It is long and random, so a plain hash is enough.
pub(crate) fn hash(token: &Secret) -> [u8; 32] {
    Sha256::digest(token.expose()).into()
}
