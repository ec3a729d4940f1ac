//! Who knows the secret: Message-Authenticator (RFC 3579 3.2) and Response Authenticator (RFC 2865 3).

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};

use crate::attribute;
use crate::packet::{Authenticator, Code, HEADER_OCTETS, Packet};

/// What the Message-Authenticator of a request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// There is none.
    Absent,
    /// Both sides know the same secret, and nothing was changed on the way.
    Good,
    /// The secrets differ, or somebody changed the packet.
    Wrong,
}

/// Judges the Message-Authenticator of a request, in constant time: HMAC-MD5 over the packet with the
/// field zeroed.
pub fn check(request: &Packet, shared: &[u8]) -> Signature {
    let Some(claimed) = request.find(attribute::MESSAGE_AUTHENTICATOR) else {
        return Signature::Absent;
    };
    let Some((before, after)) = around_signature(request.octets()) else {
        return Signature::Wrong;
    };
    let mac = hmac(shared).chain_update(before).chain_update([0; 16]).chain_update(after);
    if mac.verify_slice(claimed).is_ok() { Signature::Good } else { Signature::Wrong }
}

/// The Message-Authenticator of a reply whose own one, still zero, is its first attribute, and whose
/// header holds the Request Authenticator.
pub(crate) fn sign(unsigned: &[u8], shared: &[u8]) -> [u8; 16] {
    hmac(shared).chain_update(unsigned).finalize().into_bytes().into()
}

/// MD5 over code, id, length, Request Authenticator, attributes and secret.
pub(crate) fn response_authenticator(with_request: &[u8], shared: &[u8]) -> Authenticator {
    Md5::new().chain_update(with_request).chain_update(shared).finalize().into()
}

/// Whether a reply belongs to a request and comes from who knows the secret: both its authenticators
/// are right.
pub fn check_reply(reply: &Packet, request: &Authenticator, shared: &[u8]) -> Signature {
    let octets = reply.octets();
    let (Some(start), Some(attributes)) = (octets.get(..4), octets.get(HEADER_OCTETS..)) else {
        return Signature::Wrong;
    };
    let md5 = Md5::new().chain_update(start).chain_update(request).chain_update(attributes).chain_update(shared);
    let expected: Authenticator = md5.finalize().into();
    if expected != reply.authenticator || matches!(reply.code, Code::AccessRequest | Code::StatusServer) {
        return Signature::Wrong;
    }
    let as_signed = [start, request, attributes].concat();
    Packet::parse(&as_signed).map_or(Signature::Wrong, |as_signed| check(&as_signed, shared))
}

/// The octets before and after the sixteen of the Message-Authenticator.
fn around_signature(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = HEADER_OCTETS;
    loop {
        let (kind, value, _) = attribute::split_first(octets.get(at..)?)?;
        if kind == attribute::MESSAGE_AUTHENTICATOR {
            return Some((octets.get(..at + 2)?, octets.get(at + 2 + value.len()..)?));
        }
        at += 2 + value.len();
    }
}

#[expect(clippy::unreachable, reason = "HMAC takes keys of any length")]
fn hmac(shared: &[u8]) -> Hmac<Md5> {
    match Hmac::<Md5>::new_from_slice(shared) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}
