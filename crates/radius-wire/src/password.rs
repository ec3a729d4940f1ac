//! User-Password: hidden by a stream of MD5 over secret and Request Authenticator, RFC 2865 5.2.
//!
//! That keeps a password from a passer-by and from nobody else: whoever records packets can try
//! secrets at home.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use crate::packet::Authenticator;

/// Octets of the longest password.
pub const MOST_OCTETS: usize = 128;

/// Hides a password of at most 128 octets; longer ones are nothing that RADIUS can carry.
pub fn hide(clear: &[u8], shared: &[u8], authenticator: &Authenticator) -> Option<Vec<u8>> {
    if clear.len() > MOST_OCTETS {
        return None;
    }
    let mut padded = Zeroizing::new(clear.to_vec());
    padded.resize(clear.len().next_multiple_of(BLOCK).max(BLOCK), 0);
    let (mut hidden, mut before) = (Vec::with_capacity(padded.len()), *authenticator);
    for block in padded.as_chunks::<BLOCK>().0 {
        before = xor(block, &key(shared, &before));
        hidden.extend(before);
    }
    Some(hidden)
}

/// The password, without the zeros it was padded with. A wrong secret gives noise.
pub fn unhide(hidden: &[u8], shared: &[u8], authenticator: &Authenticator) -> Zeroizing<Vec<u8>> {
    let mut clear = Zeroizing::new(Vec::with_capacity(hidden.len()));
    let mut before = *authenticator;
    for block in hidden.as_chunks::<BLOCK>().0 {
        clear.extend(Zeroizing::new(xor(block, &key(shared, &before))).iter());
        before = *block;
    }
    let end = clear.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
    clear.truncate(end);
    clear
}

fn key(shared: &[u8], before: &[u8; BLOCK]) -> Zeroizing<[u8; BLOCK]> {
    Zeroizing::new(Md5::new().chain_update(shared).chain_update(before).finalize().into())
}

fn xor(one: &[u8; BLOCK], other: &[u8; BLOCK]) -> [u8; BLOCK] {
    let mut mixed = *one;
    for (octet, with) in mixed.iter_mut().zip(other) {
        *octet ^= with;
    }
    mixed
}

const BLOCK: usize = 16;
