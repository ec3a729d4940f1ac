//! Keys of an encrypted tunnel, as they follow from MS-CHAPv2 (RFC 3079 3) and travel to the client that
//! ends it (RFC 2548 2.4.2).

use md5::{Digest, Md5};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::packet::Authenticator;

/// One key for each direction, as the client that ends the tunnel sees them.
pub struct Keys {
    /// For what it sends.
    pub send: Key,
    /// For what it receives.
    pub recv: Key,
}

/// A key of 128 bits.
pub type Key = Zeroizing<[u8; 16]>;

impl Keys {
    /// From the hash of the hash of the password, and the response.
    pub(crate) fn derive(hash_of_hash: &[u8; 16], response: &[u8; 24]) -> Self {
        let sha = Sha1::new().chain_update(hash_of_hash).chain_update(response).chain_update(MASTER);
        let master = cut(sha);
        Self { send: start(&master, FROM_SERVER), recv: start(&master, FROM_CLIENT) }
    }
}

/// Hides a key in a reply. No two keys in one packet may have the same salt; its highest bit is set here.
pub fn hide(key: &Key, shared: &[u8], request: &Authenticator, salt: u16) -> Vec<u8> {
    let salt = (salt | 0x8000).to_be_bytes();
    let mut clear = Zeroizing::new(vec![16]);
    clear.extend(key.iter());
    clear.resize(32, 0);
    let mut hidden = salt.to_vec();
    let mut before = Md5::new().chain_update(shared).chain_update(request).chain_update(salt);
    for block in clear.as_chunks::<16>().0 {
        let mut mixed: [u8; 16] = before.finalize().into();
        for (octet, with) in mixed.iter_mut().zip(block) {
            *octet ^= with;
        }
        hidden.extend(mixed);
        before = Md5::new().chain_update(shared).chain_update(mixed);
    }
    hidden
}

/// RFC 3079 3.4, for 128 bits.
fn start(master: &Key, direction: &[u8]) -> Key {
    let sha = Sha1::new().chain_update(**master).chain_update([0; 40]);
    cut(sha.chain_update(direction).chain_update([0xf2; 40]))
}

fn cut(sha: Sha1) -> Key {
    let whole = Zeroizing::new(<[u8; 20]>::from(sha.finalize()));
    Zeroizing::new(*whole.first_chunk::<16>().unwrap_or(&[0; 16]))
}

const MASTER: &[u8] = b"This is the MPPE Master Key";
const FROM_CLIENT: &[u8] = b"On the client side, this is the send key; on the server side, it is the receive key.";
const FROM_SERVER: &[u8] = b"On the client side, this is the receive key; on the server side, it is the send key.";

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    /// RFC 3079 3.5.3.
    #[test]
    fn the_keys_of_the_standard_follow_from_its_password() {
        let hash_of_hash = hex("41C00C584BD2D91C4017A2A12FA59F3F").try_into().expect("16");
        let response = hex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF").try_into().expect("24");
        let keys = Keys::derive(&hash_of_hash, &response);
        assert_eq!(keys.send.to_vec(), hex("8B7CDC149B993A1BA118CB153F56DCCB"));
        assert_ne!(keys.send, keys.recv);
    }

    /// Taken apart as a client does it.
    #[test]
    fn a_hidden_key_comes_out_again() {
        let (key, shared, request) = (Zeroizing::new([7; 16]), b"a shared secret", [3; 16]);
        let hidden = hide(&key, shared, &request, 0x0123);
        assert_eq!((hidden.len(), &hidden[..2]), (34, &[0x81, 0x23][..]));
        let first = Md5::digest([&shared[..], &request, &hidden[..2]].concat());
        let second = Md5::digest([&shared[..], &hidden[2..18]].concat());
        let clear: Vec<u8> = hidden[2..].iter().zip(first.iter().chain(&second)).map(|(a, b)| a ^ b).collect();
        assert_eq!(clear, [&[16][..], &[7; 16], &[0; 15]].concat());
    }
}
