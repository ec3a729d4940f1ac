//! CHAP (RFC 1994, RFC 2865 2.2 and 5.3): a response that follows from a password and a challenge. It can be
//! held against a guess, and tells nothing else.

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

use crate::attribute;
use crate::packet::Packet;

/// What a request brings instead of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chap {
    id: u8,
    response: [u8; 16],
    challenge: Vec<u8>,
}

impl Chap {
    /// Reads a request; none where it is no CHAP, or not the seventeen octets that CHAP has.
    pub fn read(request: &Packet) -> Option<Self> {
        let value = <&[u8; 17]>::try_from(request.find(attribute::CHAP_PASSWORD)?).ok()?;
        let [id, response @ ..] = *value;
        // Without a challenge of its own the Request Authenticator is it.
        let challenge = request.find(attribute::CHAP_CHALLENGE).unwrap_or(&request.authenticator).to_vec();
        Some(Self { id, response, challenge })
    }

    /// Whether this password was used.
    pub fn fits(&self, clear: &[u8]) -> bool {
        let md5 = Md5::new().chain_update([self.id]).chain_update(clear).chain_update(&self.challenge);
        let expected: [u8; 16] = md5.finalize().into();
        expected.ct_eq(&self.response).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Packet {
        let length = u8::try_from(20 + attributes.len()).expect("short");
        Packet::parse(&[&[1, 7, 0, length][..], &[9; 16], attributes].concat()).expect("a packet")
    }

    fn response(challenge: &[u8]) -> Vec<u8> {
        let md5 = Md5::digest([&[5][..], b"secret", challenge].concat());
        [&[3, 19, 5][..], &md5].concat()
    }

    #[test]
    fn the_challenge_is_an_attribute_or_the_authenticator() {
        let own = [response(b"challenge"), [&[60, 11][..], b"challenge"].concat()].concat();
        for attributes in [response(&[9; 16]), own] {
            let chap = Chap::read(&request(&attributes)).expect("CHAP");
            assert!(chap.fits(b"secret") && !chap.fits(b"Secret") && !chap.fits(b""));
        }
    }

    #[test]
    fn another_length_is_no_chap() {
        for length in [0, 1, 16, 18] {
            let attributes = [&[3, 2 + length][..], &vec![1; usize::from(length)]].concat();
            assert_eq!(Chap::read(&request(&attributes)), None, "{length}");
        }
    }
}
