//! MS-CHAPv2 (RFC 2759, carried as RFC 2548 2.3 says): the response to a challenge of either side, and
//! what the server says in return to show that it knows the password too.

use std::fmt::Write as _;

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use md4::Md4;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::attribute;
use crate::microsoft::{self, VENDOR};
use crate::mppe::Keys;
use crate::packet::Packet;

/// What a request brings instead of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsChap2 {
    ident: u8,
    peer: [u8; 16],
    response: [u8; 24],
    server: [u8; 16],
    /// The names that may have been part of the response: without the domain in front, as the standard has it,
    /// and as it stands in the packet.
    names: [Vec<u8>; 2],
}

/// What follows from the right password.
pub struct Proven {
    /// The value of MS-CHAP2-Success.
    pub success: Vec<u8>,
    /// The keys of the tunnel.
    pub keys: Keys,
}

impl MsChap2 {
    /// Reads a request; none where it is no MS-CHAPv2, or its parts do not have their lengths.
    pub fn read(request: &Packet) -> Option<Self> {
        let sent = request.find_of_vendor(VENDOR, microsoft::MS_CHAP2_RESPONSE)?;
        let server = request.find_of_vendor(VENDOR, microsoft::MS_CHAP_CHALLENGE)?.try_into().ok()?;
        let ([ident, _flags], rest) = sent.split_first_chunk::<2>()?;
        let (peer, rest) = rest.split_first_chunk::<16>()?;
        let (_reserved, response) = rest.split_first_chunk::<8>()?;
        let name = request.find(attribute::USER_NAME).unwrap_or_default();
        let bare = name.iter().position(|octet| *octet == b'\\').and_then(|at| name.get(at + 1..)).unwrap_or(name);
        let names = [bare.to_vec(), name.to_vec()];
        Some(Self { ident: *ident, peer: *peer, response: response.try_into().ok()?, server, names })
    }

    /// What follows from this password; none if another one was used.
    pub fn prove(&self, clear: &str) -> Option<Proven> {
        let hash = nt_hash(clear);
        let challenge = self.names.iter().map(|name| self.challenge(name)).find(|challenge| {
            let expected = Zeroizing::new(respond(&hash, *challenge));
            expected.ct_eq(&self.response).into()
        })?;
        let twice: Zeroizing<[u8; 16]> = Zeroizing::new(Md4::digest(*hash).into());
        let authenticator = self.authenticator(&twice, challenge);
        let text = format!("S={}", upper_hex(&authenticator));
        let success = [&[self.ident][..], text.as_bytes()].concat();
        Some(Proven { success, keys: Keys::derive(&twice, &self.response) })
    }

    /// The value of MS-CHAP-Error: wrong name or password, and no second try at this challenge.
    pub fn error(&self, next_challenge: &[u8; 16], message: &str) -> Vec<u8> {
        let text = format!("E=691 R=0 C={} V=3 M={message}", upper_hex(next_challenge));
        [&[self.ident][..], text.as_bytes()].concat()
    }

    /// RFC 2759 8.2.
    fn challenge(&self, name: &[u8]) -> [u8; 8] {
        let sha: [u8; 20] =
            Sha1::new().chain_update(self.peer).chain_update(self.server).chain_update(name).finalize().into();
        *sha.first_chunk::<8>().unwrap_or(&[0; 8])
    }

    /// RFC 2759 8.7.
    fn authenticator(&self, hash_of_hash: &[u8; 16], challenge: [u8; 8]) -> [u8; 20] {
        let first = Sha1::new().chain_update(hash_of_hash).chain_update(self.response).chain_update(TO_CLIENT);
        let first = Zeroizing::new(<[u8; 20]>::from(first.finalize()));
        Sha1::new().chain_update(*first).chain_update(challenge).chain_update(MORE_THAN_ONCE).finalize().into()
    }
}

/// RFC 2759 8.3.
fn nt_hash(clear: &str) -> Zeroizing<[u8; 16]> {
    let wide: Zeroizing<Vec<u8>> = Zeroizing::new(clear.encode_utf16().flat_map(u16::to_le_bytes).collect());
    Zeroizing::new(Md4::digest(&*wide).into())
}

/// RFC 2759 8.5: the challenge under three keys that the hash is cut into, padded with zeros.
fn respond(hash: &[u8; 16], challenge: [u8; 8]) -> [u8; 24] {
    let mut padded = Zeroizing::new([0; 21]);
    for (to, from) in padded.iter_mut().zip(hash) {
        *to = *from;
    }
    let mut response = [0; 24];
    for (block, key) in response.as_chunks_mut::<8>().0.iter_mut().zip(padded.as_chunks::<7>().0) {
        let cipher = Des::new(&with_parity(*key).into());
        let mut encrypted = challenge.into();
        cipher.encrypt_block(&mut encrypted);
        *block = encrypted.into();
    }
    response
}

/// Seven octets spread over eight, of which DES does not look at the lowest bit.
fn with_parity(key: [u8; 7]) -> [u8; 8] {
    let bits = key.iter().fold(0_u64, |bits, octet| (bits << 8) | u64::from(*octet));
    let mut spread = [0; 8];
    for (number, octet) in (0_u32..).zip(&mut spread) {
        let seven = (bits >> (49 - 7 * number)) & 0x7f;
        *octet = u8::try_from(seven << 1).unwrap_or_default();
    }
    spread
}

fn upper_hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02X}");
        text
    })
}

const TO_CLIENT: &[u8] = b"Magic server to client signing constant";
const MORE_THAN_ONCE: &[u8] = b"Pad to make it do more than one iteration";

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2759 9.2, and for the name in front of it what Windows sends.
    fn sample(user: &[u8]) -> MsChap2 {
        let response: [u8; 24] = hex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF").try_into().expect("24");
        let value = [&[7, 0][..], &hex("21402324255E262A28295F2B3A337C7E"), &[0; 8], &response].concat();
        let own = [vendor(25, &value), vendor(11, &hex("5B5D7C7D7B3F2F3E3C2C602132262628"))].concat();
        let name = [&[1, u8::try_from(user.len() + 2).expect("short")][..], user].concat();
        let attributes = [name, own].concat();
        let length = u8::try_from(20 + attributes.len()).expect("short");
        let octets = [&[1, 1, 0, length][..], &[0; 16], &attributes].concat();
        MsChap2::read(&Packet::parse(&octets).expect("a packet")).expect("MS-CHAPv2")
    }

    fn vendor(kind: u8, value: &[u8]) -> Vec<u8> {
        let length = u8::try_from(value.len()).expect("short");
        [&[26, length + 8, 0, 0, 1, 55, kind, length + 2][..], value].concat()
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    #[test]
    fn the_steps_of_the_standard_give_its_values() {
        let sample = sample(b"User");
        let hash = nt_hash("clientPass");
        assert_eq!(hash.to_vec(), hex("44EBBA8D5312B8D611474411F56989AE"));
        let twice: [u8; 16] = Md4::digest(*hash).into();
        assert_eq!(twice.to_vec(), hex("41C00C584BD2D91C4017A2A12FA59F3F"));
        assert_eq!(sample.challenge(b"User").to_vec(), hex("D02E4386BCE91226"));
        assert_eq!(respond(&hash, sample.challenge(b"User")), sample.response);
    }

    #[test]
    fn the_sample_of_the_standard_is_proven_by_its_password_alone() {
        for name in [&b"User"[..], b"DOMAIN\\User"] {
            let proven = sample(name).prove("clientPass").expect("right");
            assert_eq!(proven.success, b"\x07S=407A5589115FD0D6209F510FE9C04566932CDA56");
            assert!(sample(name).prove("clientpass").is_none());
        }
        assert!(sample(b"user").prove("clientPass").is_none(), "the name is part of it");
    }

    #[test]
    fn keys_are_spread_over_eight_octets() {
        assert_eq!(with_parity([0xff; 7]), [0xfe; 8]);
        assert_eq!(with_parity([0x80, 0, 0, 0, 0, 0, 1]), [0x80, 0, 0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn an_error_says_what_windows_understands() {
        let error = sample(b"User").error(&[0xab; 16], "no");
        let expected = format!("\x07E=691 R=0 C={} V=3 M=no", "AB".repeat(16));
        assert_eq!(error, expected.as_bytes());
    }
}
